"""Scripted talks: has a bot answer what a person says in them, and counts votes on its answers.

    talks.py play --retort COMMAND --name NAME [--out docs/talks] [-- OPTIONS OF retort chat]
    talks.py tally NAME.votes.jsonl [OTHER.votes.jsonl ...]

`play` writes NAME.jsonl, a line a reply with the turns before it, how it was chosen (found, fixed, fallback, stopped) and its score, and NAME.md to
read. The bot hears its own answers, as in any chat; each talk begins anew. The same bot gives the same files. For votes, copy each line's "talk"
and "turn" and add "vote": fits, half or not, and "why" if you like. `tally` wants a vote on every reply of NAME.jsonl beside it. Standard library alone.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VOTES = ("fits", "half", "not")
HISTORY = 4


def talks_of(path):
    talks = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if line.startswith("## "):
            talks.append((line[3:], []))
        elif line and not line.startswith("#"):
            if not talks:
                raise SystemExit(f"{path}:{number}: a turn before the first talk; write `## NAME` above it")
            if line.startswith("/"):
                raise SystemExit(f"{path}:{number}: {line!r} is a command of the chat; write a turn")
            talks[-1][1].append(line)
    return talks


def kind_of(why):
    """How a reply was chosen, and its score, out of what /why says."""
    text = " ".join(why)
    score = re.search(r"(?:scores?|score of) (-?\d+\.\d+)", text)
    number = float(score.group(1)) if score else None
    if "a fixed answer" in text:
        return "fixed", None
    if "what you said was stopped" in text:
        return "stopped", None
    return ("fallback" if "a fallback:" in text else "found"), number


def play(args):
    talks = talks_of(args.talks)
    said = "".join("".join(f"{turn}\n/why\n" for turn in turns) + "/reset\n" for _, turns in talks)
    command = [args.retort, "chat", *args.options]
    done = subprocess.run(command, input=said, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    answers = []
    for line in done.stdout.splitlines():
        if line.startswith(" "):
            answers[-1][1].append(line)
        else:
            answers.append((line, []))
    wanted = sum(len(turns) for _, turns in talks)
    if len(answers) != wanted:
        raise SystemExit(f"{len(answers)} answers to {wanted} turns; a reply may hold a line break")
    records, page = [], [f"# Scripted talks: {args.name}", ""]
    left = iter(answers)
    for name, turns in talks:
        page += [f"## {name}", ""]
        heard = []
        for number, turn in enumerate(turns, 1):
            reply, why = next(left)
            kind, score = kind_of(why)
            heard.append(turn)
            records.append({"talk": name, "turn": number, "context": heard[-HISTORY:], "reply": reply, "kind": kind, "score": score})
            heard.append(reply)
            note = "" if kind == "found" else f" ({kind})"
            page += [f"{number}. {turn}", f"   * **{reply}**{note}"]
        page.append("")
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / f"{args.name}.md").write_text("\n".join(page), encoding="utf-8")
    (args.out / f"{args.name}.jsonl").write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    print(f"{wanted} replies in {args.out / args.name}.md and .jsonl", file=sys.stderr)


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def votes_of(path):
    """The votes of a file by talk, complete."""
    replies = {(line["talk"], line["turn"]) for line in lines_of(path.with_name(path.name.split(".")[0] + ".jsonl"))}
    votes = {}
    for number, line in enumerate(lines_of(path), 1):
        key = (line["talk"], line["turn"])
        if line.get("vote") not in VOTES:
            raise SystemExit(f"{path}:{number}: vote {line.get('vote')!r}; use one of {', '.join(VOTES)}")
        if key not in replies or key in votes:
            raise SystemExit(f"{path}:{number}: turn {key[1]} of {key[0]!r} " + ("twice" if key in votes else "is in no talk"))
        votes[key] = line["vote"]
    if len(votes) < len(replies):
        raise SystemExit(f"{path}: {len(replies) - len(votes)} replies without a vote, first {sorted(replies - votes.keys())[0]}")
    return votes


def tally(args):
    for path in args.votes:
        votes = votes_of(path)
        names = list(dict.fromkeys(talk for talk, _ in votes))
        print(f"{path.name.removesuffix('.votes.jsonl')}\n\n| talk | fits | half | not |\n|---|---|---|---|")
        for name in [*names, None]:
            of = [vote for (talk, _), vote in votes.items() if name in (talk, None)]
            print(f"| {name or '**all**'} | " + " | ".join(str(of.count(vote)) for vote in VOTES) + " |")
        fits = sum(vote == "fits" for vote in votes.values())
        print(f"\n{fits} of {len(votes)} fit: {100 * fits / len(votes):.0f} %\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(dest="action", required=True)
    playing = actions.add_parser("play")
    playing.add_argument("--retort", required=True)
    playing.add_argument("--name", required=True)
    playing.add_argument("--talks", type=Path, default=HERE / "talks.txt")
    playing.add_argument("--out", type=Path, default=HERE.parent.parent / "docs" / "talks")
    playing.add_argument("options", nargs="*")
    playing.set_defaults(call=play)
    counting = actions.add_parser("tally")
    counting.add_argument("votes", type=Path, nargs="+")
    counting.set_defaults(call=tally)
    args = parser.parse_args()
    args.call(args)


if __name__ == "__main__":
    main()
