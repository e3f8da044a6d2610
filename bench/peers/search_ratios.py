"""Prints Retort's times as shares of FAISS's, from what search-beside-faiss measured in turn.

Arguments: the JSON of IndexQueries, that of faiss_search.py, and that of IndexQueries again. A ratio is that of medians,
the mean of both Retort runs; the two runs' own ratios stand beside it, and tell how far the machine can be trusted.
"""

import argparse
import json
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("faiss", type=Path)
    parser.add_argument("after", type=Path)
    arguments = parser.parse_args()
    before, faiss, after = (json.loads(path.read_text(encoding="utf-8")) for path in vars(arguments).values())

    ratios = {"rows": faiss["rows"], "dims": faiss["dims"], "threads": faiss["threads"]}
    for work, peer in (("one", "one_query"), ("batch_64", "64_queries")):
        for method in ("exact", "screened"):
            runs = [run[method][work]["p50_ms"] for run in (before, after)]
            ratios[f"{work} {method}"] = {
                "ratio": round(sum(runs) / 2 / faiss[peer]["p50_ms"], 4),
                "of_each_run": [round(run / faiss[peer]["p50_ms"], 4) for run in runs],
                "retort_p50_ms": [round(run, 3) for run in runs],
                "faiss_p50_ms": faiss[peer]["p50_ms"],
            }
    print(json.dumps(ratios, indent=2))


if __name__ == "__main__":
    main()
