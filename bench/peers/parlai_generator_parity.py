"""Compares a generator that `retort import` wrote, opened by transformers, with what ParlAI computed.

    python bench/peers/parlai_generator_parity.py IMPORTED GOLDEN.json

Prints the largest difference of logits, relative to the largest logit, and of ids of texts.
"""

import json
import sys

import torch
from transformers import AutoModelForSeq2SeqLM, PreTrainedTokenizerFast

folder, golden = sys.argv[1], json.load(open(sys.argv[2]))
model = AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
start = model.config.decoder_start_token_id
worst = 0.0
for source, target, expected in zip(golden["source_ids"], golden["target_ids"], golden["logits"]):
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([[start] + target[:-1]])).logits[0]
    expected = torch.tensor(expected)
    said = torch.arange(expected.shape[1]) != start
    assert (logits[:, start] < -1e19).all() and (logits[:, expected.shape[1]:] < -1e19).all()
    difference = (logits[:, : expected.shape[1]] - expected)[:, said].abs().max() / expected[:, said].abs().max()
    worst = max(worst, difference.item())
tokens, unknown = len(golden["logits"][0][0]), tokenizer.unk_token_id


def seen(text):
    return [id if id < tokens else unknown for id in tokenizer.encode(text, add_special_tokens=False)]


unequal = [text for text, ids in zip(golden["texts"], golden["ids"])
           if "__start__" not in text and seen(text) != ids]
print("largest difference of logits", worst, "texts of other ids", unequal)
