"""Makes the fixtures of the Java tests of encoder-decoders: a tiny random model of each family, of Hugging Face transformers.

Each folder is what `save_pretrained` writes (config.json, generation_config.json, model.safetensors, the tokenizer), and
beside it golden.json: sources and replies as ids, log P of each token of the replies, what a beam of 10 with the settings of
Blender's paper writes after 20 sources, texts as the tokenizer cuts them; and golden.safetensors: logits, gradients.
"""

import argparse
import copy
import json
import re
from pathlib import Path

import torch
import transformers
from decoder_golden import randomised
from safetensors.torch import save_file
from tokenizers import ByteLevelBPETokenizer, CharBPETokenizer

SENTENCES = [
    "The kettle is on, do you want a cup of tea?", "Yes please, with a little milk and no sugar.",
    "I took the early train and slept all the way to the coast.", "It's raining again; we can't go to the market now!",
    "What did you cook for dinner last night?", "Only soup (the one with beans), but it was good.",
    "My brother plays the drums in a small band.", "That must be loud... do the neighbours complain?",
    "She said she'd call me when she gets there.", "Nobody told me the shop was closed on Mondays.",
]  # fmt: skip
TEXTS = SENTENCES + ["  two  spaces and\ttabs ", "Don't SHOUT, please.", "naïve café – 日本", "one\ntwo\nthree", "x", "(a)b!?,c",
                     "__start__ </s> <s> is only text", "tail space ", "I'm… 5.5%"]  # fmt: skip
SIZES = dict(d_model=16, encoder_layers=2, decoder_layers=3, encoder_attention_heads=2, decoder_attention_heads=4,
             encoder_ffn_dim=24, decoder_ffn_dim=20, max_position_embeddings=64)  # fmt: skip
BEAM = dict(num_beams=10, min_new_tokens=20, max_new_tokens=32, no_repeat_ngram_size=3, encoder_no_repeat_ngram_size=3,
            length_penalty=0.65, early_stopping=False, do_sample=False)  # fmt: skip


def byte_level(kind, specials, mask):
    trainer = ByteLevelBPETokenizer(add_prefix_space=kind == "Blenderbot")
    trainer.train_from_iterator(SENTENCES, vocab_size=300, special_tokens=specials, show_progress=False)
    state = json.loads(trainer.to_str())["model"]
    vocab, merges = state["vocab"], [tuple(pair) if isinstance(pair, list) else tuple(pair.split()) for pair in state["merges"]]
    vocab = dict(sorted(vocab.items(), key=lambda entry: entry[1]))
    if mask:  # the model has a row for it
        vocab["<mask>"] = len(vocab)
    return getattr(transformers, kind + "Tokenizer")(vocab=vocab, merges=merges), len(vocab)


def small(folder):
    trainer = CharBPETokenizer(lowercase=True, suffix="</w>")
    words = [part for text in SENTENCES for word in text.split()
             for part in re.sub(r"(')", r" \1 ", re.sub(r"([.,!?()])", r" \1", word)).split()]
    trainer.train_from_iterator([" ".join(words)], vocab_size=230, suffix="</w>", special_tokens=[], show_progress=False)
    state = json.loads(trainer.to_str())["model"]
    merges = [pair if isinstance(pair, list) else pair.split() for pair in state["merges"]]
    vocab = {name: id for id, name in enumerate(["__null__", "__start__", "__end__", "__unk__", "__newln__"])}
    left_out = merges[3][0] + merges[3][1]  # a piece that the vocabulary lacks, as the real one lacks some
    for piece in sorted(state["vocab"], key=state["vocab"].get):
        if piece != left_out:
            vocab.setdefault(piece[:-4] if piece.endswith("</w>") else piece + "@@", len(vocab))
    (folder / "vocab.json").write_text(json.dumps(vocab, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2"] + [" ".join(pair) for pair in merges]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return transformers.BlenderbotSmallTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt")), len(vocab)


