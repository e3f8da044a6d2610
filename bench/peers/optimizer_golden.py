"""Makes optimizer.golden.safetensors of the Java tests: parameters after steps of PyTorch's optimisers, on the CPU in float32.

  start      f32 [n]         parameters at first
  gradients  f32 [steps, n]  the gradient of each step
  adam, adamw, adamax, sgd   f32 [steps, n], parameters after each step, with weight decay
  clipped    f32 [steps, n]  AdamW with each gradient clipped to norm 1 first
The numbers the optimisers are given stand in the file's metadata.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

SETTINGS = dict(lr=0.01, betas=(0.9, 0.99), eps=1e-6, weight_decay=0.1)


def run(make, start, gradients, clip=None):
    """Parameters after each step."""
    parameter = torch.nn.Parameter(start.clone())
    optimizer = make([parameter])
    after = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        if clip:
            torch.nn.utils.clip_grad_norm_([parameter], clip)
        optimizer.step()
        after.append(parameter.detach().clone())
    return torch.stack(after)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder")
    parser.add_argument("--steps", type=int, default=6)
    arguments = parser.parse_args()
    generator = torch.Generator().manual_seed(20210825)
    start = torch.randn(37, generator=generator)
    gradients = torch.randn(arguments.steps, 37, generator=generator)
    gradients[:, 0] = 0  # its norm stays at epsilon
    gradients[:, 1] *= 1e-6
    gradients[:, 2] *= 1e3
    adamw = lambda p: torch.optim.AdamW(p, foreach=False, **SETTINGS)
    tensors = {
        "start": start,
        "gradients": gradients,
        "adam": run(lambda p: torch.optim.Adam(p, foreach=False, **SETTINGS), start, gradients),
        "adamw": run(adamw, start, gradients),
        "adamax": run(lambda p: torch.optim.Adamax(p, foreach=False, **SETTINGS), start, gradients),
        "sgd": run(lambda p: torch.optim.SGD(p, foreach=False, lr=0.01, weight_decay=0.1), start, gradients),
        "clipped": run(adamw, start, gradients, clip=1.0),
    }
    metadata = {"made_with": f"torch {torch.__version__.split('+')[0]}", "settings": json.dumps(SETTINGS)}
    save_file(tensors, arguments.out / "optimizer.golden.safetensors", metadata)
    print(json.dumps({name: list(tensor.shape) for name, tensor in tensors.items()}))


if __name__ == "__main__":
    main()
