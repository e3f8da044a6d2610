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
import re
from pathlib import Path

import openings
from bundle import form_of, lines_of, utterances
from responses import ASSISTANT, NAME, SAME_START, START_WORDS, reason_of, rows_apart, tidied

TURN = re.compile(r"([UB]): (\S.*)")
SPEAKERS = {"U": "user", "B": "bot"}
HISTORY = 3
UNWANTED = (("assistant_talk", ASSISTANT), ("name", NAME))  # of one companion, whose life may be told


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


def pairs_of(path):
    for turns, replies in openings.read():
        for reply in replies:
            yield list(turns), reply
    for line in lines_of(path):
        texts = [turn["t"] for turn in line["turns"]]
        for at, turn in enumerate(line["turns"]):
            if turn["s"] == "bot":
                yield texts[max(0, at - HISTORY):at], turn["t"]


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
        reason = reason_of(text, excluded, UNWANTED, ".,!?") or ("same_first_words" if starts[start] == SAME_START else "")
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
    texts, rows = rows_apart(args.index, args.cosine)
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
