"""Puts the vectors of an index into weights/, so that nobody has to encode the replies that come with Retort.

    vectors.py INDEX [--weights weights]

INDEX is what the bundled student made of the bundled replies, or of more than those, keyed by both (`retort index --key both`). Each
vector is kept as 16-bit numbers with a scale of its own: code = round(value / scale), scale = greatest / 32767, so a number is off by scale / 2
at most. The file, safetensors, also says whose vectors these are; manifest.py then enters it. Standard library alone.
"""

import argparse
import array
import gzip
import hashlib
import json
import struct
from pathlib import Path

from bundle import STUDENT

VECTORS, RESPONSES = "responses.safetensors", "responses.jsonl.gz"
LARGEST = 32767


def index_of(path):
    """Fingerprint, texts and vectors of an index (docs/file-formats.md)."""
    data = path.read_bytes()
    number = lambda at, form: struct.unpack_from("<" + form, data, at)[0]
    assert data[:8] == b"RETORTIX" and number(12, "I") == 0, f"{path} is no index of float32"
    dims, count = number(24, "I"), number(32, "Q")
    offsets = struct.unpack_from(f"<{count + 1}Q", data, number(88, "Q"))
    texts = data[number(104, "Q"):][:number(112, "Q")]
    vectors = array.array("f", data[number(120, "Q"):][:number(128, "Q")])
    return data[40:72], [texts[a:b].decode() for a, b in zip(offsets, offsets[1:])], vectors, dims


def single(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def safetensors(tensors):
    """tensors: name -> (type, shape, bytes); wider types come first and so lie aligned."""
    header, at = {}, 0
    for name, (kind, shape, data) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    return struct.pack("<Q", len(text)) + text + b"".join(data for _, _, data in tensors.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("--weights", type=Path, default=Path("weights"))
    args = parser.parse_args()
    folder = args.weights / STUDENT
    fingerprint, texts, vectors, dims = index_of(args.index)
    replies = (folder / RESPONSES).read_bytes()
    rows = {text: row for row, text in enumerate(texts)}
    texts = list(dict.fromkeys(json.loads(line)["candidates"][0]["text"] for line in gzip.decompress(replies).splitlines()))
    codes, scales = array.array("h"), array.array("f")
    for text in texts:
        row = vectors[rows[text] * dims:(rows[text] + 1) * dims]
        scale = single(max(map(abs, row)) / LARGEST)
        scales.append(scale)
        codes.extend(max(-LARGEST, min(LARGEST, round(value / scale))) for value in row)
    (folder / VECTORS).write_bytes(safetensors({
        "scales": ("F32", [len(texts)], scales.tobytes()),
        "codes": ("I16", [len(texts), dims], codes.tobytes()),
        "model": ("U8", [32], fingerprint),
        "texts": ("U8", [32], hashlib.sha256(replies).digest()),
    }))
    print(f"{len(texts)} vectors of {dims}, model {fingerprint.hex()[:12]}")


if __name__ == "__main__":
    main()
