"""Writes fingerprints of a GGUF model's parameters as transformers loads them: dequantised, named and laid out its way.

The CSV that it prints has a line for each parameter: name, shape with x between the dimensions, and the SHA-256 of the
values as little-endian float32. Retort's tests compare them with what GgufFile gives, so bit for bit, without holding
any weights.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gguf", type=Path, required=True, help="the model's file")
    arguments = parser.parse_args()
    model = AutoModelForCausalLM.from_pretrained(
        arguments.gguf.parent, gguf_file=arguments.gguf.name, dtype=torch.float32
    )
    seen = set()
    for name, tensor in model.state_dict().items():
        if tensor.data_ptr() in seen:
            print(f"{name} is tied: left out", file=sys.stderr)
            continue
        seen.add(tensor.data_ptr())
        digest = hashlib.sha256(tensor.contiguous().numpy().astype("<f4").tobytes()).hexdigest()
        print(f"{name},{'x'.join(map(str, tensor.shape))},{digest}")


if __name__ == "__main__":
    main()
