"""Times training steps of PyTorch: the same computation as `retort bench train-step`.

BertModel in float32 from a sentence-transformers folder, mean pooling, vectors of length 1. The first half of a batch are
contexts, the second their replies; the loss is the cross-entropy of each context's reply among the batch's, of cosine x 20.
A step is forward, backward and AdamW over every weight. Token ids are those of `retort bench` (random_ids.py), a new batch
each step, without padding; dropout is off, so that losses can be compared: "losses" holds those of the first steps.
Memory is that of this process in MB (2^20 bytes): rss after step 10 and at the end, and the peak.
"""

import argparse
import json
import os
import resource
import time
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from transformers import BertModel

from random_ids import RandomIds

SETTLED = 10
TOLD = 5
SCALE = 20


def rss_mb():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


def peak_rss_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024  # Linux counts KB


class Trainer:
    def __init__(self, folder, learning_rate, fused):
        self.model = BertModel.from_pretrained(folder, add_pooling_layer=False, local_files_only=True,
                                               hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0).train()
        self.vocabulary = self.model.config.vocab_size
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=learning_rate, weight_decay=0.01, fused=fused)

    def step(self, ids):
        """One step; the loss before it."""
        hidden = self.model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        vectors = torch.nn.functional.normalize(hidden.mean(dim=1), dim=1)
        contexts, replies = vectors.chunk(2)
        scores = SCALE * contexts @ replies.T
        loss = torch.nn.functional.cross_entropy(scores, torch.arange(len(contexts)))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder with a BertModel, as from jar_model.py")
    parser.add_argument("--batch", type=int, default=32, help="texts, an even number (default 32)")
    parser.add_argument("--length", type=int, default=64, help="tokens of a text (default 64)")
    parser.add_argument("--threads", type=int, default=2, help="default 2")
    parser.add_argument("--runs", type=int, default=30, help="timed steps (default 30)")
    parser.add_argument("--warm-up", type=int, default=3, help="untimed steps before them (default 3)")
    parser.add_argument("--learning-rate", type=float, default=5e-5)
    parser.add_argument("--plain-adamw", action="store_true",
                        help="PyTorch's default AdamW instead of its fused one, which is the faster")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    trainer = Trainer(arguments.model, arguments.learning_rate, not arguments.plain_adamw)
    random = RandomIds(trainer.vocabulary)
    times, losses, settled = [], [], None
    for step in range(-arguments.warm_up, arguments.runs):
        ids = torch.from_numpy(random.batch(arguments.batch, arguments.length))
        start = time.perf_counter_ns()
        losses.append(trainer.step(ids))
        if step >= 0:
            times.append((time.perf_counter_ns() - start) / 1e6)
        if len(losses) == SETTLED:
            settled = rss_mb()

    median, p99 = np.percentile(times, [50, 99])
    print(json.dumps({
        "median_ms": round(float(median), 3), "min_ms": round(min(times), 3), "p99_ms": round(float(p99), 3),
        "runs": len(times), "batch": arguments.batch, "length": arguments.length, "threads": arguments.threads,
        "version": torch.__version__, "losses": losses[:TOLD], "steps": len(losses),
        "rss_mb_after_step_10": settled, "rss_mb": rss_mb(), "peak_rss_mb": peak_rss_mb()}))


if __name__ == "__main__":
    main()
