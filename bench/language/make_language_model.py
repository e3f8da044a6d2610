"""Makes src/main/resources/io/retort/curate/languages.bin.gz, by which LanguageGuess tells languages apart.

Run: python3 make_language_model.py LINGUA_MODELS words.txt OUT [SENTENCES.tsv]

LINGUA_MODELS is the folder language-models of the artefact com.github.pemistahl:lingua 1.2.2 (Apache License 2.0): how
often a character follows others, counted in a million sentences of news for each language. We keep the rows of up to four
characters that tell languages of one script apart best, smoothed, in steps of an eighth of a nat; words.txt is ours.
"""
import collections, gzip, json, math, os, re, struct, sys

GROUPS = [
    ("LATIN", "en es fr de it pt nl sv da nb fi pl cs sk sl hr hu ro tr id vi ca et lt lv tl".split(), int(os.environ.get("ROWS", 24000))),
    ("CYRILLIC", "ru uk bg sr".split(), 4000),
    ("ARABIC", "ar fa ur".split(), 1500),
    ("DEVANAGARI", "hi mr".split(), 800),
]
STEP = 8  # of cost a nat
WORST = 127
BACKOFF = 1.6  # nats that a language pays where it does not know the whole of a row
FILES = ["unigrams", "bigrams", "trigrams", "quadrigrams"]


def conditional(folder, language):
    """For each length n >= 1: {row of n characters: P(its last character | those before)}."""
    tables = []
    for name in FILES:
        table = {}
        with open(os.path.join(folder, language, name + ".json"), encoding="utf-8") as file:
            for fraction, rows in json.load(file)["ngrams"].items():
                up, down = fraction.split("/")
                for row in rows.split(" "):
                    table[row] = int(up) / int(down)
        tables.append(table)
    return tables


def joint(tables, row):
    p = 1.0
    for n in range(1, len(row) + 1):
        p *= tables[n - 1].get(row[:n], 0.0)
    return p


def cost(tables, row):
    p = tables[len(row) - 1].get(row)
    if p:
        return -math.log(p)
    return 12.0 if len(row) == 1 else min(14.0, cost(tables, row[1:]) + BACKOFF)


def group(folder, languages, most):
    models = {l: conditional(folder, l) for l in languages}
    rows = {}
    for n in range(1, len(FILES) + 1):
        names = collections.Counter()
        for l in languages:
            for row in models[l][n - 1]:
                if any(ord(c) > 0xffff for c in row):
                    continue
                p = joint(models[l], row)
                if p > 2e-6:
                    names[row] = max(names[row], p)
        for row, p in names.items():
            costs = [cost(models[l], row) for l in languages]
            if n == 1:
                use = 1e9 + p
            else:
                shorter = [cost(models[l], row[1:]) for l in languages]
                gain = [a - b for a, b in zip(costs, shorter)]
                mean = sum(gain) / len(gain)
                # How much the row tells beyond its shorter one, weighed by how often it comes anywhere.
                use = sum(joint(models[l], row) * abs(g - mean) for l, g in zip(languages, gain))
            rows[row] = (use, costs)
    kept = sorted(rows, key=lambda r: (-rows[r][0], r))[:most]
    return {r: [min(WORST, round(c * STEP)) for c in rows[r][1]] for r in sorted(kept)}


def score(costs, languages, words, text):
    total = [0.0] * len(languages)
    for word in re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text.lower()):
        word = word.replace("’", "'")
        if word in words:
            for i, l in enumerate(languages):
                if l in words[word]:
                    total[i] -= WORD * STEP
        for part in word.split("'"):
            for k in range(len(part)):
                for n in (4, 3, 2, 1):
                    if k + 1 >= n and part[k + 1 - n:k + 1] in costs:
                        for i, c in enumerate(costs[part[k + 1 - n:k + 1]]):
                            total[i] += c
                        break
    return total


WORD = 2.5


def main():
    folder, words_file, out = sys.argv[1:4]
    words = collections.defaultdict(set)
    for line in open(words_file, encoding="utf-8"):
        language, *its = line.split()
        for word in its:
            words[word].add(language)
    parts = [(name, languages, group(folder, languages, most)) for name, languages, most in GROUPS]
    raw = bytearray(b"RETORTLG" + struct.pack(">i", len(parts)))

    def text(value):
        data = value.encode("utf-8")
        raw.extend(struct.pack(">H", len(data)) + data)

    for name, languages, rows in parts:
        text(name)
        text(" ".join(languages))
        its = {w: ls for w, ls in sorted(words.items()) if ls & set(languages)}
        raw.extend(struct.pack(">i", len(its)))
        for word, ls in its.items():
            text(word)
            raw.extend(struct.pack(">i", sum(1 << i for i, l in enumerate(languages) if l in ls)))
        raw.extend(struct.pack(">i", len(rows)))
        for row in rows:
            text(row)
        for i in range(len(languages)):
            raw.extend(bytes(rows[r][i] for r in rows))
    with open(out, "wb") as file:
        file.write(gzip.compress(bytes(raw), 9, mtime=0))
    print(len(raw), os.path.getsize(out))
    if len(sys.argv) > 4:
        right = total = enright = entotal = 0
        for line in open(sys.argv[4], encoding="utf-8"):
            want, sentence = line.rstrip("\n").split("\t")
            part = next((p for p in parts if want in p[1]), None)
            if part is None:
                continue
            scores = score(part[2], part[1], words, sentence)
            got = part[1][min(range(len(scores)), key=scores.__getitem__)]
            total += 1
            right += got == want
            entotal += 1
            enright += (got == "en") == (want == "en")
            if got != want:
                print(want, got, sentence)
        print(right, enright, total)


main()
