"""Reads openings.txt: short contexts of our own, each with replies of our own, and writes them as distilled data.

    openings.py [--openings FILE] --out openings.jsonl.gz [--part 100]

With --part N the contexts are written in files of N, numbered before the extension. The same file gives the same bytes. Standard library alone.
"""

import argparse
import gzip
import json
from pathlib import Path

OPENINGS = Path(__file__).with_name("openings.txt")


def read(path=OPENINGS):
    """Contexts and replies, in the file's order; a context that comes again has its replies with the first."""
    found = {}
    replies = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("= "):
            if replies is None:
                raise SystemExit(f"{path}:{number}: a reply without a context; write the context on the line before")
            replies.append(line[2:].strip())
        else:
            turns = tuple(turn.strip() for turn in line.split(" | "))
            if not all(turns):
                raise SystemExit(f"{path}:{number}: an empty turn; write text on both sides of ` | `")
            replies = found.setdefault(turns, [])
    bare = [" | ".join(turns) for turns, said in found.items() if not said and len(turns) == 1]
    if bare:
        raise SystemExit(f"{path}: no reply to {bare[0]!r}; write one, after `= `")
    return [(turns, said) for turns, said in found.items() if said]


def further(path=OPENINGS.with_name("replies.txt")):
    """Our own replies to nothing in particular."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]


def distilled(openings):
    for number, (turns, replies) in enumerate(openings):
        yield {"id": f"openings/{number}", "context": list(turns),
               "candidates": [{"text": text, "source": "original"} for text in replies]}


def write_lines(path, lines):
    with open(path, "wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed:
        for line in lines:
            packed.write((json.dumps(line, ensure_ascii=False) + "\n").encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openings", type=Path, default=OPENINGS)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--part", type=int, help="contexts a file")
    args = parser.parse_args()
    lines = list(distilled(read(args.openings)))
    if args.part is None:
        write_lines(args.out, lines)
        return
    name = args.out.name.removesuffix(".jsonl.gz")
    for at in range(0, len(lines), args.part):
        write_lines(args.out.with_name(f"{name}-{at // args.part:03}.jsonl.gz"), lines[at:at + args.part])


if __name__ == "__main__":
    main()
