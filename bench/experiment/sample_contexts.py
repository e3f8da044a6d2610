"""Draws contexts out of files of dialogues, at most one of a dialogue, and writes them as distilled data with the reply that was given.

    sample_contexts.py --out contexts.jsonl.gz FILE.jsonl.gz=N [FILE.jsonl.gz=N ...] [--seed 1] [--part N]

A context is up to four turns before a turn of another speaker of 3 to 40 words. The same arguments give the same file. With --part the contexts
are written in files of N, numbered before the extension. Standard library alone.
"""

import argparse
import gzip
import json
import random
from pathlib import Path

HISTORY = 4
WORDS = range(3, 41)


def drawn(path, wanted, generator):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        dialogues = [json.loads(line) for line in lines]
    generator.shuffle(dialogues)
    name = path.name.removesuffix(".jsonl.gz")
    contexts = []
    for dialogue in dialogues:
        if len(contexts) == wanted:
            break
        turns = dialogue["turns"]
        places = [i for i in range(1, len(turns))
                  if len(turns[i]["t"].split()) in WORDS and turns[i]["s"] != turns[i - 1]["s"]]
        if places:
            i = generator.choice(places)
            contexts.append({"id": f"{name}/{dialogue['id']}#{i}",
                             "context": [turn["t"] for turn in turns[max(0, i - HISTORY):i]],
                             "candidates": [{"text": turns[i]["t"], "source": "original"}]})
    return contexts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE=N")
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", type=int, help="contexts a file")
    args = parser.parse_args()
    generator = random.Random(args.seed)
    contexts = []
    for file in args.files:
        path, _, count = file.rpartition("=")
        contexts += drawn(Path(path), int(count), generator)
    generator.shuffle(contexts)
    if args.part is None:
        write(args.out, contexts)
        return
    name = args.out.removesuffix(".jsonl.gz")
    for at in range(0, len(contexts), args.part):
        write(f"{name}-{at // args.part:03}.jsonl.gz", contexts[at:at + args.part])


def write(path, contexts):
    with open(path, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed:
        for context in contexts:
            packed.write((json.dumps(context, ensure_ascii=False) + "\n").encode())


if __name__ == "__main__":
    main()
