"""Times one forward pass of PyTorch (float32, eval) and ONNX Runtime on random token ids, for an encoder of any family.

Every batch is full: --batch texts of --length tokens without padding, drawn with --seed. Times are wall times of a call
in ms, after a warm-up, one engine after the other. With both engines the largest difference of their outputs is
printed, so that a time never belongs to another computation.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import onnxruntime
import torch
from transformers import AutoModel

from onnx_encoder import OnnxEncoder


def pytorch_call(folder, ids):
    model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    inputs = torch.from_numpy(ids)
    mask = torch.ones_like(inputs)

    def call():
        with torch.inference_mode():
            return model(input_ids=inputs, attention_mask=mask).last_hidden_state.numpy()

    return call


def export_onnx(folder, path, ids):
    """Writes the model as ONNX, for a folder that has none."""

    class Hidden(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = AutoModel.from_pretrained(folder, local_files_only=True, attn_implementation="eager").eval()

        def forward(self, input_ids, attention_mask):
            return self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    inputs = torch.from_numpy(ids)
    names = ["input_ids", "attention_mask"]
    axes = {name: {0: "batch", 1: "time"} for name in names + ["last_hidden_state"]}
    torch.onnx.export(Hidden().eval(), (inputs, torch.ones_like(inputs)), str(path), input_names=names,
                      output_names=["last_hidden_state"], dynamic_axes=axes, opset_version=17, dynamo=False)


def onnxruntime_call(path, ids, threads):
    encoder = OnnxEncoder(path, threads)
    feed = encoder.feed(ids)
    return lambda: encoder.session.run(["last_hidden_state"], feed)[0]


def timed(call, runs, warm_up):
    """(summary, output): wall times in ms of the calls after the warm-up, and what the last one returned."""
    times = []
    output = None
    for run in range(-warm_up, runs):
        start = time.perf_counter_ns()
        output = call()
        if run >= 0:
            times.append((time.perf_counter_ns() - start) / 1e6)
    median, p99 = np.percentile(times, [50, 99])
    return {"median_ms": round(median, 3), "min_ms": round(min(times), 3), "p99_ms": round(p99, 3)}, output


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="folder of an encoder, as from jar_model.py: times PyTorch")
    parser.add_argument("--export-onnx", action="store_true", help="first write --model to the file --onnx")
    parser.add_argument("--onnx", type=Path, help="ONNX file of the same model: times ONNX Runtime")
    parser.add_argument("--batch", type=int, default=32, help="texts (default 32)")
    parser.add_argument("--length", type=int, default=64, help="tokens of a text (default 64)")
    parser.add_argument("--threads", type=int, default=1, help="threads of each engine (default 1)")
    parser.add_argument("--runs", type=int, default=20, help="timed calls (default 20)")
    parser.add_argument("--warm-up", type=int, default=3, help="untimed calls before them (default 3)")
    parser.add_argument("--vocabulary", type=int, default=30522, help="ids are drawn below it (default 30522)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.model is None and arguments.onnx is None:
        parser.error("give --model, --onnx or both")

    torch.set_num_threads(arguments.threads)
    shape = (arguments.batch, arguments.length)
    ids = np.random.default_rng(arguments.seed).integers(0, arguments.vocabulary, shape, dtype=np.int64)
    report = {name: getattr(arguments, name) for name in ("batch", "length", "threads", "runs")}
    if arguments.export_onnx:
        export_onnx(arguments.model, arguments.onnx, ids)
    outputs = []
    if arguments.model:
        call = pytorch_call(arguments.model, ids)
        result, output = timed(call, arguments.runs, arguments.warm_up)
        report["pytorch"] = {"version": torch.__version__, **result}
        outputs.append(output)
    if arguments.onnx:
        call = onnxruntime_call(arguments.onnx, ids, arguments.threads)
        result, output = timed(call, arguments.runs, arguments.warm_up)
        report["onnxruntime"] = {"version": onnxruntime.__version__, **result}
        outputs.append(output)
    if len(outputs) == 2:
        report["max_abs_diff"] = float(np.abs(outputs[0] - outputs[1]).max())
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
