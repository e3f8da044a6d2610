"""Ratios of what bench/teacher-beside-transformers measured: a JSON object a line, "name" being WORK/PROGRAM.

A program's speed is the median of its rounds; beside it stand the least and the greatest.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from statistics import median

SPEEDS = {"tokens_per_s": "tokens/s", "candidates_per_s": "candidates/s"}
LOGPROB = 1e-3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measurements", type=Path, help="JSON lines")
    works, means = defaultdict(lambda: defaultdict(list)), defaultdict(set)
    units = {}
    for line in parser.parse_args().measurements.read_text().splitlines():
        record = json.loads(line)
        work, program = record["name"].split("/")
        key = next(key for key in SPEEDS if key in record)
        units[work] = SPEEDS[key]
        works[work][program].append(record[key])
        if "mean_logprob" in record:
            means[work].add(record["mean_logprob"])
    for work, programs in works.items():
        for program, speeds in programs.items():
            ratio = "" if program == "retort" else f"   retort is {median(programs['retort']) / median(speeds):.2f} x as fast"
            print(f"{work:12s} {program:14s} {median(speeds):9.2f} {units[work]}   [{min(speeds):.2f}, {max(speeds):.2f}]{ratio}")
    for work, found in means.items():
        verdict = "agree" if max(found) - min(found) <= LOGPROB else "DIFFER"
        print(f"{work}: mean log-probabilities {verdict}, within {max(found) - min(found):.1e} nats a token")


if __name__ == "__main__":
    main()
