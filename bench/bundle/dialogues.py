"""Makes the response set that comes with Retort out of dialogues that were written for it.

    dialogues.py pack TALKS.txt [...] --out dialogues.jsonl.gz
    dialogues.py choose dialogues.jsonl.gz --exclude DIALOGUES.jsonl.gz [...] --out chosen.jsonl.gz
    retort index --model STUDENT --key both --screen standard --screen-report stopped.jsonl --data chosen.jsonl.gz --out chosen.index
    dialogues.py apart chosen.jsonl.gz chosen.index [--cosine 0.95] --out responses.jsonl.gz

`pack` reads lines `U: ...` and `B: ...` in turn, an empty line between dialogues, and names the line that breaks this. `choose` makes a line of distilled data of
each reply of B with the three turns before it, and counts by reason what it leaves out: replies that stand, but for case, spaces and punctuation, as an utterance
in the dialogues to exclude, that are no tidy English of 2 to 30 words, coarse, talk of an assistant, given names. A reply that comes again is one reply with
several contexts. Our own openings.txt come first. `apart`, which alone needs numpy, keeps what is in the index (the screen has stopped the rest) and leaves out each
reply whose vector, of reply and contexts, has at least that cosine with one that is kept. Same inputs, same files.
"""

import argparse
import collections
import gzip
import json
import re
from pathlib import Path

import openings
from bundle import COARSE, form_of, utterances
from responses import ASSISTANT, NAME, WORDS, tidied

TURN = re.compile(r"([UB]): (\S.*)")
SPEAKERS = {"U": "user", "B": "bot"}
HISTORY = 3
SAME_START, START_WORDS = 30, 4


def dialogues_of(path):
    talk = []
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], 1):
        line = line.strip()
        if not line:
            if talk:
                yield talk
            talk = []
            continue
        turn = TURN.fullmatch(line)
        if not turn or turn[1] != "UB"[len(talk) % 2]:
            raise SystemExit(f"{path}:{number}: not the turn of {'UB'[len(talk) % 2]}: {line!r}")
        talk.append({"s": SPEAKERS[turn[1]], "t": turn[2]})


def pack(args):
    lines = [{"id": f"{path.stem}/{number}", "turns": talk} for path in sorted(args.talks) for number, talk in enumerate(dialogues_of(path))]
    openings.write_lines(args.out, lines)
    print(f"{len(lines):,} dialogues, {sum(len(line['turns']) // 2 for line in lines):,} replies")


def lines_of(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def pairs_of(path):
    for turns, replies in openings.read():
        for reply in replies:
            yield list(turns), reply
    for line in lines_of(path):
        texts = [turn["t"] for turn in line["turns"]]
        for at, turn in enumerate(line["turns"]):
            if turn["s"] == "bot":
                yield texts[max(0, at - HISTORY):at], turn["t"]


def reason_of(text, excluded):
    """Why a reply is left out; empty if it is not."""
    if len(text.split()) not in WORDS:
        return "length"
    if form_of(text) in excluded:
        return "stands_in_the_data"
    if not text[0].isupper() or re.search(r"\s[.,!?]|\.\.\.\.|[#@{}<>\[\]*_|\\]|https?:", text) or not re.search(r"[.!?)]$", text):
        return "untidy"
    if any(ord(c) > 126 for c in text):
        return "not_plain_english"
    if COARSE.search(text):
        return "coarse"
    if ASSISTANT.search(text):
        return "assistant_talk"
    return "name" if NAME.search(text) else ""


def choose(args):
    excluded = utterances(args.exclude)
    counts, kept, starts = collections.Counter(), {}, collections.Counter()
    for context, text in pairs_of(args.dialogues):
        counts["written"] += 1
        text = tidied(text)
        form = form_of(text)
        if form in kept:
            counts["of these, written again"] += 1
            if context not in kept[form][1]:
                kept[form][1].append(context)
            continue
        start = " ".join(form.split()[:START_WORDS])
        reason = reason_of(text, excluded) or ("same_first_words" if starts[start] == SAME_START else "")
        if reason:
            counts["left out: " + reason] += 1
            continue
        kept[form] = text, [context]
        starts[start] += 1
    counts["kept"] = len(kept)
    openings.write_lines(args.out, [
        {"id": f"{number}/{part}", "context": context, "candidates": [{"text": text, "source": "generated"}]}
        for number, (text, contexts) in enumerate(kept.values()) for part, context in enumerate(contexts[:4])])
    for what, count in counts.items():
        print(f"{count:7,} {what}")


def apart(args):
    import numpy

    from vectors import index_of
    _, texts, values, dims = index_of(args.index)
    vectors = numpy.frombuffer(values, dtype="<f4").reshape(-1, dims)
    vectors = vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)
    rows, near = [], numpy.zeros(len(texts), dtype=bool)
    for at in range(0, len(texts), 1024):
        block = vectors[at:at + 1024]
        if rows:
            near[at:at + 1024] |= (block @ vectors[rows].T).max(axis=1) >= args.cosine
        within = block @ block.T
        for row in range(len(block)):
            if not near[at + row]:
                rows.append(at + row)
                near[at + row + 1:at + len(block)] |= within[row, row + 1:] >= args.cosine
    kept = {texts[row] for row in rows}
    lines = [line for line in lines_of(args.chosen) if line["candidates"][0]["text"] in kept]
    openings.write_lines(args.out, lines)
    print(f"{len(texts):7,} in the index\n{len(texts) - len(rows):7,} left out: near another\n{len(rows):7,} kept, {len(lines):,} contexts")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(dest="action", required=True)
    packing = actions.add_parser("pack")
    packing.add_argument("talks", type=Path, nargs="+")
    packing.set_defaults(call=pack)
    choosing = actions.add_parser("choose")
    choosing.add_argument("dialogues", type=Path)
    choosing.add_argument("--exclude", type=Path, nargs="+", required=True)
    choosing.set_defaults(call=choose)
    spacing = actions.add_parser("apart")
    spacing.add_argument("chosen", type=Path)
    spacing.add_argument("index", type=Path)
    spacing.add_argument("--cosine", type=float, default=0.95)
    spacing.set_defaults(call=apart)
    for action in (packing, choosing, spacing):
        action.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.call(args)


if __name__ == "__main__":
    main()
