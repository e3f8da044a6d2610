"""What transformers says of a GGUF model on real dialogues: the reference of TeacherAgainstTransformersTest.

Writes a safetensors file with, for each prompt i: `ids.i` i32 [time] and `logits.i` f32 [time, vocabulary].
The test reads it where the system property retort.teacher.reference says it is:

  PEERS/bin/python bench/peers/lm_logits.py --model ../shared/weights/smollm2-135m-instruct-q4_1.gguf \\
      --data ../shared/data/dev/empathetic_dialogues.jsonl.gz --out /tmp/reference.safetensors
  mvn test -Dtest=TeacherAgainstTransformersTest -Dretort.excluded.tags= -Dretort.test.flags=-Dretort.teacher.reference=/tmp/reference.safetensors
"""

import argparse
import gzip
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer


def prompts(path, count):
    """Continuation prompts of the first dialogues: lines `A: ...` and `B: ...` in turn."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line, _ in zip(lines, range(count)):
            turns = json.loads(line)["turns"]
            yield "\n".join(f"{'AB'[i % 2]}: {turn['t']}" for i, turn in enumerate(turns)) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="GGUF file")
    parser.add_argument("--data", type=Path, required=True, help="dialogues, JSONL, gzipped")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()

    source = dict(gguf_file=arguments.model.name)
    tokenizer = AutoTokenizer.from_pretrained(arguments.model.parent, **source)
    model = AutoModelForCausalLM.from_pretrained(arguments.model.parent, dtype=torch.float32, **source).eval()
    tensors = {}
    for i, text in enumerate(prompts(arguments.data, arguments.count)):
        ids = tokenizer(text, return_tensors="pt").input_ids[:, :128]
        with torch.no_grad():
            tensors[f"logits.{i}"] = model(ids).logits[0].contiguous()
        tensors[f"ids.{i}"] = ids[0].to(torch.int32)
    save_file(tensors, arguments.out)
    print(json.dumps({"prompts": arguments.count, "tokens": sum(t.shape[0] for n, t in tensors.items() if n.startswith("ids"))}))


if __name__ == "__main__":
    main()
