"""Makes weights/demo, what the demo trains on and asks about, of distilled data whose contexts and replies are a teacher's.

    bundle.py SCORED.jsonl.gz --exclude DIALOGUES.jsonl.gz [...] [--weights weights]

Only model-made text is taken, and nothing that stands, but for case, spaces and punctuation, as an utterance in the dialogues to
exclude: those of the data sets that the teacher was tuned on, whose sentences are not ours to give away. Text with coarse words is left
out. The same inputs give the same files. Standard library alone.
"""

import argparse
import gzip
import hashlib
import json
import random
import re
from pathlib import Path

HELD_OUT = 150
RANDOM = 19
COARSE = re.compile(r"\b(fuck|shit|bitch|rap(e|ist)|sex|nude|naked|suicid|murder|kill|nazi|hitler|terroris|whore|slut|cocaine|heroin)", re.I)
STUDENT = "retort-student"
STUDENT_FILES = ["config.json", "tokenizer.json", "model.safetensors", "provenance.json"]
CARD = "README.md"


def form_of(text):
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def lines_of(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def utterances(paths):
    return {form_of(turn["t"]) for path in paths for line in lines_of(path) for turn in line["turns"]}


def demo_of(path, excluded):
    """Distilled lines whose context and original reply are nobody's but the teacher's, without candidates of others."""
    lines = []
    for line in lines_of(path):
        own = [reply for reply in line["candidates"]
               if form_of(reply["text"]) not in excluded and not COARSE.search(reply["text"])]
        originals = [reply for reply in own if reply["source"] == "original"]
        if len(own) >= 5 and originals and not any(form_of(turn) in excluded or COARSE.search(turn) for turn in line["context"]):
            lines.append({**line, "candidates": own})
    return lines


def dialogue_of(line):
    return line["id"].rpartition("#")[0]


def split(lines):
    """Whole dialogues are held out."""
    dialogues = sorted({dialogue_of(line) for line in lines})
    random.Random(1).shuffle(dialogues)
    held, held_out = set(), []
    for dialogue in dialogues:
        if len(held_out) >= HELD_OUT:
            break
        held.add(dialogue)
        held_out += [line for line in lines if dialogue_of(line) == dialogue]
    random.Random(2).shuffle(held_out)
    return [line for line in lines if dialogue_of(line) not in held], held_out


def original(line):
    return next(reply["text"] for reply in line["candidates"] if reply["source"] == "original")


def ranking_test(held_out):
    """Each context's next turn among those of other dialogues."""
    generator = random.Random(1)
    for line in held_out:
        others = sorted({original(other) for other in held_out if dialogue_of(other) != dialogue_of(line)} - {original(line)})
        yield {"id": line["id"], "context": line["context"], "positive": [original(line)], "adversarial": [],
               "random": generator.sample(others, RANDOM)}


def write_lines(path, lines):
    with open(path, "wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed:
        for line in lines:
            packed.write((json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n").encode())


def piece(folder, name):
    data = (folder / name).read_bytes()
    return {"entry": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scored", type=Path)
    parser.add_argument("--exclude", type=Path, nargs="+", required=True)
    parser.add_argument("--weights", type=Path, default=Path("weights"))
    args = parser.parse_args()
    demo = args.weights / "demo"
    demo.mkdir(exist_ok=True)
    train, held_out = split(demo_of(args.scored, utterances(args.exclude)))
    write_lines(demo / "train.jsonl.gz", train)
    write_lines(demo / "held-out.jsonl.gz", held_out)
    write_lines(demo / "test.jsonl.gz", ranking_test(held_out))
    manifest = args.weights / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["bundles"]["demo"] = [piece(demo, name) for name in ["train.jsonl.gz", "held-out.jsonl.gz", "test.jsonl.gz"]]
    manifest.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"{len(train)} contexts to train on, {len(held_out)} held out")


if __name__ == "__main__":
    main()
