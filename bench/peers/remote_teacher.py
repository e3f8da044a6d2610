"""The data of bench/remote-teacher, and what became of them.

    remote_teacher.py data OUT            writes 40 replies to ten contexts, as distilled data
    remote_teacher.py llama MODEL IN OUT  scores them by llama.cpp in this process
    remote_teacher.py compare A B         LL of A beside B, in nats a token
"""
import json
import sys

TALKS = [
    ("I finally planted the tomatoes on the balcony.",
     ["How many pots did you get?", "Mine never ripen in time.", "The bus was late again.", "So do I."]),
    ("My bike has a flat tyre again.",
     ["That is the third time this month.", "Buy better tubes.", "I like rye bread.", "Oh no, not again!"]),
    ("Did you hear the storm last night?",
     ["Yes, the windows would not stop rattling.", "I slept through it.", "What storm?", "Seven euros."]),
    ("I am learning to bake bread.",
     ["What flour do you use?", "Mine came out like a brick.", "He moved to Oslo.", "Nice!"]),
    ("We are moving to the coast in spring.",
     ["Will you miss the city?", "I grew up by the sea.", "Two of basil.", "Lucky you."]),
    ("The new neighbours play the drums.",
     ["At night as well?", "Mine plays the tuba.", "It is on the shelf.", "Earplugs help."]),
    ("I lost my keys on the train.",
     ["Did you call the lost and found?", "That happened to me once.", "With milk, please.", "Oh dear."]),
    ("My sister ran her first marathon.",
     ["How long did it take her?", "I could never do that.", "The paint is dry.", "Well done to her!"]),
    ("The film was three hours long.",
     ["Was it any good?", "I would have fallen asleep.", "On Tuesdays only.", "Too long."]),
    ("I cannot decide what to cook tonight.",
     ["Make soup.", "There is always pasta.", "My bike has gears.", "Are we guests?"]),
]


def data(out):
    with open(out, "w") as file:
        for number, (said, replies) in enumerate(TALKS):
            record = {"id": f"t{number}", "context": [said],
                      "candidates": [{"text": text, "source": "original"} for text in replies]}
            file.write(json.dumps(record) + "\n")


def records(path):
    with open(path) as file:
        return [json.loads(line) for line in file]


def llama(model, source, out):
    import numpy as np
    from llama_cpp import Llama
    llm = Llama(model, n_ctx=2048, logits_all=True, verbose=False, n_threads=1)

    def nats(prompt, reply):
        before = llm.tokenize(prompt.encode(), add_bos=True)
        ids = llm.tokenize(reply.encode(), add_bos=False)
        llm.reset()
        llm.eval(before + ids)
        logits = np.array(llm.scores[len(before) - 1:len(before) + len(ids) - 1], dtype=np.float64)
        logits -= logits.max(axis=1, keepdims=True)
        told = logits[np.arange(len(ids)), ids] - np.log(np.exp(logits).sum(axis=1))
        return told.sum(), len(ids)

    with open(out, "w") as file:
        for record in records(source):
            lines = "".join(f"{'AB'[(len(record['context']) - i + 1) % 2]}: {turn}\n"
                            for i, turn in enumerate(record["context"]))
            for candidate in record["candidates"]:
                given, tokens = nats(lines + "B:", f" {candidate['text']}\n")
                alone, _ = nats("B:", f" {candidate['text']}\n")
                candidate["ll"], candidate["mi"] = given / tokens, (given - alone) / tokens
            file.write(json.dumps(record) + "\n")


def compare(one, other):
    for score in ("ll", "mi"):
        apart = [abs(a[score] - b[score])
                 for x, y in zip(records(one), records(other), strict=True)
                 for a, b in zip(x["candidates"], y["candidates"], strict=True)]
        print(f"  {score}: {len(apart)} replies, {sum(apart) / len(apart):.5f} in the mean, {max(apart):.5f} at most")


if __name__ == "__main__":
    {"data": data, "llama": llama, "compare": compare}[sys.argv[1]](*sys.argv[2:])
