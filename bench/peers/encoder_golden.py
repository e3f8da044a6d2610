"""Makes the golden file of the encoder's Java tests: what ONNX Runtime answers on the lines of a text file.

Each line is tokenised with special tokens, without truncation or padding, and run alone. The safetensors file holds
  ids       i32 [tokens]    token ids of all lines, one after the other
  offsets   i32 [lines + 1] where each line's ids begin; the last entry is the number of tokens
  length    i32 [lines]     tokens of each line
  pooled    f32 [lines, d]  mean of last_hidden_state over all tokens, special ones included, not normalised
  positions i32 [lines]     one token position of each line, drawn with --seed
  hidden    f32 [lines, d]  last_hidden_state at that position
and, as metadata, the SHA-256 of model, tokenizer and text file.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.numpy import save_file

from onnx_encoder import OnnxEncoder, mean_pooled, plain_tokenizer, read_lines, sha256, token_ids


def golden(encoder, id_lists, seed):
    """The tensors of the golden file."""
    lengths = np.array([len(ids) for ids in id_lists], dtype=np.int32)
    positions = np.random.default_rng(seed).integers(0, lengths).astype(np.int32)
    pooled, sampled = [], []
    for ids, position in zip(id_lists, positions):
        hidden = encoder.hidden(ids)
        pooled.append(mean_pooled(hidden))
        sampled.append(hidden[position])
    return {
        "ids": np.concatenate([np.array(ids, dtype=np.int32) for ids in id_lists]),
        "offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        "length": lengths,
        "pooled": np.stack(pooled),
        "positions": positions,
        "hidden": np.stack(sampled),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--onnx", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json")
    parser.add_argument("--text", type=Path, required=True, help="UTF-8, one text a line")
    parser.add_argument("--out", type=Path, required=True, help="safetensors file to write")
    parser.add_argument("--every", type=int, default=1, help="take each N-th line only, from the first on (default 1)")
    parser.add_argument("--seed", type=int, default=20210825, help="of the sampled positions (default 20210825)")
    arguments = parser.parse_args()

    tokenizer = plain_tokenizer(arguments.tokenizer)
    id_lists = [token_ids(tokenizer, line) for line in read_lines(arguments.text)[:: arguments.every]]
    tensors = golden(OnnxEncoder(arguments.onnx), id_lists, arguments.seed)
    metadata = {
        "onnx_sha256": sha256(arguments.onnx),
        "tokenizer_sha256": sha256(arguments.tokenizer),
        "text_sha256": sha256(arguments.text),
        "every": str(arguments.every),
        "seed": str(arguments.seed),
        "made_with": f"onnxruntime {onnxruntime.__version__}",
    }
    save_file(tensors, arguments.out, metadata)
    report = {
        **metadata,
        "lines": len(id_lists),
        "tokens": int(tensors["offsets"][-1]),
        "shortest": int(tensors["length"].min()),
        "longest": int(tensors["length"].max()),
        "bytes": arguments.out.stat().st_size,
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
