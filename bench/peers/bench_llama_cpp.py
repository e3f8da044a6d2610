"""llama.cpp, through llama-cpp-python's low-level API, at the work of `retort bench generate`, `retort bench score` and `retort lm score`.

generate: greedy, --batch prompts of --prompt random ids, --tokens generated for each: every prompt in one llama_decode, then one token of every
sequence a call. prefill: one prompt of --prompt ids. score: log P of --candidates candidates of --tokens ids after each of --contexts contexts,
which are computed once and shared. pairs: log P of the continuations of --data, one JSON object a line, as `retort lm score --json` prints.

Runs in an environment of its own: `python3 -m venv LLAMA && LLAMA/bin/pip install llama-cpp-python numpy` (it is compiled: about ten minutes).
"""

import argparse
import ctypes
import json
import time

import llama_cpp.llama_cpp as c
import numpy as np
from random_ids import RandomIds


class Model:
    """A model and one context of it, on CPU threads alone."""

    def __init__(self, path, threads, sequences, tokens, batch):
        c.llama_backend_init()
        self.silence = c.llama_log_callback(lambda level, text, data: None)
        c.llama_log_set(self.silence, ctypes.c_void_p(0))
        options = c.llama_model_default_params()
        options.n_gpu_layers = 0
        self.model = c.llama_model_load_from_file(str(path).encode(), options)
        if not self.model:
            raise SystemExit(f"llama.cpp does not open {path}")
        self.vocabulary = c.llama_model_get_vocab(self.model)
        self.size = c.llama_vocab_n_tokens(self.vocabulary)
        options = c.llama_context_default_params()
        options.n_ctx, options.n_batch, options.n_ubatch = tokens, batch, min(batch, 512)
        options.n_seq_max, options.kv_unified = sequences, True  # so that candidates share their context
        options.n_threads = options.n_threads_batch = threads
        self.context = c.llama_init_from_model(self.model, options)
        self.batch = c.llama_batch_init(batch, 0, sequences)
        self.most = batch

    def clear(self):
        c.llama_memory_clear(c.llama_get_memory(self.context), True)

    def share(self, sequence, others):
        for other in others:
            c.llama_memory_seq_cp(c.llama_get_memory(self.context), sequence, other, -1, -1)

    def decode(self, rows):
        """rows: (token, position, sequence, whether its logits are wanted), no more than fit a batch."""
        batch = self.batch
        batch.n_tokens = len(rows)
        for i, (token, position, sequence, wanted) in enumerate(rows):
            batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, position, 1, wanted
            batch.seq_id[i][0] = sequence
        if c.llama_decode(self.context, batch):
            raise SystemExit("llama_decode failed")

    def logits(self, row):
        return np.ctypeslib.as_array(c.llama_get_logits_ith(self.context, row), (self.size,))

    def best(self, row):
        return int(self.logits(row).argmax())

    def log_probability(self, row, token):
        logits = self.logits(row).astype(np.float64)
        top = logits.max()
        return logits[token] - top - np.log(np.exp(logits - top).sum())

    def tokens(self, text):
        """Ids of a text taken literally, without special tokens."""
        data = text.encode()
        room = (c.llama_token * (len(data) + 8))()
        count = c.llama_tokenize(self.vocabulary, data, len(data), room, len(room), False, False)
        return list(room[:count])

    def begin(self):
        return [c.llama_vocab_bos(self.vocabulary)] if c.llama_vocab_get_add_bos(self.vocabulary) else []


def generate_call(model, arguments):
    prompts = RandomIds(model.size).batch(arguments.batch, arguments.prompt).tolist()

    def call(length):
        model.clear()
        rows = [(token, at, s, at == arguments.prompt - 1) for s, ids in enumerate(prompts) for at, token in enumerate(ids)]
        model.decode(rows)
        tokens = [model.best((s + 1) * arguments.prompt - 1) for s in range(arguments.batch)]
        for at in range(arguments.prompt, arguments.prompt + length - 1):
            model.decode([(token, at, s, True) for s, token in enumerate(tokens)])
            tokens = [model.best(s) for s in range(arguments.batch)]

    return call


def prefill_call(model, arguments):
    ids = RandomIds(model.size).batch(1, arguments.prompt)[0].tolist()

    def call():
        model.clear()
        model.decode([(token, at, 0, at == len(ids) - 1) for at, token in enumerate(ids)])
        model.best(len(ids) - 1)

    return call


