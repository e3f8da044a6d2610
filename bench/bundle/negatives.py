"""Hard negatives of the same dialogue, for `retort train --negatives-from`: turns that share a context's subject and do not answer it.

    negatives.py DIALOGUES.jsonl.gz [...] > negatives.jsonl

Of each context up to two of its own last four turns, which a reply must not echo, and up to three of the turns that come later than its reply. Same
inputs, same bytes. Standard library alone.
"""

import gzip
import json
import random
import sys

ECHOES, LATER, HISTORY, AHEAD, WORDS = 2, 3, 4, 8, 3


def negatives_of(turns, reply, draw):
    before, after = turns[max(0, reply - HISTORY):reply], turns[reply + 2:reply + AHEAD]
    drawn = draw.sample(before, min(ECHOES, len(before))) + draw.sample(after, min(LATER, len(after)))
    return [text for text in dict.fromkeys(drawn) if len(text.split()) >= WORDS and text != turns[reply]]


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        raise SystemExit(__doc__)
    draw = random.Random(1)
    for path in sys.argv[1:]:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for dialogue in map(json.loads, lines):
                turns = [turn["t"] for turn in dialogue["turns"]]
                for reply in range(1, len(turns)):
                    negatives = negatives_of(turns, reply, draw)
                    if negatives:
                        print(json.dumps({"id": f"{dialogue['id']}#{reply}", "negatives": negatives}))


if __name__ == "__main__":
    main()
