"""Compares the vectors that Retort makes with a sentence-transformers folder, as it was published, with sentence-transformers' own.

  sentence_vectors_parity.py --write-texts texts.txt
  retort encode --model FOLDER --data texts.txt --out vectors.safetensors
  sentence_vectors_parity.py --folder FOLDER --texts texts.txt --vectors vectors.safetensors

The 200 texts are put together by this script: from one word to more than the model takes, with marks, digits, other scripts and
characters outside the first plane. Prints the largest difference of any element as JSON; the exit code is 1 above --tolerance.
"""

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

OPENINGS = ["The train to the coast was late again", "My neighbour grows tomatoes on her balcony", "Could you send me the file by noon?",
            "I've never liked rainy Mondays", "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich", "Ça va très bien, merci",
            "今日はとても寒いですね", "Сегодня вечером мы идём в кино", "Order no. 4711-B costs 19.99 EUR", "wait... WHAT?! 😂🎉"]
ENDINGS = ["", " and nobody told us why.", ", which is odd", " (as I said)", "; so what", " -- that's it!", " #weekend @home", " … maybe later?",
           " I'll call you tomorrow at 8:30", " naïve café déjà-vu"]


def texts():
    """Every opening with every ending, and again at other lengths: single words, and the text over and over."""
    pairs = [opening + ending for opening in OPENINGS for ending in ENDINGS]
    others = [" ".join([text] * (1 + i % 23)) if i % 2 else text.split()[i % len(text.split())] for i, text in enumerate(pairs)]
    return pairs + others


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write-texts", type=Path, help="write the texts here, one a line, and end")
    parser.add_argument("--folder", type=Path, help="the sentence-transformers folder")
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--vectors", type=Path, help="what retort encode made of the texts")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()
    if arguments.write_texts:
        arguments.write_texts.write_text("".join(text + "\n" for text in texts()), encoding="utf-8")
        return
    import numpy as np
    from safetensors.numpy import load_file
    from sentence_transformers import SentenceTransformer

    lines = arguments.texts.read_text(encoding="utf-8").splitlines()
    ours = load_file(arguments.vectors)["vectors"]
    model = SentenceTransformer(str(arguments.folder), device="cpu")
    theirs = model.encode(lines)
    lengths = [len(ids) for ids in model.tokenizer(lines)["input_ids"]]
    greatest = float(np.abs(ours - theirs).max())
    cosines = (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    report = {"texts": len(lines), "shortest": min(lengths), "longest": max(lengths), "cut_at": model.max_seq_length,
              "greatest_difference": greatest, "least_cosine": float(cosines.min())}
    print(json.dumps(report, indent=2))
    sys.exit(greatest > arguments.tolerance)


if __name__ == "__main__":
    main()