def golden(name, kind, folder, tokenizer, vocabulary, settings, seed, ending):
    config = getattr(transformers, kind + "Config")(vocab_size=vocabulary, **SIZES, **settings)
    config._attn_implementation = "eager"
    model = randomised(getattr(transformers, kind + "ForConditionalGeneration")(config), seed)
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        model.final_logits_bias.copy_(torch.randn(1, vocabulary, generator=generator) * 0.3)
        model.final_logits_bias[0, config.eos_token_id] += ending
        if config.scale_embedding:
            model.model.shared.weight.mul_(0.5)
        for parameter in [*model.parameters(), model.final_logits_bias]:
            parameter.copy_(parameter.to(torch.bfloat16))
    for key in ("forced_bos_token_id", "forced_eos_token_id", "decoder_start_token_id"):
        if settings.get(key) is not None:
            setattr(model.generation_config, key, settings[key])
    copy.deepcopy(model).to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)

    def ids(length):
        return torch.randint(5, vocabulary, (1, length), generator=generator)

    sources = [ids(3 + i % 17) for i in range(20)]
    replies = [torch.cat([ids(4 + 5 * i), torch.tensor([[config.eos_token_id]])], 1) for i in range(4)]
    if name == "bart":
        replies = [torch.cat([torch.tensor([[0]]), reply], 1) for reply in replies]
    tensors, logs = {}, []
    for i, reply in enumerate(replies):
        output = model(input_ids=sources[i], labels=reply)
        tensors[f"logits.{i}"] = output.logits[0].detach().contiguous()
        logs.append(torch.log_softmax(output.logits[0].detach(), -1).gather(1, reply[0][:, None])[:, 0].tolist())
    loss = sum(model(input_ids=s, labels=r).loss * r.shape[1] for s, r in zip(sources, replies)) / sum(r.shape[1] for r in replies)
    loss.backward()
    for parameter in ("model.shared.weight", "model.encoder.embed_positions.weight", "model.decoder.embed_positions.weight",
                      "model.encoder.layers.0.fc1.weight", "model.encoder.layers.1.self_attn.k_proj.weight",
                      "model.decoder.layers.1.encoder_attn.k_proj.weight", "model.decoder.layers.2.encoder_attn.v_proj.bias",
                      "model.decoder.layers.0.encoder_attn.q_proj.weight", "model.decoder.layers.0.self_attn.q_proj.weight"):
        tensors["gradient." + parameter] = dict(model.named_parameters())[parameter].grad.contiguous()
    save_file(tensors, folder / "golden.safetensors")
    beams, greedy = [], []
    with torch.no_grad():
        for source in sources:
            mask = torch.ones_like(source)
            beams.append(model.generate(input_ids=source, attention_mask=mask, **BEAM)[0, 1:].tolist())
            if len(greedy) < 6:
                greedy.append(model.generate(input_ids=source, attention_mask=mask, max_new_tokens=20, num_beams=1, do_sample=False)[0, 1:].tolist())
    texts = [{"text": text, "ids": tokenizer(text)["input_ids"], "bare": tokenizer(text, add_special_tokens=False)["input_ids"],
              "decoded": tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"], skip_special_tokens=True,
                                          clean_up_tokenization_spaces=False)} for text in TEXTS]  # fmt: skip
    (folder / "golden.json").write_text(json.dumps(
        {"sources": [s[0].tolist() for s in sources], "replies": [r[0].tolist() for r in replies], "logs": logs,
         "loss": loss.item(), "beams": beams, "greedy": greedy, "texts": texts}, ensure_ascii=False) + "\n", encoding="utf-8")
    ends = sum(len(beam) < 32 for beam in beams)
    print(name, "vocabulary", vocabulary, "loss", loss.item(), "beams that end by themselves", ends, "lengths", [len(b) for b in beams],
          sum(file.stat().st_size for file in folder.iterdir()), "bytes")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the fixtures")
    parser.add_argument("--families", nargs="+", default=["bart", "blenderbot", "blenderbot-small"])
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in arguments.families:
        folder = arguments.out / name
        folder.mkdir(parents=True, exist_ok=True)
        start = dict(forced_eos_token_id=2, decoder_start_token_id=2 if name == "bart" else 1)
        match name:
            case "bart":
                tokenizer, size = byte_level("Bart", ["<s>", "<pad>", "</s>", "<unk>"], True)
                golden(name, "Bart", folder, tokenizer, size, dict(start, forced_bos_token_id=0), 3, 2.2)
            case "blenderbot":
                tokenizer, size = byte_level("Blenderbot", ["<pad>", "<s>", "</s>", "<unk>"], False)
                golden(name, "Blenderbot", folder, tokenizer, size, dict(start, scale_embedding=True), 5, 0.9)
            case "blenderbot-small":
                tokenizer, size = small(folder)
                golden(name, "BlenderbotSmall", folder, tokenizer, size,
                       dict(start, scale_embedding=True, activation_function="gelu"), 7, 0.7)  # fmt: skip


if __name__ == "__main__":
    main()
