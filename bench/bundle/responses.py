"""Builds the response set that comes with Retort out of what a language model wrote and out of our own openings.

    responses.py choose --written WRITTEN.jsonl.gz [...] --exclude DIALOGUES.jsonl.gz [...] --out chosen.txt
    retort index --model STUDENT --key reply --screen standard --screen-report stopped.jsonl --data chosen.txt --out chosen.index
    responses.py apart chosen.index [--cosine 0.94] [--most 60000] --out responses.txt

`choose` keeps one reply of each form, in tidy English of 2 to 30 words, and counts what it leaves out by the first reason that holds; nothing that
stands, but for case, spaces and punctuation, as an utterance in the dialogues to exclude. Our own replies come first, then those that were written
most often. WRITTEN may be of a run that is still under way (`….part`). `apart`, which alone needs numpy, walks through an index in its order and
leaves out each reply whose vector has at least that cosine with one that is kept. Same inputs, same files.
"""

import argparse
import collections
import gzip
import json
import re
from pathlib import Path

import openings
from bundle import COARSE, form_of, utterances

WORDS = range(2, 31)
SAME_START, START_WORDS = 30, 4
NAMES = """adam alex alice amanda amy andrea andrew angela anna anne anthony ashley barbara ben benjamin beth betty bill bob brandon brenda brian bruce
carl carlos carol caroline catherine charles charlie charlotte chloe chris christina christine cindy claire daniel dave david deborah debbie dennis diana donald
donna dorothy doug ed eddie edward elizabeth ella emily emma eric erica ethan evan eve fiona frank fred gary george gina grace greg hannah harold harry heather
helen henry ian isabella jack jackie jacob james jamie jane janet jason jeff jennifer jenny jeremy jerry jess jesse jessica jill jim jimmy joan joe john johnny
jonathan jordan jose joseph josh joshua joyce juan judy julia julie karen kate katherine kathy katie keith kelly ken kenneth kevin kim kyle larry laura lauren
leo linda lisa liz louis lucas lucy luke lynn madison margaret maria marie martha martin mary matt matthew megan melissa mia michael michelle mike molly nancy
natalie nathan nick nicole noah olivia oscar pamela patricia patrick paul peter phil philip rachel ralph randy rebecca rex richard rick rob robert robin roger
ron ronald roy ruth ryan sally sam samantha samuel sandra sara sarah scott sean sharon simon sophia sophie stephanie stephen steve steven susan tanya ted teresa
terry thomas tim timothy tina todd tom tommy tony tyler vanessa victor victoria walter wendy william zach zoe bella max minka""".split()
NAME = re.compile(r"\b(?:" + "|".join(name.capitalize() for name in NAMES) + r")\b(?! [A-Z])")
PERSON = re.compile(r"""\b(?:my\ name(?:'s|\ is)|call\ me\ [A-Z]|(?:I'm|I\ am)\ (?:from|in|living\ in)\ [A-Z]|I\ live\ in\ [A-Z]|(?:I'm|I\ am)\ \d+|\d+\ years?\ old
    |(?:I'm|I\ am)\ (?:an?|the)\ (?:[a-z]+\ )?(?:nurse|teacher|mechanic|musician|student|waitress|doctor|engineer|developer|programmer|father|mother|boy|girl|man|woman|professional)\b)""", re.X)
# What small models say of what they were asked to do.
LEAK = re.compile(r"""\b(?:the\ (?:person|user|friend|speaker|conversation|question)\b|your\ friend\ (?:is|was|has|asked)|(?:chatting|talking|texting)\ (?:on\ (?:my|our|your)\ phone|with\ (?:a|your)\ (?:good\ )?friend)
    |you(?:'re|\ are)\ (?:telling|asking|describing|expressing|referring)|next\ message|text\ message|artificial|AI\b|chatbot|virtual|information\ about|coding|programming|software|algorithm)""", re.X | re.I)
ASSISTANT = re.compile(r"""\b(?:it(?:'s|\ is)\ (?:always\ )?(?:important|essential|crucial)|assist|(?:happy|glad|here)\ to\ help|help\ you\b|let\ me\ know\ (?:if|how)|feel\ free|thank(?:s|\ you)\ for\ sharing
    |(?:I'd|I\ would|I)\ (?:recommend|suggest)|you\ (?:can|could|might|may)\ (?:consider|try)|appreciate\ your|support\ you|keep\ up\ the|well-being|journey|delve)""", re.X | re.I)


def tidied(text):
    text = " ".join(text.replace("’", "'").split())
    return text[:1].upper() + text[1:]


