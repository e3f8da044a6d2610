"""Times an encoder-decoder of transformers on PyTorch (float32) at the work of `retort bench generate --beam 10`, on the same
random ids: a beam without end tokens, no 3-gram twice in a reply or from its source, to the full length.

The model is one of random weights in the shape of Blender 90M, which --make writes with a vocabulary of made-up words:

    bench_seq2seq.py --make --model DIR
    bench_seq2seq.py --model DIR --threads 2
    retort bench generate --model DIR --batch 1 --prompt 32 --tokens 20 --beam 10 --threads 2
"""

import argparse
import json
from pathlib import Path

import torch
import transformers
from bench_lm import timed
from random_ids import RandomIds

SHAPE = dict(vocab_size=54944, d_model=512, encoder_layers=8, decoder_layers=8, encoder_attention_heads=16,
             decoder_attention_heads=16, encoder_ffn_dim=2048, decoder_ffn_dim=2048, max_position_embeddings=512,
             activation_function="gelu", scale_embedding=True, decoder_start_token_id=1)  # fmt: skip


def make(folder):
    torch.manual_seed(1)
    transformers.BlenderbotSmallForConditionalGeneration(transformers.BlenderbotSmallConfig(**SHAPE)).save_pretrained(folder)
    named = ["__null__", "__start__", "__end__", "__unk__"]
    vocabulary = {token: id for id, token in enumerate(named + [f"w{i}" for i in range(SHAPE["vocab_size"] - len(named))])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder of the model")
    parser.add_argument("--make", action="store_true", help="write the model and stop")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--prompt", type=int, default=32)
    parser.add_argument("--tokens", type=int, default=20)
    parser.add_argument("--beam", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--warm-up", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.make:
        return make(arguments.model)
    torch.set_num_threads(arguments.threads)
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(arguments.model, dtype=torch.float32).eval()
    for name in ("eos_token_id", "forced_eos_token_id"):
        setattr(model.generation_config, name, None)
        setattr(model.config, name, None)
    model.generation_config.pad_token_id = 0
    ids = torch.from_numpy(RandomIds(model.config.vocab_size).batch(arguments.batch, arguments.prompt))
    mask = torch.ones_like(ids)

    def call():
        found = model.generate(input_ids=ids, attention_mask=mask, num_beams=arguments.beam, do_sample=False,
                               max_new_tokens=arguments.tokens, no_repeat_ngram_size=3, encoder_no_repeat_ngram_size=3)  # fmt: skip
        assert found.shape[1] == 1 + arguments.tokens
        return found

    with torch.inference_mode():
        median, least, found = timed(call, arguments.runs, arguments.warm_up)
    print(json.dumps({"version": f"torch {torch.__version__}", "tokens_per_s": 1e3 * arguments.batch * arguments.tokens / median,
                      "median_ms": median, "min_ms": least, "runs": arguments.runs, "first": found[0, 1:].tolist()}))  # fmt: skip


if __name__ == "__main__":
    main()
