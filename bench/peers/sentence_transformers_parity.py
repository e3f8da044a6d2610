"""Compares the vectors of an exported student with those that sentence-transformers computes from the folder.

  retort export --model STUDENT --out EXPORT
  retort encode --model STUDENT --data contexts.txt --side context --out contexts.safetensors
  retort encode --model STUDENT --data replies.txt --out replies.safetensors
  sentence_transformers_parity.py --export EXPORT --contexts contexts.txt contexts.safetensors \
      --replies replies.txt replies.safetensors

A context is a line, its turns separated by tabs; they are joined by the model's turn separator with nothing around it.
Contexts must fit into the model's limit: Retort drops whole turns, which sentence-transformers does not know. Replies
are cut here as Retort cuts them, at the reply's limit. Prints the largest difference of any element as JSON; the exit
code is 1 if it is above --tolerance.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer

from onnx_encoder import read_lines


def folder(export, side):
    """The encoder of a side: a folder of its own, or the one of a tied model."""
    own = export / f"{side}-encoder"
    return own if own.is_dir() else export


def difference(export, side, texts_file, vectors_file):
    """The largest difference of an element, the number of texts and that of those too long to be compared."""
    path = folder(export, side)
    text = json.loads((path / "config.json").read_text())["retort"]["text"]
    model = SentenceTransformer(str(path), device="cpu")
    lines = read_lines(texts_file)
    ours = load_file(vectors_file)["vectors"]
    if side == "context":
        texts = [text["turn_separator"].join(line.split("\t")) for line in lines]
        limit = text["max_context_tokens"]
        lengths = [len(model.tokenizer(text["context_prefix"] + line)["input_ids"]) for line in texts]
        kept = [i for i, length in enumerate(lengths) if length <= limit]
        theirs = model.encode_query([texts[i] for i in kept])
    else:
        model.max_seq_length = text["max_reply_tokens"]
        kept = list(range(len(lines)))
        theirs = model.encode_document(lines)
    return {
        "texts": len(kept),
        "too_long": len(lines) - len(kept),
        "greatest_difference": float(np.abs(theirs - ours[kept]).max()),
        "mean_norm": float(np.linalg.norm(theirs, axis=1).mean()),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--export", type=Path, required=True)
    parser.add_argument("--contexts", nargs=2, type=Path, metavar=("TEXTS", "VECTORS"), required=True)
    parser.add_argument("--replies", nargs=2, type=Path, metavar=("TEXTS", "VECTORS"), required=True)
    parser.add_argument("--tolerance", type=float, default=1e-5)
    arguments = parser.parse_args()
    result = {
        "context": difference(arguments.export, "context", *arguments.contexts),
        "reply": difference(arguments.export, "reply", *arguments.replies),
    }
    print(json.dumps(result))
    sys.exit(any(side["greatest_difference"] > arguments.tolerance for side in result.values()))


if __name__ == "__main__":
    main()
