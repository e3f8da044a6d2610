"""Makes the golden files of the GGUF reader's tests with the reference implementation, the Python package `gguf`.

  blocks.gguf                one tensor of every type that Retort reads, metadata of every type
  blocks.golden.safetensors  f32 under the same names: what gguf.quants.dequantize makes of them
  tiny-gpt2.gguf             a random GPT-2 as llama.cpp's converter writes it; gguf_parity.py makes its CSV

Blocks are random bytes, so that every bit of a layout matters; their f16 scales are finite, 0 and subnormal ones among
them.
"""

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from safetensors.numpy import save_file

# Where the f16 scales of a block are, in bytes from its start.
SCALES = {
    Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0], Type.Q4_K: [0, 2],
    Type.Q6_K: [208], Type.Q5_K: [0, 2],
}  # fmt: skip
ROWS, BLOCKS = 3, 2


def blocks(kind, random):
    """u8 [ROWS, BLOCKS * bytes of a block]"""
    size, width = gguf.GGML_QUANT_SIZES[kind]
    data = random.integers(0, 256, (ROWS * BLOCKS, width), dtype=np.uint8)
    scales = np.array([0.0, 6e-8, -1e-5, 0.0123, -1.7, 250.0], dtype=np.float16)
    for place, at in enumerate(SCALES[kind]):
        data[:, at : at + 2] = np.roll(scales, place).view(np.uint8).reshape(-1, 2)
    return data.reshape(ROWS, BLOCKS * width)


def plain(kind, random):
    values = random.standard_normal((ROWS, 5)).astype(np.float32)
    if kind == Type.F16:
        return values.astype(np.float16)
    return gguf.quants.quantize(values, kind) if kind == Type.BF16 else values


def add_metadata(writer):
    writer.add_uint8("test.uint8", 255)
    writer.add_int8("test.int8", -128)
    writer.add_uint16("test.uint16", 65535)
    writer.add_int16("test.int16", -32768)
    writer.add_uint32("test.uint32", 4294967295)
    writer.add_int32("test.int32", -2147483648)
    writer.add_uint64("test.uint64", 2**63 + 1)
    writer.add_int64("test.int64", -(2**63))
    writer.add_float32("test.float32", 0.1)
    writer.add_float64("test.float64", 0.1)
    writer.add_bool("test.bool", True)
    writer.add_string("test.string", "Ġé€😀")
    writer.add_array("test.strings", ["a", "", "Ġé€😀"])
    writer.add_array("test.integers", [1, -2, 3])
    writer.add_array("test.reals", [0.5, -0.25])
    writer.add_array("test.booleans", [True, False])


def write_gpt2(path, random):
    dim, vocabulary, positions = 4, 11, 1024  # transformers reads no other number of positions out of a GGUF file
    writer = gguf.GGUFWriter(path, "gpt2")
    writer.add_block_count(2)
    writer.add_context_length(positions)
    writer.add_embedding_length(dim)
    writer.add_feed_forward_length(4 * dim)
    writer.add_head_count(2)
    writer.add_layer_norm_eps(1e-5)
    writer.add_token_list([f"t{i}" for i in range(vocabulary)])
    shapes = {"token_embd.weight": (vocabulary, dim), "position_embd.weight": (positions, dim)}
    linear = {"attn_qkv": (3 * dim, dim), "attn_output": (dim, dim), "ffn_up": (4 * dim, dim), "ffn_down": (dim, 4 * dim)}
    for layer in range(2):
        for norm in ("attn_norm", "ffn_norm"):
            shapes |= {f"blk.{layer}.{norm}.{part}": (dim,) for part in ("weight", "bias")}
        for name, (out, into) in linear.items():
            shapes |= {f"blk.{layer}.{name}.weight": (out, into), f"blk.{layer}.{name}.bias": (out,)}
    shapes |= {"output_norm.weight": (dim,), "output_norm.bias": (dim,)}
    for name, shape in shapes.items():
        writer.add_tensor(name, random.standard_normal(shape).astype(np.float32))
    finish(writer)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder")
    arguments = parser.parse_args()
    random = np.random.default_rng(20210825)
    writer = gguf.GGUFWriter(arguments.out / "blocks.gguf", "llama")
    add_metadata(writer)
    golden = {}
    for kind in [Type.F32, Type.F16, Type.BF16, *SCALES]:
        # A type that came later has numbers of its own, so that those of the others stay.
        own = np.random.default_rng(5) if kind == Type.Q5_K else random
        data = blocks(kind, own) if kind in SCALES else plain(kind, random)
        golden[kind.name] = gguf.quants.dequantize(data, kind)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
    finish(writer)
    write_gpt2(arguments.out / "tiny-gpt2.gguf", random)
    save_file(golden, arguments.out / "blocks.golden.safetensors", {"made_with": "gguf"})
    print(json.dumps({name: list(values.shape) for name, values in golden.items()}))


if __name__ == "__main__":
    main()
