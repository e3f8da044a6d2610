"""Trains a student as `retort train --config FILE` does, by method baseline or g2r-dm, in PyTorch, and times it.

Tied BertModel from a sentence-transformers folder, mean pooling, cosine times the scale; AdamW, linear warm-up and decay, clipping
by norm. Reads the keys of the config that bear on this; a context is its last turns with [SEP] between them, whole turns from the
newest back as far as the tokens reach. With g2r-dm, data are distilled data, and a context has its original reply and
`candidates` - 1 of the teacher's, drawn anew each time; negatives are random replies and other contexts' candidates, equal replies
are one column of the scores, and none that belongs to a context is its negative.
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
from typing import NamedTuple

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from sentence_transformers import SentenceTransformer
from transformers import BertModel

UNTIMED = 3


class Example(NamedTuple):
    turns: list
    replies: list  # the original one first
    scores: list  # the teacher's


def distils(config):
    return config["method"] == "g2r-dm"


def form_of(text):
    return " ".join(text.lower().split())


def lines_of(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def dialogue_examples(path, config):
    history = config["history"]
    for line in lines_of(path):
        turns = [turn["t"] for turn in line["turns"]]
        for i in range(1, len(turns)):
            yield Example(turns[max(0, i - history) : i], [turns[i]], [0.0])


def distilled_examples(path, config):
    for line in lines_of(path):
        replies = sorted(line["candidates"], key=lambda reply: reply["source"] != "original")
        if len(replies) >= config["candidates"]:
            yield Example(line["context"][-config["history"] :], [reply["text"] for reply in replies],
                          [reply[config["score"]] for reply in replies])


def read(name, config, counts, generator):
    """Examples of a file; FILE@0.5 gives half of them."""
    path, _, weight = name.partition("@")
    examples = []
    for example in (distilled_examples if distils(config) else dialogue_examples)(path, config):
        form = form_of(example.replies[0])
        counts[form] += 1
        if len(form.split()) >= config.get("min-words", 3) and counts[form] <= config.get("most-of-a-reply", 20):
            examples.append(example)
    return generator.sample(examples, round(float(weight or 1) * len(examples)))


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


class Batch:
    """Contexts, the different replies of all of them, and whose they are."""

    def __init__(self, examples, pool, config, generator):
        self.contexts = [example.turns for example in examples]
        self.columns, self.replies = {}, []
        own, scores = [], []
        for example in examples:
            others = config["candidates"] - 1 if distils(config) else 0
            drawn = [0, *generator.sample(range(1, len(example.replies)), others)]
            own.append([self.column(example.replies[j]) for j in drawn])
            scores.append([example.scores[j] for j in drawn])
        candidates = len(self.replies)
        shared = [self.column(generator.choice(pool)) for _ in range(config["negatives"])]
        self.own, self.teacher = torch.tensor(own), torch.tensor(scores)
        self.negative = torch.zeros(len(examples), len(self.replies), dtype=torch.bool)
        if config["in-batch"]:
            self.negative[:, :candidates] = True
        self.negative[:, shared] = True
        self.negative.scatter_(1, self.own, False)

    def column(self, reply):
        column = self.columns.setdefault(form_of(reply), len(self.replies))
        if column == len(self.replies):
            self.replies.append(reply)
        return column


def loss_of(scores, batch, config):
    """Multi-positive cross-entropy, and with g2r-dm its mix with distillation."""
    own = scores.gather(1, batch.own)
    negatives = torch.logsumexp(scores.masked_fill(~batch.negative, -torch.inf), 1, keepdim=True)
    loss = (torch.logaddexp(own, negatives) - own).mean()
    if not distils(config):
        return loss
    mine = torch.zeros_like(batch.negative).scatter(1, batch.own, True)
    all_of_it = torch.logsumexp(scores.masked_fill(~(batch.negative | mine), -torch.inf), 1, keepdim=True)
    target = torch.softmax(batch.teacher / config["temperature"], 1)
    distillation = (target * (all_of_it - own)).sum(1).mean()
    return (1 - config["alpha"]) * loss + config["alpha"] * distillation


def factor(step, warmup, steps):
    return step / warmup if step < warmup else max(0.0, (steps - step) / max(1, steps - warmup))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="sentence-transformers folder, as from jar_model.py")
    parser.add_argument("--config", type=Path, required=True, help="as for `retort train`")
    parser.add_argument("--data", nargs="+", help="in place of the config's")
    parser.add_argument("--out", type=Path, help="folder for the student (default: none is kept)")
    parser.add_argument("--stop-after", type=int, help="steps after which to stop, of those of the config")
    parser.add_argument("--threads", type=int, default=2, help="default 2")
    arguments = parser.parse_args()
    config = json.loads(arguments.config.read_text())
    torch.set_num_threads(arguments.threads)
    generator = random.Random(config["seed"])
    torch.manual_seed(config["seed"])
    counts = Counter()
    examples = [example for name in arguments.data or config["data"] for example in read(name, config, counts, generator)]
    pool = [reply for example in examples for reply in example.replies]
    student = SentenceTransformer(str(arguments.model), local_files_only=True, device="cpu")
    tokens = Tokens(student.tokenizer, config)
    model = BertModel.from_pretrained(arguments.model, add_pooling_layer=False, local_files_only=True,
                                      hidden_dropout_prob=config["dropout"],
                                      attention_probs_dropout_prob=config["dropout"]).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=config["learning-rate"],
                                  weight_decay=config["weight-decay"], fused=True)
    losses, seconds, timed_tokens = [], 0.0, 0
    for step in range(arguments.stop_after or config["steps"]):
        start = time.perf_counter()
        batch = Batch(generator.sample(examples, config["batch"]), pool, config, generator)
        contexts = [tokens.context(turns) for turns in batch.contexts]
        replies = [tokens.reply(reply) for reply in batch.replies]
        scores = config["scale"] * vectors(model, contexts) @ vectors(model, replies).T
        loss = loss_of(scores, batch, config)
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
        "steps": len(losses), "examples": len(examples), "first_losses": losses[:5], "last_losses": losses[-5:],
        "threads": arguments.threads, "version": torch.__version__}))


if __name__ == "__main__":
    main()
