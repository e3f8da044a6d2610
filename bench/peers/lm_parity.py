"""Compares what `retort lm` said of the files of lm_inputs.py with transformers.

`--scores`: output of `lm score --json` for pairs.jsonl; prints the largest difference of log P in nats a token.
`--greedy`, `--beam`: outputs of `lm complete --json` for prompts.jsonl; prints how many texts are the same, and for each that is not how near
the tie was: of greedy, the difference of the two logits where texts part; of a beam, the difference of what the two texts are ranked by.
Exits with 1 if anything is farther off than it may be.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from gguf_teacher import load

LOGPROB = 1e-3
TIE = 1e-3


def records(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@torch.inference_mode()
def logits_after(model, prompt, continuation):
    """Logits of each token of the continuation, [tokens, vocabulary]."""
    ids = torch.tensor([prompt + continuation])
    return model(ids, logits_to_keep=len(continuation) + 1).logits[0, :-1]


def log_probability(model, prompt, continuation):
    logs = logits_after(model, prompt, continuation).log_softmax(-1)
    return logs.gather(-1, torch.tensor(continuation)[:, None]).double().sum().item()


def compare_scores(model, encode, pairs, scores):
    worst = 0
    for pair, found in zip(pairs, scores, strict=True):
        prompt, continuation = encode(pair["prompt"]), encode(pair["continuation"])
        if found["tokens"] != len(continuation):
            sys.exit(f"{found['tokens']} tokens where transformers has {len(continuation)}: {pair}")
        worst = max(worst, abs(found["logprob"] - log_probability(model, prompt, continuation)) / len(continuation))
    return {"pairs": len(pairs), "max_abs_nats_a_token": worst, "allowed": LOGPROB}, worst <= LOGPROB


def generate(model, prompt, length, beams):
    ids = torch.tensor([prompt])
    with torch.inference_mode():
        found = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, num_beams=beams, max_new_tokens=length)
    return found[0, len(prompt):].tolist()


def margin(model, prompt, theirs, ours, beams):
    """How far from a tie the first difference is."""
    at = next((i for i, (a, b) in enumerate(zip(theirs, ours)) if a != b), min(len(theirs), len(ours)))
    if beams == 1:
        logits = logits_after(model, prompt, theirs)[at]
        return abs(logits[theirs[at]] - logits[ours[at]]).item()
    ranks = [log_probability(model, prompt, tokens) / len(tokens) for tokens in (theirs, ours)]
    return abs(ranks[0] - ranks[1])


def compare_texts(model, tokenizer, prompts, texts, length, beams):
    same, margins = 0, []
    for record, found in zip(prompts, texts, strict=True):
        prompt = tokenizer.encode(record["prompt"], add_special_tokens=False).ids
        theirs = generate(model, prompt, length, beams)
        if tokenizer.decode(theirs) == found["text"] and len(theirs) == found["tokens"]:
            same += 1
        else:
            ours = tokenizer.encode(found["text"], add_special_tokens=False).ids
            margins.append(margin(model, prompt, theirs, ours, beams))
    return {"texts": len(texts), "identical": same, "margins_of_others": margins}, all(m < TIE for m in margins)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="GGUF file")
    parser.add_argument("--inputs", type=Path, required=True, help="folder of lm_inputs.py")
    parser.add_argument("--scores", type=Path)
    parser.add_argument("--greedy", type=Path)
    parser.add_argument("--beam", type=Path)
    parser.add_argument("--beams", type=int, default=4)
    parser.add_argument("--length", type=int, default=40, help="most tokens of a text")
    arguments = parser.parse_args()
    model, tokenizer = load(arguments.model)
    report, good = {}, []
    if arguments.scores:
        encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
        report["scores"], fine = compare_scores(model, encode, records(arguments.inputs / "pairs.jsonl"), records(arguments.scores))
        good.append(fine)
    for name, beams in (("greedy", 1), ("beam", arguments.beams)):
        texts = getattr(arguments, name)
        if texts:
            prompts = records(arguments.inputs / "prompts.jsonl")
            report[name], fine = compare_texts(model, tokenizer, prompts, records(texts), arguments.length, beams)
            good.append(fine)
    print(json.dumps(report, indent=2))
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
