"""Writes inputs for `retort lm` out of dialogues, into a folder: `pairs.jsonl` for `lm score`, `prompts.jsonl` for `lm complete`.

Contexts are all turns of a dialogue but the last, as lines `A: ...` and `B: ...` in turn and `B:`; the continuation is the last turn and a
line break. `ranking.jsonl` has pairs too: for each of --ranked contexts its own last turn, then those of the contexts that follow it, --candidates in all.
None of these files is to be committed: they hold the dialogues' sentences.
"""

import argparse
import gzip
import json
from pathlib import Path


def pairs(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            turns = [" ".join(turn["t"].split()) for turn in json.loads(line)["turns"]][-5:]
            if len(turns) < 2:
                continue
            first = "AB"[len(turns) % 2]
            speakers = [first, "AB"[first == "A"]]
            said = [f"{speakers[i % 2]}: {turn}\n" for i, turn in enumerate(turns[:-1])]
            yield {"prompt": "".join(said) + "B:", "continuation": " " + turns[-1] + "\n"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="dialogues, JSONL, gzipped")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--prompts", type=int, default=20)
    parser.add_argument("--ranked", type=int, default=0, help="contexts of ranking.jsonl")
    parser.add_argument("--candidates", type=int, default=5, help="replies to each of them")
    parser.add_argument("--out", type=Path, required=True, help="folder")
    arguments = parser.parse_args()
    wanted = max(arguments.pairs, arguments.ranked + arguments.candidates - 1 if arguments.ranked else 0)
    pool = [pair for pair, _ in zip(pairs(arguments.data), range(wanted))]
    found = pool[:arguments.pairs]
    ranked = [{"prompt": pool[at]["prompt"], "continuation": pool[at + other]["continuation"]}
              for at in range(arguments.ranked) for other in range(arguments.candidates)]  # fmt: skip
    prompts = [{"prompt": pair["prompt"]} for pair in found[:arguments.prompts]]
    for name, records in (("pairs", found), ("prompts", prompts)) + ((("ranking", ranked),) if ranked else ()):
        (arguments.out / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    print(json.dumps({"pairs": len(found), "prompts": len(prompts)}))


if __name__ == "__main__":
    main()
