"""The table of bench/teachers out of what it measured: a folder with all.jsonl and scores/PROGRAM/{pairs,ranking}.jsonl.

Speeds are medians of the rounds, with the least and the greatest. log P is compared pair by pair with transformers', in nats a token; of the
ranking, a context's candidates follow one another, its own reply first, and the best has the highest log P a token.
"""

import argparse
import json
import platform
from collections import defaultdict
from pathlib import Path
from statistics import median

WORKS = {
    "one": ("one sequence", "tokens/s"),
    "sixteen": ("sixteen sequences", "tokens/s"),
    "prefill": ("prefill", "tokens/s"),
    "scoring": ("candidates", "candidates/s"),
    "memory": ("peak memory, 16 replies", "MB"),
}
CONTEXTS, REPLIES, READ, WRITTEN = 10_000, 10, 100, 20
REFERENCES = ("llama.cpp", "transformers")


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def value(work, record):
    if work == "prefill":
        return 1e3 * record["prompt"] / record["prompt_ms"]
    return record[{"memory": "peak_mb", "scoring": "candidates_per_s"}.get(work, "tokens_per_s")]


def speeds(path):
    found = defaultdict(lambda: defaultdict(list))
    for line in path.read_text().splitlines() if path.exists() else []:
        record = json.loads(line)
        work, program = record["name"].split("/")
        found[work][program].append(value(work, record))
    return found


def hours(path):
    """What CONTEXTS contexts with REPLIES replies each take, computed from the speeds of sixteen sequences after their prompts, and of prefill."""
    written, read = defaultdict(list), defaultdict(list)
    for line in path.read_text().splitlines() if path.exists() else []:
        record = json.loads(line)
        work, program = record["name"].split("/")
        if work == "prefill":
            read[program].append(value(work, record))
        if work == "sixteen":
            seconds = record["batch"] * record["new"] / record["tokens_per_s"] - record["prompt_ms"] / 1e3
            written[program].append(record["batch"] * (record["new"] - 1) / seconds)
    return {
        program: (CONTEXTS * READ / median(read[program]) + CONTEXTS * REPLIES * WRITTEN / median(speeds)) / 3600
        for program, speeds in written.items() if read[program]
    }  # fmt: skip


def records(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def likelihoods(folder):
    """For each program, its largest and mean distance from transformers', in nats a token."""
    reference = folder / "transformers" / "pairs.jsonl"
    if not reference.exists():
        return {}
    theirs, result = records(reference), {}
    for path in sorted(folder.glob("*/pairs.jsonl")):
        if path == reference:
            continue
        ours = records(path)
        if [pair["tokens"] for pair in ours] != [pair["tokens"] for pair in theirs]:
            result[path.parent.name] = "other tokens"
            continue
        off = [abs(a["logprob"] - b["logprob"]) / b["tokens"] for a, b in zip(ours, theirs, strict=True)]
        result[path.parent.name] = f"{max(off):.1e} at most, {sum(off) / len(off):.1e} in the mean, of {len(off)} replies"
    return result


def choices(path, candidates):
    pairs = [pair["logprob"] / pair["tokens"] for pair in records(path)]
    contexts = [pairs[at:at + candidates] for at in range(0, len(pairs), candidates)]
    return [each.index(max(each)) for each in contexts]


def rankings(folder, candidates):
    found = {path.parent.name: choices(path, candidates) for path in sorted(folder.glob("*/ranking.jsonl"))}
    theirs = found.get("transformers")
    for program, chosen in found.items():
        hits = f"{chosen.count(0)} of {len(chosen)} right"
        same = "" if theirs is None else f", the same choice as transformers in {sum(a == b for a, b in zip(chosen, theirs))}"
        yield program, hits + same


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--candidates", type=int, required=True)
    arguments = parser.parse_args()
    found = speeds(arguments.folder / "all.jsonl")
    programs = sorted({program for work in found.values() for program in work}, key=lambda name: (name in REFERENCES, name))
    others = [program for program in programs if program not in REFERENCES]
    references = [program for program in programs if program in REFERENCES]
    print(f"{Path(arguments.model).name}, {processor()}, {arguments.threads} threads\n")
    ratios = [(one, other) for one in others for other in references]
    print("| work | " + " | ".join(programs + [f"{one} / {other}" for one, other in ratios]) + " |")
    print("|---" * (1 + len(programs) + len(ratios)) + "|")
    for work, (name, unit) in WORKS.items():
        if work not in found:
            continue
        cells = []
        for program in programs:
            values = found[work][program]
            spread = f" [{min(values):.1f}, {max(values):.1f}]" if len(values) > 1 else ""
            cells.append(f"{median(values):.1f}{spread}" if values else "")
        for one, other in ratios:
            both = found[work][one] and found[work][other]
            cells.append(f"{median(found[work][one]) / median(found[work][other]):.2f}" if both else "")
        print(f"| {name}, {unit} | " + " | ".join(cells) + " |")
    for program, long in hours(arguments.folder / "all.jsonl").items():
        print(f"\n{program}: {CONTEXTS:,} contexts x {REPLIES} replies, {READ} tokens read and {WRITTEN} written for each, take {long:.1f} h (computed)")
    for program, distance in likelihoods(arguments.folder / "scores").items():
        print(f"\nlog P a token of {program} is off transformers' by {distance}")
    for program, hits in rankings(arguments.folder / "scores", arguments.candidates):
        print(f"\nhits@1 of {program}: {hits}")


if __name__ == "__main__":
    main()
