"""Times steps of a language model's training in PyTorch: the same computation as `retort bench tune-step`.

A GGUF model in transformers, float32; the loss is the mean cross-entropy of every token but the first. A step is forward, backward and AdamW over every weight. Token ids are
those of `retort bench` (random_ids.py), a new batch each step, without padding; "losses" holds those of the first steps,
"peak_rss_mb" this process's greatest memory in MB (2^20 bytes).
"""

import argparse
import json
import resource
import time
from pathlib import Path

import numpy as np
import torch
from gguf_teacher import load
from random_ids import RandomIds

TOLD = 3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="GGUF file")
    parser.add_argument("--batch", type=int, default=12, help="texts (default 12)")
    parser.add_argument("--length", type=int, default=160, help="tokens of a text (default 160)")
    parser.add_argument("--threads", type=int, default=2, help="default 2")
    parser.add_argument("--runs", type=int, default=3, help="timed steps (default 3)")
    parser.add_argument("--warm-up", type=int, default=1, help="untimed steps before them (default 1)")
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    arguments = parser.parse_args()

    model, _ = load(arguments.model, arguments.threads)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=arguments.learning_rate, weight_decay=0.01, fused=True)
    random = RandomIds(model.config.vocab_size)
    times, losses = [], []
    for step in range(-arguments.warm_up, arguments.runs):
        ids = torch.from_numpy(random.batch(arguments.batch, arguments.length))
        start = time.perf_counter_ns()
        loss = model(input_ids=ids, labels=ids).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step >= 0:
            times.append((time.perf_counter_ns() - start) / 1e6)

    median = float(np.median(times))
    print(json.dumps({
        "tokens_per_s": round(1e3 * arguments.batch * arguments.length / median, 1), "median_ms": round(median, 1),
        "min_ms": round(min(times), 1), "runs": len(times), "batch": arguments.batch, "length": arguments.length,
        "threads": arguments.threads, "version": torch.__version__, "losses": losses[:TOLD],
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


if __name__ == "__main__":
    main()
