"""Makes schedules.golden.json of the Java tests: factors of the learning rate by transformers' schedules and PyTorch's ReduceLROnPlateau.

  warmups  by name: cases of {"warmup", "steps", "factors": [one for each step]}
  plateau  cases of {"patience", "factor", "greater", "metrics": [validations in order], "factors": [after each]}
"""

import argparse
import json
from pathlib import Path

import torch
import transformers

WARMUPS = [(0, 10), (4, 12), (5, 5), (30, 20)]


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


def factors(make, steps):
    sgd = optimizer()
    schedule = make(sgd)
    values = []
    for _ in range(steps):
        values.append(schedule.get_last_lr()[0])
        sgd.step()
        schedule.step()
    return values


def warmups():
    makers = {
        "constant": lambda o, w, n: transformers.get_constant_schedule_with_warmup(o, w),
        "linear": lambda o, w, n: transformers.get_linear_schedule_with_warmup(o, w, n),
        "cosine": lambda o, w, n: transformers.get_cosine_schedule_with_warmup(o, w, n),
        "inverse-sqrt": lambda o, w, n: transformers.get_inverse_sqrt_schedule(o, w),
    }
    return {name: [{"warmup": w, "steps": n, "factors": factors(lambda o: make(o, w, n), n)} for w, n in WARMUPS]
            for name, make in makers.items()}


def plateau(patience, factor, greater, metrics):
    sgd = optimizer()
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
        sgd, mode="max" if greater else "min", factor=factor, patience=patience, eps=0)
    values = []
    for metric in metrics:
        schedule.step(metric)
        values.append(sgd.param_groups[0]["lr"])
    return {"patience": patience, "factor": factor, "greater": greater, "metrics": metrics, "factors": values}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder")
    arguments = parser.parse_args()
    rising = [.3, .4, .4, .40003, .39, .5, .4, .4, .4, .4, .4, .51, .2, .6]
    falling = [3.0, 2.5, 2.4999, 2.6, 2.4, 2.41, 2.41, 2.41, 2.41, 1.0]
    golden = {
        "made_with": f"torch {torch.__version__.split('+')[0]}, transformers {transformers.__version__}",
        "warmups": warmups(),
        "plateau": [plateau(p, f, True, rising) for p, f in [(0, .5), (1, .5), (2, .1)]]
        + [plateau(p, .5, False, falling) for p in (0, 1)],
    }
    (arguments.out / "schedules.golden.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
