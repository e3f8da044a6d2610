"""Times transformers on PyTorch (float32) at the work of `retort bench generate` and `retort bench score`, on the same random ids.

generate: greedy, --batch prompts of --prompt ids, --tokens generated for each, from the prompts' first token to the last.
score: log P of --candidates candidates of --tokens ids after each of --contexts contexts, every pair computed whole, a context's pairs in
one batch, logits for the candidates alone.
"""

import argparse
import json
import time

import numpy as np
import torch
from gguf_teacher import load
from random_ids import RandomIds


def generate_call(model, arguments):
    ids = torch.from_numpy(RandomIds(model.config.vocab_size).batch(arguments.batch, arguments.prompt))
    mask = torch.ones_like(ids)
    model.generation_config.eos_token_id = None
    model.generation_config.pad_token_id = 0

    def call(tokens):
        found = model.generate(ids, attention_mask=mask, do_sample=False, max_new_tokens=tokens)
        assert found.shape[1] == arguments.prompt + tokens

    return call


def score_call(model, arguments):
    ids = RandomIds(model.config.vocab_size)
    batches = []
    for _ in range(arguments.contexts):
        context = ids.batch(1, arguments.prompt).repeat(arguments.candidates, 0)
        batches.append(torch.from_numpy(np.hstack([context, ids.batch(arguments.candidates, arguments.tokens)])))

    def call():
        total = 0.0
        for batch in batches:
            logits = model(batch, logits_to_keep=arguments.tokens + 1).logits[:, :-1]
            targets = batch[:, -arguments.tokens:, None]
            total += logits.log_softmax(-1).gather(-1, targets).double().sum().item()
        return total / (arguments.contexts * arguments.candidates * arguments.tokens)

    return call


def timed(call, runs, warm_up):
    times, result = [], None
    for run in range(-warm_up, runs):
        start = time.perf_counter_ns()
        result = call()
        if run >= 0:
            times.append((time.perf_counter_ns() - start) / 1e6)
    return float(np.median(times)), float(min(times)), result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=["generate", "score"])
    parser.add_argument("--model", required=True, help="GGUF file")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--contexts", type=int, default=8)
    parser.add_argument("--candidates", type=int, default=10)
    parser.add_argument("--prompt", type=int, default=64)
    parser.add_argument("--tokens", type=int, help="default 64, or 16 of a candidate")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--warm-up", type=int, default=1)
    arguments = parser.parse_args()
    arguments.tokens = arguments.tokens or (64 if arguments.work == "generate" else 16)
    model, _ = load(arguments.model, arguments.threads)
    report = {"version": f"torch {torch.__version__}"}
    with torch.inference_mode():
        if arguments.work == "generate":
            call = generate_call(model, arguments)
            prompt, _, _ = timed(lambda: call(1), arguments.runs, arguments.warm_up)
            median, least, _ = timed(lambda: call(arguments.tokens), arguments.runs, arguments.warm_up)
            report |= {"tokens_per_s": 1e3 * arguments.batch * arguments.tokens / median, "prompt_ms": prompt}
        else:
            median, least, mean = timed(score_call(model, arguments), arguments.runs, arguments.warm_up)
            report |= {"candidates_per_s": 1e3 * arguments.contexts * arguments.candidates / median, "mean_logprob": mean}
    print(json.dumps(report | {"median_ms": median, "min_ms": least, "runs": arguments.runs}))


if __name__ == "__main__":
    main()
