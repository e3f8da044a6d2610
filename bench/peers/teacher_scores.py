"""log P of the continuations of pairs by transformers in float32, one JSON object a line, as `retort lm score --json` prints them.

Consecutive pairs of one prompt go through the model together. What `lm_inputs.py` writes is read.
"""

import argparse
import json
from itertools import groupby
from pathlib import Path

import torch
from gguf import GGUFReader
from gguf_teacher import load


def begin(path):
    """The token that the file wants before every text, if any."""
    fields = GGUFReader(path).fields
    kind = fields["tokenizer.ggml.model"].contents()
    adds = fields["tokenizer.ggml.add_bos_token"].contents() if "tokenizer.ggml.add_bos_token" in fields else kind == "llama"
    return [fields["tokenizer.ggml.bos_token_id"].contents()] if adds else []


@torch.inference_mode()
def sums(model, prompt, continuations):
    longest = max(len(ids) for ids in continuations)
    batch = torch.tensor([prompt + ids + [0] * (longest - len(ids)) for ids in continuations])  # what follows changes nothing
    logs = model(batch, logits_to_keep=longest + 1).logits[:, :-1].log_softmax(-1)
    for row, ids in zip(logs, continuations):
        yield row[: len(ids)].gather(-1, torch.tensor(ids)[:, None]).double().sum().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="GGUF file")
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="pairs, JSON lines")
    parser.add_argument("--out", type=Path, required=True, help="folder; each file of pairs gets one of its name")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    model, tokenizer = load(arguments.model, arguments.threads)
    first = begin(arguments.model)
    for path in arguments.data:
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        with open(arguments.out / path.name, "w") as out:
            for prompt, pairs in groupby(lines, key=lambda pair: pair["prompt"]):
                encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
                continuations = [encode(pair["continuation"]) for pair in pairs]
                for ids, total in zip(continuations, sums(model, first + encode(prompt), continuations), strict=True):
                    print(json.dumps({"logprob": total, "tokens": len(ids)}), file=out, flush=True)


if __name__ == "__main__":
    main()