UNWANTED = (("speaks_of_the_task", LEAK), ("assistant_talk", ASSISTANT), ("name", NAME), ("a_particular_person", PERSON))


def reason_of(text, excluded, unwanted=UNWANTED, stray=".,!?'"):
    """Why a reply is left out, the first reason that holds; empty if none does. `stray` are marks that may not follow a space."""
    if len(text.split()) not in WORDS:
        return "length"
    if form_of(text) in excluded:
        return "stands_in_the_data"
    if not text[0].isupper() or re.search(rf"\s[{stray}]|\.\.\.\.|[#@{{}}<>\[\]*_|\\]|https?:", text) or not re.search(r"[.!?)]$", text):
        return "untidy"
    if any(ord(c) > 126 for c in text):
        return "not_plain_english"
    if COARSE.search(text):
        return "coarse"
    return next((reason for reason, pattern in unwanted if pattern.search(text)), "")


def written_lines(path):
    """The records of a file of replies, or of one that is being written."""
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as lines:
        for line in lines:
            if line.endswith("\n"):
                record = json.loads(line)
                if "run" not in record:
                    yield record.get("record", record) if "tally" in record else record


def choose(args):
    excluded = utterances(args.exclude)
    counts = collections.Counter()
    own = [tidied(text) for text in [*(text for _, replies in openings.read() for text in replies), *openings.further()]]
    said, texts = collections.Counter(), {}
    for path in args.written:
        for record in written_lines(path):
            for reply in (record or {}).get("candidates", []):
                if reply["source"] == "generated":
                    text = tidied(reply["text"])
                    said[form_of(text)] += 1
                    texts.setdefault(form_of(text), text)
                    counts["written"] += 1
    kept, starts = {}, collections.Counter()
    counts["own"] = len(own)
    for text in own + [texts[form] for form, _ in sorted(said.items(), key=lambda item: (-item[1], item[0]))]:
        form = form_of(text)
        start = " ".join(form.split()[:START_WORDS])
        reason = reason_of(text, excluded)
        if not reason and form in kept:
            reason = "duplicate_form"
        if not reason and starts[start] == SAME_START:
            reason = "same_first_words"
        if reason:
            counts["left out: " + reason] += 1
        else:
            kept[form] = text
            starts[start] += 1
    counts["left out: written again"] = counts["written"] - len(said)
    counts["kept"] = len(kept)
    args.out.write_text("".join(text + "\n" for text in kept.values()), encoding="utf-8")
    for what, count in counts.items():
        print(f"{count:7,} {what}")


def rows_apart(index, cosine):
    """The texts of an index, and the numbers of those rows whose vectors have less than the cosine with all such rows before them."""
    import numpy

    from vectors import index_of
    _, texts, values, dims = index_of(index)
    vectors = numpy.frombuffer(values, dtype="<f4").reshape(-1, dims)
    vectors = vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)
    kept = []
    near = numpy.zeros(len(texts), dtype=bool)
    for at in range(0, len(texts), 1024):
        block = vectors[at:at + 1024]
        if kept:
            near[at:at + 1024] |= (block @ vectors[kept].T).max(axis=1) >= cosine
        within = block @ block.T
        for row in range(len(block)):
            if near[at + row]:
                continue
            kept.append(at + row)
            near[at + row + 1:at + len(block)] |= within[row, row + 1:] >= cosine
    return texts, kept


def apart(args):
    texts, kept = rows_apart(args.index, args.cosine)
    chosen = sorted(texts[row] for row in kept[:args.most])
    args.out.write_text("".join(text + "\n" for text in chosen), encoding="utf-8")
    print(f"{len(texts):7,} in the index\n{len(texts) - len(kept):7,} left out: near another\n{len(kept) - len(chosen):7,} left out: beyond the number wanted\n{len(chosen):7,} kept")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    actions = parser.add_subparsers(dest="action", required=True)
    choosing = actions.add_parser("choose")
    choosing.add_argument("--written", type=Path, nargs="+", required=True)
    choosing.add_argument("--exclude", type=Path, nargs="+", required=True)
    choosing.add_argument("--out", type=Path, required=True)
    choosing.set_defaults(call=choose)
    spacing = actions.add_parser("apart")
    spacing.add_argument("index", type=Path)
    spacing.add_argument("--cosine", type=float, default=0.94)
    spacing.add_argument("--most", type=int, default=60_000)
    spacing.add_argument("--out", type=Path, required=True)
    spacing.set_defaults(call=apart)
    args = parser.parse_args()
    args.call(args)


if __name__ == "__main__":
    main()
