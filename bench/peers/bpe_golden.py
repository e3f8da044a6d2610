"""Makes bpe_golden.json of the tests: a small byte-level BPE trained on the texts below, and token ids by the tokenizers library.

    PEERS/bin/python bench/peers/bpe_golden.py > src/test/resources/io/retort/text/bpe_golden.json

With `--gguf FILE --lines DIALOGUES... --out OUT` it takes the vocabulary of a GGUF file instead and adds all turns of the dialogues: nothing
to commit, but `mvn test -Dtest=BpeVocabularyTest -Dretort.bpe.golden=OUT` compares with it.
The oracle is the tokenizers library with the pre-tokenizer rule that the file names (`smollm`: digits one by one, then GPT-2).
transformers' own conversion of a GGUF file leaves the digits out of it: on how many texts that differs is said on standard error.
"""

import argparse
import gzip
import json
import sys

from gguf import GGUFReader
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

TEXTS = [
    "", " ", "  ", "\n", "\n\n", "\t", " \n ", "a", " a", "a ", "  a", "a  b", "a   b", "a\n\nb", "a \n b", "\r\n", "x\r\ny", "tail   ",
    "Hello there!", "How are you doing today?", "I'm fine, thanks; and you?", "Well... that's not what I'd have expected.",
    "don't can't won't she'll we've they're it'd I'm", "DON'T CAN'T", "y'all'd've", "rock'n'roll", "'tis 'twas", "the dogs' bowls",
    "1", "12", "123", "1234567890", " 7", "  7", "a1b2c3", "3.14159", "$4.99", "10:30", "1,000,000", "2nd of May 1998", "v1.2.3-rc4", "0x1F", "1e-9",
    "\u0663\u0664 \u00bd \u00b2 \u2460 \u216b", "mixed 12  34   56", "12 \n34", "call 555-0199 now",
    "na\u00efve caf\u00e9 r\u00e9sum\u00e9", "nai\u0308ve", "Stra\u00dfe", "\u041f\u0440\u0438\u0432\u0435\u0442, \u043a\u0430\u043a \u0434\u0435\u043b\u0430?", "\u4f60\u597d\uff0c\u4e16\u754c\uff01", "\u3053\u3093\u306b\u3061\u306f", "\uc548\ub155", "\u0645\u0631\u062d\u0628\u0627", "\u0928\u092e\u0938\u094d\u0924\u0947",
    "\U0001f600", "fun \U0001f602\U0001f602 fun", "\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1eb\U0001f1f7", "\u2764\ufe0f", "a\U0001f600b", "\u2026 \u2014 \u201cquoted\u201d \u2019", "\ufffd", "a\ufffdb",
    "\u00a0", "a\u00a0b", "\u3000", "\u2028", "zero\u200bwidth", "\ufeffbom", "\u0000", "a\u0000b", "\u0001\u0002", "\u007f\u0085",
    "def f(x):\n    return x + 1\n", "if (a != b) { c += d[0]; } // e", "\tint x = 0;\n\n\n\tint y;", "<b>bold</b> &amp; {\"k\": [1, 2]}", "C:\\path\\file", "SELECT * FROM t; --", "snake_case camelCase",
    "A: hi\nB: hello\nA:", "A: Where have you been?\nB:", "#tag @me http://example.org/a?b=c", "!!!", "?!?!", "-----", "    four", "\t\ttabs", "word " * 30, "ha" * 40, "x" * 60, "!" * 33, " " * 33, "\n" * 9,
    "<|im_start|>", "<|im_start|>user\nhi<|im_end|>\n", "<|endoftext|>", "a<|im_end|>b", "<repo_name>", "<|im_start |>",
]


GPT4 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|NUMBERS| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>"]


def pre_tokenizer(rule):
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=rule in ("gpt-2", "smollm"))
    if rule == "gpt-2":
        return byte_level
    if rule == "smollm":
        return pre_tokenizers.Sequence([pre_tokenizers.Digits(True), byte_level])
    numbers = {"llama-bpe": r"\p{N}{1,3}", "qwen2": r"\p{N}"}[rule]
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(GPT4.replace("NUMBERS", numbers)), "isolated"), byte_level])


def convert(tokens, types, merges, rule):
    pairs = [tuple(merge.split(" ")) for merge in merges]
    vocabulary = {token: i for i, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocabulary, pairs, ignore_merges=rule == "llama-bpe"))
    tokenizer.pre_tokenizer = pre_tokenizer(rule)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t, k in zip(tokens, types) if k == 3])
    tokenizer.encode_special_tokens = True
    return tokenizer


def trained():
    """A vocabulary of 400 merges, with a letter for every byte but one."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizer("gpt-2")
    letters = [letter for letter in pre_tokenizers.ByteLevel.alphabet() if letter != "\u0100"]
    trainer = trainers.BpeTrainer(vocab_size=len(SPECIAL) + 255 + 400, special_tokens=SPECIAL, initial_alphabet=letters, show_progress=False)
    tokenizer.train_from_iterator([text.replace("\0", "") for text in TEXTS], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    return tokens, [3 if token in SPECIAL else 1 for token in tokens], [" ".join(merge) for merge in model["merges"]]


def cases(tokenizer, texts):
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        yield {"text": text, "ids": ids, "decoded": tokenizer.decode(ids)}


def turns(paths):
    for path in paths:
        with gzip.open(path, "rt") as lines:
            for line in lines:
                for turn in json.loads(line)["turns"]:
                    yield turn["t"]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--gguf")
    arguments.add_argument("--lines", nargs="*", default=[])
    arguments.add_argument("--out")
    options = arguments.parse_args()
    texts, rules = TEXTS, ["smollm", "gpt-2", "llama-bpe", "qwen2"]
    if options.gguf:
        fields = GGUFReader(options.gguf).fields
        tokens, types, merges = (fields["tokenizer.ggml." + key].contents() for key in ("tokens", "token_type", "merges"))
        texts, rules = TEXTS + list(turns(options.lines)), [fields["tokenizer.ggml.pre"].contents()]
    else:
        tokens, types, merges = trained()
    golden = {"tokens": tokens, "types": types, "merges": merges, "rules": {}}
    for rule in rules:
        tokenizer = convert(tokens, types, merges, rule)
        plain = convert(tokens, types, merges, "gpt-2")
        differing = sum(tokenizer.encode(text).ids != plain.encode(text).ids for text in texts)
        print(f"{rule}: {differing} of {len(texts)} texts have other ids than by gpt-2", file=sys.stderr)
        golden["rules"][rule] = list(cases(tokenizer, texts))
    with open(options.out, "w") if options.out else sys.stdout as out:
        json.dump(golden, out, separators=(",", ":"))
        out.write("\n")


main()
