"""Trains a student as `retort train --config FILE` does with in-batch negatives alone, in PyTorch, and times it.

Tied BertModel from a sentence-transformers folder, mean pooling, cosine times the scale; each context's reply against those of
the batch, replies equal to its own left out; AdamW, linear warm-up and decay, clipping by norm. Reads the keys of the config that
bear on this; a context is its last turns with [SEP] between them, whole turns from the newest back as far as the tokens reach.
Prints JSON: examples and tokens a second after the warm-up steps, and the first and last losses.
"""

import argparse
import gzip
import json
import os
import random
import time
from collections import Counter
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from sentence_transformers import SentenceTransformer
from transformers import BertModel

UNTIMED = 3


def read(name, history, least_words, most_of_a_reply, counts, generator):
    """Pairs of turns and reply out of a file of dialogues; FILE@0.5 gives half of them."""
    path, _, weight = name.partition("@")
    pairs = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            turns = [turn["t"] for turn in json.loads(line)["turns"]]
            for i in range(1, len(turns)):
                form = " ".join(turns[i].lower().split())
                counts[form] += 1
                if len(turns[i].split()) >= least_words and counts[form] <= most_of_a_reply:
                    pairs.append((turns[max(0, i - history):i], turns[i], form))
    return generator.sample(pairs, round(float(weight or 1) * len(pairs)))


class Tokens:
    def __init__(self, tokenizer, config):
        self.tokenizer = tokenizer
        self.context_tokens = config["context-tokens"]
        self.reply_tokens = config["reply-tokens"]

    def ids(self, text):
        return self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]

    def framed(self, ids):
        return [self.tokenizer.cls_token_id, *ids, self.tokenizer.sep_token_id]

    def context(self, turns):
        room = self.context_tokens - 2
        kept = self.ids(turns[-1])[-room:]
        for turn in reversed(turns[:-1]):
            longer = [*self.ids(turn), self.tokenizer.sep_token_id, *kept]
            if len(longer) > room:
                break
            kept = longer
        return self.framed(kept)

    def reply(self, text):
        return self.framed(self.ids(text)[: self.reply_tokens - 2])


def padded(texts):
    longest = max(map(len, texts))
    ids = torch.zeros(len(texts), longest, dtype=torch.long)
    mask = torch.zeros(len(texts), longest, dtype=torch.long)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = torch.tensor(text)
        mask[row, : len(text)] = 1
    return ids, mask


def vectors(model, texts):
    ids, mask = padded(texts)
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    weights = mask.unsqueeze(2).float()
    return torch.nn.functional.normalize((hidden * weights).sum(1) / weights.sum(1), dim=1)


def loss_of(model, contexts, replies, forms, scale):
    scores = scale * vectors(model, contexts) @ vectors(model, replies).T
    same = torch.tensor([[a == b and i != j for j, b in enumerate(forms)] for i, a in enumerate(forms)])
    return torch.nn.functional.cross_entropy(scores.masked_fill(same, -torch.inf), torch.arange(len(forms)))


def factor(step, warmup, steps):
    return step / warmup if step < warmup else max(0.0, (steps - step) / max(1, steps - warmup))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="sentence-transformers folder, as from jar_model.py")
    parser.add_argument("--config", type=Path, required=True, help="as for `retort train`")
    parser.add_argument("--out", type=Path, help="folder for the student (default: none is kept)")
    parser.add_argument("--stop-after", type=int, help="steps after which to stop, of those of the config")
    parser.add_argument("--threads", type=int, default=2, help="default 2")
    arguments = parser.parse_args()
    config = json.loads(arguments.config.read_text())
    torch.set_num_threads(arguments.threads)
    generator = random.Random(config["seed"])
    torch.manual_seed(config["seed"])
    counts = Counter()
    pairs = [pair for name in config["data"]
             for pair in read(name, config["history"], config.get("min-words", 3), config.get("most-of-a-reply", 20),
                              counts, generator)]
    student = SentenceTransformer(str(arguments.model), local_files_only=True, device="cpu")
    tokens = Tokens(student.tokenizer, config)
    model = BertModel.from_pretrained(arguments.model, add_pooling_layer=False, local_files_only=True,
                                      hidden_dropout_prob=config["dropout"],
                                      attention_probs_dropout_prob=config["dropout"]).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=config["learning-rate"],
                                  weight_decay=config["weight-decay"], fused=True)
    losses, seconds, timed_tokens = [], 0.0, 0
    for step in range(arguments.stop_after or config["steps"]):
        batch = generator.sample(pairs, config["batch"])
        start = time.perf_counter()
        contexts = [tokens.context(turns) for turns, _, _ in batch]
        replies = [tokens.reply(reply) for _, reply, _ in batch]
        loss = loss_of(model, contexts, replies, [form for _, _, form in batch], config["scale"])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), config["clip"])
        for group in optimizer.param_groups:
            group["lr"] = config["learning-rate"] * factor(step, config["warmup"], config["steps"])
        optimizer.step()
        losses.append(loss.item())
        if step >= UNTIMED:
            seconds += time.perf_counter() - start
            timed_tokens += sum(map(len, contexts)) + sum(map(len, replies))
    if arguments.out:
        student[0].auto_model.load_state_dict(model.state_dict(), strict=False)
        student.save(str(arguments.out))
    timed = len(losses) - UNTIMED
    print(json.dumps({
        "examples_per_second": timed * config["batch"] / seconds, "tokens_per_second": timed_tokens / seconds,
        "steps": len(losses), "pairs": len(pairs), "first_losses": losses[:5], "last_losses": losses[-5:],
        "threads": arguments.threads, "version": torch.__version__}))


if __name__ == "__main__":
    main()
