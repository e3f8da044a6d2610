"""Compares every hidden state that Retort computed on a text file with ONNX Runtime's.

Retort's safetensors file holds `hidden` f32 [total_tokens, d], the last layer of all lines one after the other (special
tokens included, no truncation, no padding), and `pooled` f32 [lines, d], the mean over each line's tokens. Each line is
run alone in ONNX Runtime. Prints the largest absolute differences and where they are.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from onnx_encoder import OnnxEncoder, mean_pooled, plain_tokenizer, read_lines, token_ids


def expect_shape(name, array, shape):
    if array.shape != shape:
        raise SystemExit(f"{name}: shape {list(array.shape)}, but the text file asks for {list(shape)}")


def compare(encoder, id_lists, hidden, pooled):
    """Largest absolute differences, the line of each (from 1), and the largest value for scale."""
    differences = {"hidden": [], "pooled": []}
    largest = 0.0
    start = 0
    for line, ids in enumerate(id_lists):
        expected = encoder.hidden(ids)
        actual = hidden[start : start + len(ids)]
        start += len(ids)
        largest = max(largest, float(np.abs(expected).max()))
        differences["hidden"].append(np.abs(actual - expected).max())
        differences["pooled"].append(np.abs(pooled[line] - mean_pooled(expected)).max())
    report = {}
    for kind, by_line in differences.items():
        worst = int(np.argmax(by_line))  # the first NaN, if there is one: a NaN must never pass for a small difference
        report[f"{kind}_max_abs_diff"] = float(by_line[worst])
        report[f"{kind}_line"] = worst + 1
    return {**report, "largest_hidden_value": largest}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--onnx", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json")
    parser.add_argument("--text", type=Path, required=True, help="UTF-8, one text a line")
    parser.add_argument("--actual", type=Path, required=True, help="safetensors file written by Retort")
    parser.add_argument("--tolerance", type=float, help="exit with 1 if a difference is larger")
    arguments = parser.parse_args()

    tokenizer = plain_tokenizer(arguments.tokenizer)
    id_lists = [token_ids(tokenizer, line) for line in read_lines(arguments.text)]
    tokens = sum(len(ids) for ids in id_lists)
    actual = load_file(arguments.actual)
    dim = actual["hidden"].shape[-1]
    expect_shape("hidden", actual["hidden"], (tokens, dim))
    expect_shape("pooled", actual["pooled"], (len(id_lists), dim))
    report = compare(OnnxEncoder(arguments.onnx), id_lists, actual["hidden"], actual["pooled"])
    print(json.dumps({"lines": len(id_lists), "tokens": tokens, **report}, indent=2))
    worst = [report["hidden_max_abs_diff"], report["pooled_max_abs_diff"]]
    if arguments.tolerance is not None and not all(difference <= arguments.tolerance for difference in worst):
        sys.exit(1)


if __name__ == "__main__":
    main()
