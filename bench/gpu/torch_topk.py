"""PyTorch's matmul and topk on made-up rows, timed with CUDA events; JSON, one object a line, as bench/gpu/check reads it.

    python3 torch_topk.py REPORT SECONDS ROWSxDIMS[,ROWSxDIMS...] [--copy] [--cpu]

Medians after a warm-up. The queries start and the hits end on the card, as with our kernels' times. --copy measures a copy within the card's
memory first. --cpu rehearses without a card: what it times then says nothing.
"""
import argparse
import json
import statistics
import sys
import time

import torch

WARM_UPS, LEAST_ROUNDS, MOST_ROUNDS, SECONDS_OF_EACH = 3, 5, 200, 1.0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("report")
    parser.add_argument("seconds", type=float)
    parser.add_argument("shapes")
    parser.add_argument("--copy", action="store_true")
    parser.add_argument("--cpu", action="store_true")
    arguments = parser.parse_args()
    end = time.monotonic() + arguments.seconds
    device = "cpu" if arguments.cpu else "cuda"
    torch.backends.cuda.matmul.allow_tf32 = False  # float32 means float32
    with open(arguments.report, "w", encoding="utf-8") as out:
        def report(kind, **values):
            print(json.dumps({"kind": kind, **values}), file=out, flush=True)

        report("torch", version=torch.__version__, cuda=torch.version.cuda,
               card=None if arguments.cpu else torch.cuda.get_device_name(0))
        if arguments.copy:
            measure_copy(report, device)
        for shape in arguments.shapes.split(","):
            rows, dims = (int(number) for number in shape.split("x"))
            for dtype in (torch.float16, torch.float32):
                measure_search(report, device, dtype, rows, dims, end)


def measure_copy(report, device):
    count = (4 << 30) // 4 if device == "cuda" else 1 << 24
    source = torch.ones(count, dtype=torch.float32, device=device)
    target = torch.empty_like(source)
    times = timed(lambda: target.copy_(source), device, time.monotonic() + 0.5)
    report("torch_copy", bytes_per_second=2 * 4 * count / (min(times) / 1000),
           median_bytes_per_second=2 * 4 * count / (statistics.median(times) / 1000))


def measure_search(report, device, dtype, count, dims, end):
    name = str(dtype).removeprefix("torch.")
    if time.monotonic() >= end:
        return
    rows = queries = None
    try:
        rows = directions(count, dims, dtype, device, 1)
        queries = directions(256, dims, dtype, device, 2)
    except torch.OutOfMemoryError:
        report("torch_skipped", rows=count, dims=dims, dtype=name, why="the rows do not fit the card's memory")
        return
    for k in (10, 100):
        for batch in (1, 64, 256):
            if time.monotonic() >= end:
                return
            # Scores of all rows at once where they fit, else of as many rows as do, and the best of the parts' best.
            for parts in (1, 4, 16, 64):
                def search():
                    some = queries[:batch]
                    if parts == 1:
                        return torch.topk(torch.matmul(some, rows.T), k, dim=1)
                    size = -(-count // parts)
                    best = [torch.topk(torch.matmul(some, rows[first:first + size].T), k, dim=1) for first in range(0, count, size)]
                    return torch.topk(torch.cat([part.values for part in best], dim=1), k, dim=1)

                try:
                    times = timed(search, device, min(end, time.monotonic() + SECONDS_OF_EACH))
                except torch.OutOfMemoryError:
                    torch.cuda.empty_cache()
                    continue
                report("torch_figure", rows=count, dims=dims, dtype=name, queries=batch, k=k, ms=statistics.median(times),
                       ms_least=min(times), parts=parts, rounds=len(times))
                break
    del rows, queries
    if device == "cuda":
        torch.cuda.empty_cache()


def directions(count, dims, dtype, device, seed):
    generator = torch.Generator(device=device).manual_seed(seed)
    vectors = torch.empty(count, dims, dtype=dtype, device=device)
    for first in range(0, count, 1 << 20):
        part = torch.randn(min(1 << 20, count - first), dims, generator=generator, device=device)
        vectors[first:first + part.shape[0]] = torch.nn.functional.normalize(part)
    return vectors


def timed(work, device, until):
    """Milliseconds of each round."""
    times = []
    for turn in range(-WARM_UPS, MOST_ROUNDS):
        if turn >= LEAST_ROUNDS and time.monotonic() >= until:
            break
        if device == "cuda":
            before, after = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            before.record()
            work()
            after.record()
            after.synchronize()
            millis = before.elapsed_time(after)
        else:
            start = time.perf_counter()
            work()
            millis = 1000 * (time.perf_counter() - start)
        if turn >= 0:
            times.append(millis)
    return times


if __name__ == "__main__":
    sys.exit(main())
