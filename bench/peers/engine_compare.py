"""Compares the measurements of bench/engine-beside-peers: ratios of medians, peer by peer, and memory while training.

The file holds a JSON object a line, "name" being WORK/PROGRAM. A program's time is the median of the medians of its rounds.
Beside it stand the least and the greatest of these medians: where they are far apart, the machine was not at rest. Losses of
the first training steps must agree, or the times would belong to different computations.
"""

import argparse
import json
from collections import defaultdict
from pathlib import Path
from statistics import median

RELATIVE_LOSS = 1e-3


def timed(lines):
    """work -> program -> medians of its rounds."""
    works = defaultdict(lambda: defaultdict(list))
    for line in lines:
        work, program = line["name"].split("/")
        if work != "memory":
            # bench_encode.py nests its times under the program's name.
            works[work][program].append(line.get(program, line)["median_ms"])
    return works


def print_times(works):
    for work, programs in works.items():
        retort = median(programs["retort"])
        for program, medians in programs.items():
            ratio = "" if program == "retort" else f"   retort takes {retort / median(medians):.3f} x its time"
            print(f"{work:14s} {program:12s} {median(medians):10.3f} ms   "
                  f"[{min(medians):.3f}, {max(medians):.3f}]{ratio}")


def print_memory(lines):
    memory = {line["name"].split("/")[1]: line for line in lines if line["name"].startswith("memory/")}
    for program, line in memory.items():
        print(f"{'memory':14s} {program:12s} {line['rss_mb_after_step_10']:6d} MB after step 10, {line['rss_mb']} MB "
              f"after step {line['steps']}, peak {line['peak_rss_mb']} MB")
    ratio = memory["retort"]["peak_rss_mb"] / memory["pytorch"]["peak_rss_mb"]
    grown = memory["retort"]["rss_mb"] - memory["retort"]["rss_mb_after_step_10"]
    print(f"{'':14s} retort's peak is {ratio:.3f} x PyTorch's; after step 10 it grew by {grown} MB")


def print_losses(lines):
    losses = {line["name"].split("/")[1]: line["losses"] for line in lines if line["name"].startswith("memory/")}
    worst = max(abs(ours - theirs) / abs(theirs) for ours, theirs in zip(losses["retort"], losses["pytorch"]))
    verdict = "agree" if worst <= RELATIVE_LOSS else "DIFFER"
    print(f"losses of the first {len(losses['retort'])} steps {verdict}: within {worst:.1e} of PyTorch's")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measurements", type=Path, help="JSON lines")
    lines = [json.loads(line) for line in parser.parse_args().measurements.read_text().splitlines()]
    print_times(timed(lines))
    if any(line["name"].startswith("memory/") for line in lines):
        print_memory(lines)
        print_losses(lines)


if __name__ == "__main__":
    main()
