"""The ONNX model and tokenizer of a sentence encoder as these scripts use them: no padding, no truncation.

Shared by the scripts of this folder; not a program of its own.
"""

import hashlib
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


def sha256(path):
    """The hexadecimal SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_lines(path):
    """The lines of a UTF-8 text file. Only a line feed ends a line: texts may hold other Unicode line separators."""
    lines = Path(path).read_bytes().decode("utf-8").split("\n")
    return lines[:-1] if lines and lines[-1] == "" else lines


def plain_tokenizer(path):
    """The tokenizer with the padding and truncation that the file itself may switch on turned off."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def token_ids(tokenizer, text):
    """Token ids of one text with the special tokens around it."""
    return tokenizer.encode(text, add_special_tokens=True).ids


def mean_pooled(hidden):
    """Mean over the tokens of a [time, dim] array, not normalised; summed in double, to serve as a reference."""
    return hidden.mean(axis=0, dtype=np.float64).astype(np.float32)


class OnnxEncoder:
    """ONNX Runtime on the CPU over a BERT-like encoder with the output `last_hidden_state`."""

    def __init__(self, path, threads=1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.input_names = {graph_input.name for graph_input in self.session.get_inputs()}

    def feed(self, ids):
        """The graph's inputs for ids of shape [batch, time] of which none is padding."""
        feed = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        return {name: array for name, array in feed.items() if name in self.input_names}

    def hidden(self, ids):
        """last_hidden_state [time, dim] of one text, run alone."""
        batch = np.asarray([ids], dtype=np.int64)
        return self.session.run(["last_hidden_state"], self.feed(batch))[0][0]
