"""Makes src/test/resources/io/retort/text/encoder_tokenizers.json: small tokenizers of the kinds that encoders have, and what the
reference library makes of texts.

  encoder_tokenizer_golden.py > src/test/resources/io/retort/text/encoder_tokenizers.json

  xlm-roberta  SentencePiece's unigram model with its scores, its normaliser as a table, special tokens among the pieces
  roberta      byte-level BPE by GPT-2's rule, special tokens in front
  mpnet        WordPiece with <s> and </s>

The tables are small because they are learnt from the few sentences here. Special tokens that a text spells out are left away from
the ids, but for the unknown one: what io.retort.text.Tokenizer promises. Needs tokenizers and sentencepiece.
"""

import io
import json
import tempfile
from pathlib import Path

import sentencepiece
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from tokenizer_golden import NASTY, ORDINARY

SENTENCES = """the train to the coast was late again and nobody told us why
my neighbour grows tomatoes on her balcony and gives us some every week
could you send me the file by noon, please? I'll look at it tonight
wir fahren morgen mit dem Zug ans Meer und bleiben bis zum Wochenende
ça va très bien, merci, et toi, tu viens ce soir au cinéma avec nous
сегодня вечером мы идём в кино, а завтра поедем за город
今日はとても寒いですね、明日も雪が降るそうです
el tren de la costa llegó tarde otra vez y nadie nos dijo por qué""".split("\n") * 4
# What SentencePiece's normaliser replaces: full-width letters, ligatures, and spaces of other widths.
RULES = {0xFF28: [0x48], 0xFF45: [0x65], 0xFB01: [0x66, 0x69], 0x3000: [0x20], 0xA0: [0x20], 0x2026: [0x2E, 0x2E, 0x2E], 0x200B: [0x20]}


def field(message, wanted):
    """A field of a protocol buffer's bytes that has a length: SentencePiece's normaliser is field 3, its table field 2 of that."""
    place = 0

    def number():
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while place < len(message):
        key = number()
        if key & 7 == 0:
            number()
            continue
        length = number() if key & 7 == 2 else {1: 8, 5: 4}[key & 7]
        place += length
        if key == wanted << 3 | 2:
            return bytes(message[place - length : place])
    raise ValueError(f"there is no field {wanted}")


def unigram():
    """XLM-RoBERTa's, as its converter in transformers puts it together."""
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rules.tsv"
        rules.write_text("".join(f"{a:X}\t{' '.join(f'{b:X}' for b in to)}\n" for a, to in RULES.items()))
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(SENTENCES), model_writer=model, vocab_size=220, model_type="unigram", character_coverage=0.99,
            normalization_rule_tsv=str(rules), hard_vocab_limit=False, minloglevel=2,
        )
    trained = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    pieces += [(trained.id_to_piece(i), round(trained.get_score(i), 6)) for i in range(3, trained.get_piece_size())]
    pieces.append(("<mask>", 0.0))
    made = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    table = normalizers.Precompiled(field(field(model.getvalue(), 3), 2))
    made.normalizer = normalizers.Sequence([table, normalizers.Replace(Regex(" {2,}"), " ")])
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁", "always")])
    made.decoder = decoders.Metaspace("▁", "always")
    return framed(made, "<s>", "</s>", ["<s>", "<pad>", "</s>", "<unk>", "<mask>"])


def byte_bpe():
    """RoBERTa's."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(vocab_size=420, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  show_progress=False)
    made.train_from_iterator(SENTENCES, trainer)
    made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    return made


def word_piece():
    """MPNet's."""
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    special = ["<s>", "<pad>", "</s>", "<unk>", "[UNK]", "<mask>"]
    made.train_from_iterator(SENTENCES, trainers.WordPieceTrainer(vocab_size=260, special_tokens=special, show_progress=False))
    return framed(made, "<s>", "</s>", special)


def framed(made, start, end, special):
    made.add_special_tokens(special)
    made.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}", pair=f"{start} $A {end} {end} $B {end}",
        special_tokens=[(start, made.token_to_id(start)), (end, made.token_to_id(end))],
    )
    return made


def main():
    lines = []
    for name, made in {"xlm-roberta": unigram(), "roberta": byte_bpe(), "mpnet": word_piece()}.items():
        tokenizer = json.loads(made.to_str())
        made.encode_special_tokens = True
        unknown = {made.token_to_id("<unk>") if name == "xlm-roberta" else made.token_to_id("[UNK]")}
        special = {token["id"] for token in tokenizer["added_tokens"]} - unknown
        cases = []
        for text in SENTENCES[:8] + ORDINARY + NASTY:
            if len(text) > 300:
                continue
            ids = [i for i in made.encode(text, add_special_tokens=False).ids if i not in special]
            cases.append({"text": text, "ids": ids, "decoded": made.decode(ids, skip_special_tokens=True)})
        pretty = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
        lines.append(f'"{name}":{{"tokenizer":{json.dumps(tokenizer, separators=(",", ":"))},\n"cases":[\n{pretty}\n]}}')
    print("{\n" + ",\n".join(lines) + "\n}")


if __name__ == "__main__":
    main()
