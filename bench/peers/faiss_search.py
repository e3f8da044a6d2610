"""Times FAISS IndexFlatIP on the vectors of a response index and keeps what it finds.

Vectors come from a .npy file, from the tensor `vectors` f32 [n, d] of a safetensors file, or, for a Retort response
index, from a raw region of any file: --offset, --rows and --dims of little-endian float32 rows without gaps. Queries
come from a tensor f32 [q, d] of a safetensors file. Times are wall times of one `search` call, after a
warm-up: queries one at a time, then --batch at once. The results of every query, searched one at a time, go to --out,
as JSON or safetensors by its name: `ids` i64 [q, k] and `scores` f32 [q, k], best first.
"""

import argparse
import json
import time
from pathlib import Path

import faiss
import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file


def read_vectors(arguments):
    path = arguments.vectors
    region = (arguments.offset, arguments.rows, arguments.dims)
    if any(part is not None for part in region):
        if any(part is None for part in region):
            raise SystemExit("a raw region needs --offset, --rows and --dims")
        offset, rows, dims = region
        if offset < 0 or rows < 1 or dims < 1 or offset + 4 * rows * dims > path.stat().st_size:
            raise SystemExit(f"{path}: {rows} rows of {dims} floats from {offset} on do not lie within its bytes")
        return np.memmap(path, dtype="<f4", mode="r", offset=offset, shape=(rows, dims))
    if path.suffix == ".npy":
        return np.load(path, mmap_mode="r")
    return read_tensor(path, "vectors")


def read_tensor(path, name):
    with safe_open(path, framework="numpy") as file:
        if name not in file.keys():
            raise SystemExit(f"{path}: no tensor `{name}`, only {sorted(file.keys())}")
        return file.get_tensor(name)


def checked(name, array):
    """The array as FAISS wants it: float32, two dimensions, rows one after the other."""
    if array.ndim != 2 or array.dtype != np.float32 or len(array) == 0:
        raise SystemExit(f"{name}: expected f32 [rows, dims], found {array.dtype} {list(array.shape)}")
    return np.ascontiguousarray(array)


def milliseconds(call, runs, warm_up):
    """Wall times of call(0), call(1), ... in ms, without the first warm_up."""
    times = []
    for run in range(-warm_up, runs):
        start = time.perf_counter_ns()
        call(run)
        if run >= 0:
            times.append((time.perf_counter_ns() - start) / 1e6)
    return times


def summary(times):
    p50, p99 = np.percentile(times, [50, 99])
    return {"runs": len(times), "p50_ms": round(p50, 4), "p99_ms": round(p99, 4), "min_ms": round(min(times), 4)}


def write_results(path, ids, scores):
    if path.suffix == ".json":
        path.write_text(json.dumps({"ids": ids.tolist(), "scores": scores.tolist()}) + "\n", encoding="utf-8")
    else:
        save_file({"ids": ids.astype(np.int64), "scores": scores}, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path, required=True, help=".npy, safetensors or, with --offset, any file")
    parser.add_argument("--offset", type=int, help="raw region: its first byte in the file")
    parser.add_argument("--rows", type=int, help="raw region: vectors")
    parser.add_argument("--dims", type=int, help="raw region: floats of a vector")
    parser.add_argument("--queries", type=Path, required=True, help="safetensors file with f32 [q, d]")
    parser.add_argument("--tensor", default="vectors", help="its tensor (default vectors, as `retort encode` writes it)")
    parser.add_argument("--top", type=int, default=10, help="results of a query (default 10)")
    parser.add_argument("--runs", type=int, default=200, help="timed searches of one query (default 200)")
    parser.add_argument("--batch", type=int, default=64, help="queries at once (default 64)")
    parser.add_argument("--batch-runs", type=int, default=20, help="timed searches of a batch (default 20)")
    parser.add_argument("--warm-up", type=int, default=10, help="untimed searches before each series (default 10)")
    parser.add_argument("--threads", type=int, default=1, help="OpenMP threads of FAISS (default 1)")
    parser.add_argument("--out", type=Path, help="results: .json, or else safetensors")
    arguments = parser.parse_args()

    faiss.omp_set_num_threads(arguments.threads)
    vectors = checked("vectors", read_vectors(arguments))
    queries = checked("queries", read_tensor(arguments.queries, arguments.tensor))
    if vectors.shape[1] != queries.shape[1]:
        raise SystemExit(f"vectors have {vectors.shape[1]} dims, queries {queries.shape[1]}")
    top = min(arguments.top, len(vectors))
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)

    def one(run):
        row = run % len(queries)
        index.search(queries[row : row + 1], top)

    batch = np.resize(queries, (arguments.batch, queries.shape[1]))
    single_times = milliseconds(one, arguments.runs, arguments.warm_up)
    batch_times = milliseconds(lambda _: index.search(batch, top), arguments.batch_runs, min(arguments.warm_up, 3))
    if arguments.out:
        # One query at a time: FAISS computes batches with a matrix product, which rounds differently.
        found = [index.search(queries[row : row + 1], top) for row in range(len(queries))]
        scores = np.concatenate([scores for scores, _ in found])
        ids = np.concatenate([ids for _, ids in found])
        write_results(arguments.out, ids, scores)
    report = {
        "faiss": faiss.__version__,
        "compiled_for": faiss.get_compile_options().strip(),
        "rows": len(vectors),
        "dims": vectors.shape[1],
        "queries": len(queries),
        "top": top,
        "threads": arguments.threads,
        "one_query": summary(single_times),
        f"{arguments.batch}_queries": summary(batch_times),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
