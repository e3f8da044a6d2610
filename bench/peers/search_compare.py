"""Compares two search results and says whether score ties explain what differs.

A result file is JSON or safetensors with `ids` [q, k] and `scores` [q, k], best first, as faiss_search.py writes it.
Rows with the same ids in the same order are identical. Any other row is explained by ties if both sides' scores agree
place by place within the tolerance, and every id that moved does so within a tie: an id found on both sides has the
same score on both, and an id found on one side alone scores there like the other side's last place. Exits with 1 if a
difference is not explained, or scores of identical rows differ by more than the tolerance.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file


def read_results(path):
    if path.suffix == ".json":
        content = json.loads(path.read_text(encoding="utf-8"))
    else:
        content = load_file(path)
    ids, scores = (np.asarray(content[name]) for name in ("ids", "scores"))
    if ids.ndim != 2 or ids.shape != scores.shape:
        raise SystemExit(f"{path}: `ids` {list(ids.shape)} and `scores` {list(scores.shape)} must be one [q, k]")
    return ids.astype(np.int64), scores.astype(np.float64)


def why_not_ties(first, second, tolerance):
    """What a tie cannot explain between two rows (ids, scores), or None."""
    (first_ids, first_scores), (second_ids, second_scores) = first, second
    if len(set(first_ids.tolist())) < len(first_ids) or len(set(second_ids.tolist())) < len(second_ids):
        return "an id occurs twice in one row"
    if not (np.abs(first_scores - second_scores) <= tolerance).all():
        return "scores differ place by place"
    first_score_of = dict(zip(first_ids.tolist(), first_scores))
    second_score_of = dict(zip(second_ids.tolist(), second_scores))
    for own, other, last in (
        (first_score_of, second_score_of, second_scores[-1]),
        (second_score_of, first_score_of, first_scores[-1]),
    ):
        for key, score in own.items():
            if key in other and not abs(score - other[key]) <= tolerance:
                return f"id {key} has different scores"
            if key not in other and not abs(score - last) <= tolerance:
                return f"id {key} is missing on one side although it is no tie with the last place"
    return None


def compare(first, second, tolerance, shown=10):
    """The report on two results (ids, scores) of one shape."""
    same_ids = (first[0] == second[0]).all(axis=1)
    score_differences = np.abs(first[1] - second[1])
    unexplained = []
    for row in np.flatnonzero(~same_ids):
        reason = why_not_ties((first[0][row], first[1][row]), (second[0][row], second[1][row]), tolerance)
        if reason:
            unexplained.append({"row": int(row), "reason": reason})
    same_set = [len(set(a) & set(b)) for a, b in zip(first[0].tolist(), second[0].tolist())]
    return {
        "rows": len(same_ids),
        "top": first[0].shape[1],
        "identical_rows": int(same_ids.sum()),
        "different_rows": int((~same_ids).sum()),
        "explained_by_ties": int((~same_ids).sum()) - len(unexplained),
        "unexplained": len(unexplained),
        "unexplained_rows": unexplained[:shown],
        "overlap": float(np.mean(same_set) / first[0].shape[1]),
        "max_abs_score_diff": float(score_differences.max()),
        "identical_rows_with_other_scores": int((~(score_differences <= tolerance).all(axis=1) & same_ids).sum()),
        "tolerance": tolerance,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("--tolerance", type=float, default=1e-6, help="absolute difference of a tie (default 1e-6)")
    arguments = parser.parse_args()

    first, second = read_results(arguments.first), read_results(arguments.second)
    if first[0].shape != second[0].shape or first[0].size == 0:
        raise SystemExit(f"shapes {list(first[0].shape)} and {list(second[0].shape)} cannot be compared")
    report = compare(first, second, arguments.tolerance)
    print(json.dumps(report, indent=2))
    if report["unexplained"] or report["identical_rows_with_other_scores"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
