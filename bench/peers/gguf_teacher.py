"""Shared by the others: a GGUF language model in transformers, float32, with its tokenizer."""

import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from gguf import GGUFReader
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer


def load(path, threads=None):
    """(model, tokenizer): `encode(text)` takes text literally, without special tokens."""
    if threads:
        torch.set_num_threads(threads)
    path = Path(path)
    source = dict(gguf_file=path.name)
    tokenizer = AutoTokenizer.from_pretrained(path.parent, **source).backend_tokenizer
    rule = GGUFReader(path).fields["tokenizer.ggml.pre"].contents()
    if rule == "smollm":  # transformers' conversion leaves the digits out
        byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(True), byte_level])
    tokenizer.encode_special_tokens = True
    model = AutoModelForCausalLM.from_pretrained(path.parent, dtype=torch.float32, **source).eval()
    return model, tokenizer
