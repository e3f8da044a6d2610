"""Serves the same model as `retort serve` does, the usual way in Python: FastAPI, sentence-transformers, FAISS.

    ./retort export --model retort-student --format sentence-transformers --out st        # once
    python serve_peer.py st replies.txt --port 8090
    bench/serve-load http://127.0.0.1:8090 contexts.jsonl

The context is read as the exported model reads it: its turns with a separator between them.
"""

import argparse
import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import faiss
import numpy as np
import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sentence_transformers import SentenceTransformer


class Request(BaseModel):
    context: list[str]
    k: int = 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("replies", help="one reply a line")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    faiss.omp_set_num_threads(arguments.threads)
    model = SentenceTransformer(arguments.model, device="cpu")
    separator = model.tokenizer.sep_token or " "
    with open(arguments.replies, encoding="utf-8") as lines:
        replies = [line.rstrip("\n") for line in lines]
    vectors = model.encode(replies, batch_size=64, show_progress_bar=True)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    app = FastAPI()

    @app.post("/v1/reply")
    def reply(request: Request):
        query = model.encode([f" {separator} ".join(request.context)], show_progress_bar=False)
        scores, rows = index.search(np.asarray(query, dtype=np.float32), request.k)
        return {"replies": [{"rank": i + 1, "id": int(row), "text": replies[row], "score": float(score)}
                            for i, (score, row) in enumerate(zip(scores[0], rows[0]))]}

    @app.get("/metrics")
    def metrics():
        with open("/proc/self/status", encoding="ascii") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
        from fastapi.responses import PlainTextResponse
        return PlainTextResponse(f"\nretort_resident_bytes {resident * 1024}\n")

    uvicorn.run(app, host="127.0.0.1", port=arguments.port, log_level="warning")


if __name__ == "__main__":
    main()
