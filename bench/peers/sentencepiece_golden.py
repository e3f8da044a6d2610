"""Makes the golden file of SentencePiece's BPE for the Java tests, with the library itself (`pip install sentencepiece`).

A small vocabulary is trained on the text below with byte fallback, as Llama's was; sentencepiece.golden.json holds its
pieces, types and scores as a GGUF file has them, and what the library makes of texts.
"""

import argparse
import io
import json
from pathlib import Path

import sentencepiece

TEXT = """
The blacksmith has no iron today, but he will have some tomorrow. Where do you want to go? I want to go home.
She said that she would come, and then she did not come. We were waiting for her at the station in the rain.
What would you like to drink? Water, please. There is nothing better than cold water when the sun is hot.
My brother and my sister are older than I am. They went to the other school, and they liked it there.
How are you today? I am fine, thank you. And how are your children? They are well, they are playing outside.
""" * 3
TEXTS = ["Where is the water?", " two  spaces   and more ", "How are your children today", "it's 2026, isn't it?",
         "naïve café – ünïcödé", "日本語 and 😀 emoji", "tab\tand\nnew line", "a", "", "THE END", "waterwaterwater",
         "then she would come there, and there they were", "▁already▁marked"]  # fmt: skip
TYPES = {"unknown": 2, "control": 3, "user": 4, "unused": 5, "byte": 6}


def kind(model, piece):
    for name, test in (("unknown", model.is_unknown), ("control", model.is_control), ("unused", model.is_unused),
                       ("byte", model.is_byte)):  # fmt: skip
        if test(piece):
            return TYPES[name]
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder")
    arguments = parser.parse_args()
    golden = {"made_with": f"sentencepiece {sentencepiece.__version__}", "texts": TEXTS}
    for prefix in (True, False):
        trained = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(TEXT.strip().split("\n")), model_writer=trained, vocab_size=420, model_type="bpe",
            byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
            add_dummy_prefix=prefix, minloglevel=2)  # fmt: skip
        model = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())
        size = model.get_piece_size()
        golden["prefix" if prefix else "bare"] = {
            "tokens": [model.id_to_piece(i) for i in range(size)], "types": [kind(model, i) for i in range(size)],
            "scores": [model.get_score(i) for i in range(size)],
            "ids": [model.encode(text) for text in TEXTS],
            "decoded": [model.decode(model.encode(text)) for text in TEXTS]}  # fmt: skip
    (arguments.out / "sentencepiece_golden.json").write_text(json.dumps(golden, ensure_ascii=False))


if __name__ == "__main__":
    main()