def judge(model, context, candidates):
    """Sums of log P of candidates after a context, which is computed once."""
    model.clear()
    model.decode([(token, at, 0, at == len(context) - 1) for at, token in enumerate(context)])
    sums = [model.log_probability(len(context) - 1, ids[0]) for ids in candidates]
    model.share(0, range(1, len(candidates)))
    rows, wanted = [], []
    for s, ids in enumerate(candidates):
        for at, token in enumerate(ids[:-1]):
            wanted.append((s, ids[at + 1]))
            rows.append((token, len(context) + at, s, True))
    for start in range(0, len(rows), model.most):
        model.decode(rows[start:start + model.most])
        for row, (s, token) in enumerate(wanted[start:start + model.most]):
            sums[s] += model.log_probability(row, token)
    return sums


def score_call(model, arguments):
    ids = RandomIds(model.size)
    work = [(ids.batch(1, arguments.prompt)[0].tolist(), ids.batch(arguments.candidates, arguments.tokens).tolist())
            for _ in range(arguments.contexts)]  # fmt: skip

    def call():
        total = sum(sum(judge(model, context, candidates)) for context, candidates in work)
        return total / (arguments.contexts * arguments.candidates * arguments.tokens)

    return call


def pairs(path):
    """Consecutive pairs of one prompt, together."""
    prompt, continuations = None, []
    for line in open(path, encoding="utf-8"):
        pair = json.loads(line)
        if pair["prompt"] != prompt and continuations:
            yield prompt, continuations
            continuations = []
        prompt = pair["prompt"]
        continuations.append(pair["continuation"])
    if continuations:
        yield prompt, continuations


def timed(call, runs, warm_up):
    times, result = [], None
    for run in range(-warm_up, runs):
        start = time.perf_counter_ns()
        result = call()
        if run >= 0:
            times.append((time.perf_counter_ns() - start) / 1e6)
    return float(np.median(times)), result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", choices=["generate", "prefill", "score", "pairs"])
    parser.add_argument("--model", required=True, help="GGUF file")
    parser.add_argument("--data", help="pairs: JSON lines of prompt and continuation")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--contexts", type=int, default=8)
    parser.add_argument("--candidates", type=int, default=10)
    parser.add_argument("--prompt", type=int, default=64)
    parser.add_argument("--tokens", type=int, help="default 64, or 16 of a candidate")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--warm-up", type=int, default=1)
    arguments = parser.parse_args()
    arguments.tokens = arguments.tokens or (64 if arguments.work == "generate" else 16)
    sequences = {"generate": arguments.batch, "prefill": 1, "score": arguments.candidates, "pairs": 16}[arguments.work]
    most = max(2048, sequences * arguments.prompt)
    total = {"generate": arguments.batch * (arguments.prompt + arguments.tokens), "pairs": 8192}
    room = total.get(arguments.work, arguments.prompt + sequences * arguments.tokens)
    model = Model(arguments.model, arguments.threads, sequences, -(-room // 256) * 256, most)
    if arguments.work == "pairs":
        for prompt, continuations in pairs(arguments.data):
            candidates = [model.tokens(text) for text in continuations]
            sums = judge(model, model.begin() + model.tokens(prompt), candidates)
            for ids, total in zip(candidates, sums, strict=True):
                print(json.dumps({"logprob": float(total), "tokens": len(ids)}))
        return
    report = {"version": f"llama-cpp-python {__import__('llama_cpp').__version__}"}
    if arguments.work == "generate":
        call = generate_call(model, arguments)
        prompt, _ = timed(lambda: call(1), arguments.runs, arguments.warm_up)
        median, _ = timed(lambda: call(arguments.tokens), arguments.runs, arguments.warm_up)
        report |= {"tokens_per_s": 1e3 * arguments.batch * arguments.tokens / median, "prompt_ms": prompt}
    elif arguments.work == "prefill":
        median, _ = timed(prefill_call(model, arguments), arguments.runs, arguments.warm_up)
        report |= {"prompt_ms": median}
    else:
        median, mean = timed(score_call(model, arguments), arguments.runs, arguments.warm_up)
        report |= {"candidates_per_s": 1e3 * arguments.contexts * arguments.candidates / median, "mean_logprob": float(mean)}
    print(json.dumps(report | {"median_ms": median, "runs": arguments.runs}))


if __name__ == "__main__":
    main()
