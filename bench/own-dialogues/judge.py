"""Asks and judges for bench/own-dialogues/run: an answer fits if it is one of those that were listed beforehand."""
import json
import sys


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def tell(questions, answers):
    fits = {(q["set"], q["question"]): q["fits"] for q in questions}
    for student in ("bundled", "trained"):
        own = [a for a in answers if a["student"] == student]
        fitting = 0
        for answer in own:
            listed = fits[answer["set"], answer["question"]]
            good = any(text in answer["answer"] for text in listed)
            fitting += good
            print(f"{'+' if good else '-'} {answer['set']:8} {answer['question']}\n           {answer['answer']}")
        print(f"{student} student: {fitting} of {len(own)} answers fit\n")


match sys.argv[1:]:
    case ["questions", path, name]:
        print("\n".join(q["question"] for q in lines(path) if q["set"] == name))
    case ["keep", name, student, question]:
        replies = json.load(sys.stdin)["replies"]
        answer = replies[0]["text"] if replies else ""
        print(json.dumps({"set": name, "student": student, "question": question, "answer": answer}))
    case ["tell", questions, answers]:
        tell(lines(questions), lines(answers))
    case _:
        sys.exit(__doc__)
