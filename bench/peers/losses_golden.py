"""Makes losses.golden.safetensors of the Java tests: the losses of G2R over a batch's scores and their gradients, by PyTorch in float64.

  scores      f64 [contexts, replies]
  candidates  i32 [contexts, candidates]  columns of each context's own replies, the original one first
  teacher     f64 [contexts, candidates]
  shared      i32 [negatives]             columns of the shared negatives
  sampled, in_batch, multi_positive, distillation, mix              f64 [1], losses
  sampled_gradient, ... mix_gradient                                f64 [contexts, replies]
A context has a reply of its own twice, two contexts share a reply, and scores lie up to 300 apart. The losses are written as in
the paper, context by context, over nothing but the columns that count. Temperature and alpha stand in the file's metadata.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

TEMPERATURE = 2.0
ALPHA = 0.1


def cross_entropy(scores, positive, negatives):
    """-log softmax over the positive and the negatives, at the positive."""
    return torch.logsumexp(torch.cat([scores[positive].view(1), scores[negatives]]), 0) - scores[positive]


def sampled(scores, candidates, shared):
    return torch.stack([cross_entropy(row, own[0], shared) for row, own in zip(scores, candidates)]).mean()


def in_batch(scores, candidates):
    losses = []
    for row, own in zip(scores, candidates):
        others = sorted(set(candidates.flatten().tolist()) - set(own.tolist()))
        losses.append(cross_entropy(row, own[0], torch.tensor(others)))
    return torch.stack(losses).mean()


def multi_positive(scores, candidates, shared):
    return torch.stack([cross_entropy(row, j, shared) for row, own in zip(scores, candidates) for j in own]).mean()


def distillation(scores, candidates, teacher, shared):
    losses = []
    for row, own, q in zip(scores, candidates, teacher):
        p = torch.softmax(q / TEMPERATURE, 0)
        normaliser = torch.logsumexp(torch.cat([row[own.unique()], row[shared]]), 0)
        losses.append((p * (normaliser - row[own])).sum())
    return torch.stack(losses).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder")
    arguments = parser.parse_args()
    generator = torch.Generator().manual_seed(20210825)
    scores = 3 * torch.randn(4, 17, generator=generator, dtype=torch.float64)
    scores[1, 2] = 150  # a candidate, far above all else
    scores[2, 14] = 150  # a negative, likewise
    scores[3, 9] = -150  # a candidate, far below
    candidates = torch.tensor([[0, 1, 2], [3, 2, 4], [5, 6, 6], [7, 8, 9]])
    shared = torch.arange(10, 17)
    teacher = torch.randn(4, 3, generator=generator, dtype=torch.float64)
    losses = {
        "sampled": lambda s: sampled(s, candidates, shared),
        "in_batch": lambda s: in_batch(s, candidates),
        "multi_positive": lambda s: multi_positive(s, candidates, shared),
        "distillation": lambda s: distillation(s, candidates, teacher, shared),
        "mix": lambda s: (1 - ALPHA) * multi_positive(s, candidates, shared)
        + ALPHA * distillation(s, candidates, teacher, shared),
    }
    tensors = {"scores": scores, "candidates": candidates.int(), "teacher": teacher, "shared": shared.int()}
    for name, loss in losses.items():
        variable = scores.clone().requires_grad_()
        value = loss(variable)
        tensors[name] = value.detach().view(1)
        tensors[name + "_gradient"] = torch.autograd.grad(value, variable)[0]
    metadata = {"made_with": f"torch {torch.__version__.split('+')[0]}", "temperature": str(TEMPERATURE), "alpha": str(ALPHA)}
    save_file(tensors, arguments.out / "losses.golden.safetensors", metadata)
    print(json.dumps({name: tensors[name].item() for name in losses}))


if __name__ == "__main__":
    main()
