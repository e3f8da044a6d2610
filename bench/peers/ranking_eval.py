"""Ranks the candidates of ranking tests with a sentence-transformers model: cosine of context and reply.

A test is JSON Lines, plain or gzip:
  {"id", "context": [turn...], "positive": [...], "adversarial": [...]?, "random": [...]?}
The last --history turns are joined by " [SEP] ". Definitions (a tie always loses):
  rank           1 + the number of negatives (adversarial and random) that score at least as high as the best positive
  hits@1, hits@5 share of contexts with rank 1, with rank <= 5
  mrr            mean of 1 / rank
  pos>adversarial, pos>random
                 share of the (positive, negative) pairs of that kind, over all contexts, in the right order
Prints one JSON object with an entry for each file and each side at which long contexts are cut: "right" drops the
newest tokens, "left" the oldest. The special tokens at both ends count and are never cut.
"""

import argparse
import gzip
import json
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

KINDS = ("adversarial", "random")


def read_tests(path):
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as lines:
        return [json.loads(line) for line in lines if line.strip()]


def context_text(test, history):
    return " [SEP] ".join(test["context"][-history:])


def vectors(model, texts, max_tokens, cut):
    """Unit vectors by text. Each distinct text is encoded once, so equal texts get equal scores."""
    model.max_seq_length = max_tokens
    model.tokenizer.truncation_side = cut
    distinct = list(dict.fromkeys(texts))
    # A zero vector (no token at all) cannot happen: the special tokens are pooled as well.
    encoded = model.encode(distinct, batch_size=64, normalize_embeddings=True, show_progress_bar=False)
    return dict(zip(distinct, encoded))


def cut_contexts(model, texts, max_tokens):
    """How many contexts are longer than the limit."""
    return sum(len(ids) > max_tokens for ids in model.tokenizer(texts, truncation=False, verbose=False)["input_ids"])


def metrics(tests, scores_of):
    """scores_of(test, replies) -> scores, for replies in their order."""
    ranks = []
    right = dict.fromkeys(KINDS, 0)
    pairs = dict.fromkeys(KINDS, 0)
    for test in tests:
        positive = scores_of(test, test["positive"])
        rank = 1
        for kind in KINDS:
            negative = scores_of(test, test.get(kind) or [])
            rank += int((negative >= positive.max()).sum())
            right[kind] += int((positive[:, None] > negative[None, :]).sum())
            pairs[kind] += len(positive) * len(negative)
        ranks.append(rank)
    ranks = np.array(ranks)
    result = {
        "contexts": len(tests),
        "hits@1": float((ranks <= 1).mean()),
        "hits@5": float((ranks <= 5).mean()),
        "mrr": float((1.0 / ranks).mean()),
    }
    for kind in KINDS:
        result[f"pos>{kind}"] = right[kind] / pairs[kind] if pairs[kind] else None
    return result


def evaluate(model, tests, arguments, cuts):
    """Metrics for each side at which contexts are cut; replies are always cut on the right."""
    replies = [reply for test in tests for kind in ("positive", *KINDS) for reply in test.get(kind) or []]
    reply_vectors = vectors(model, replies, arguments.reply_tokens, "right")
    contexts = [context_text(test, arguments.history) for test in tests]
    result = {"contexts_cut": cut_contexts(model, contexts, arguments.context_tokens)}
    for cut in cuts:
        context_vectors = vectors(model, contexts, arguments.context_tokens, cut)

        def scores_of(test, texts):
            context = context_vectors[context_text(test, arguments.history)]
            # Summed row by row: a matrix product may round equal vectors differently and break ties by chance.
            return np.array([float((reply_vectors[text] * context).sum(dtype=np.float64)) for text in texts])

        result[cut] = metrics(tests, scores_of)
    return result


def rounded(value, digits=4):
    if isinstance(value, dict):
        return {key: rounded(entry, digits) for key, entry in value.items()}
    return round(value, digits) if isinstance(value, float) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="sentence-transformers folder, as from jar_model.py")
    parser.add_argument("tests", type=Path, nargs="+", help="ranking tests (.jsonl or .jsonl.gz)")
    parser.add_argument("--history", type=int, default=4, help="turns of context used (default 4)")
    parser.add_argument("--context-tokens", type=int, default=128, help="with special tokens (default 128)")
    parser.add_argument("--reply-tokens", type=int, default=64, help="with special tokens (default 64)")
    parser.add_argument(
        "--cut",
        choices=["right", "left", "both"],
        default="right",
        help="where long contexts lose tokens (default right)",
    )
    parser.add_argument("--limit", type=int, help="use the first contexts of each file only")
    parser.add_argument("--threads", type=int, default=1, help="PyTorch threads (default 1)")
    parser.add_argument("--device", default="cpu", help="PyTorch device (default cpu)")
    arguments = parser.parse_args()
    if arguments.history < 1:
        parser.error("--history must be at least 1")

    torch.set_num_threads(arguments.threads)
    model = SentenceTransformer(str(arguments.model), device=arguments.device, local_files_only=True)
    cuts = ["right", "left"] if arguments.cut == "both" else [arguments.cut]
    report = {
        path.name.removesuffix(".gz").removesuffix(".jsonl"): evaluate(
            model, read_tests(path)[: arguments.limit], arguments, cuts
        )
        for path in arguments.tests
    }
    print(json.dumps(rounded(report), indent=2))


if __name__ == "__main__":
    main()
