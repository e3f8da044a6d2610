"""Makes generation.golden.json of the tests: what transformers generates from a language model that is a formula.

The model's logits are a hash of the last two tokens and the next one (TableModel of the tests computes the same, bit for bit),
so that a difference can only come from decoding. Greedy and beam, with every setting that Retort has and transformers knows.
"""

import argparse
import itertools
import json
from pathlib import Path

import torch
import transformers
from transformers import GenerationConfig, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

VOCABULARY = 24
END, SECOND_END = 0, 1
MASK = 0xFFFFFFFF


def logit(before, last, token):
    x = (before * 1_000_003 ^ last * 10_007 ^ token * 101) & MASK
    for _ in range(2):
        x ^= x >> 16
        x = x * 0x45D9F3B & MASK
    x ^= x >> 16
    return (x >> 8) * 8 / 2**24 - 4


class TableConfig(PretrainedConfig):
    model_type = "table"
    num_hidden_layers = 1


class TableModel(PreTrainedModel, GenerationMixin):
    config_class = TableConfig

    def __init__(self):
        super().__init__(TableConfig(vocab_size=VOCABULARY))
        self.unused = torch.nn.Parameter(torch.zeros(1))
        tokens = range(VOCABULARY)
        table = [[[logit(a, b, c) for c in tokens] for b in tokens] for a in tokens]
        self.table = torch.tensor(table, dtype=torch.float32)

    def forward(self, input_ids, **_):
        before = torch.nn.functional.pad(input_ids, (1, 0), value=0)[:, :-1]
        return CausalLMOutput(logits=self.table[before, input_ids])


def settings():
    """Every combination that a golden file is made of, in transformers' words."""
    constraints = [{}, {"repetition_penalty": 1.3}, {"no_repeat_ngram_size": 2}, {"no_repeat_ngram_size": 1},
                   {"encoder_no_repeat_ngram_size": 2}, {"min_new_tokens": 6},
                   {"min_new_tokens": 4, "no_repeat_ngram_size": 2, "encoder_no_repeat_ngram_size": 1,
                    "repetition_penalty": 1.1}]
    for extra in constraints:
        yield {"num_beams": 1, **extra}
    for width, penalty, stopping in itertools.product((2, 3, 5), (1.0, 0.0, 2.0, -0.5), (False, True, "never")):
        yield {"num_beams": width, "length_penalty": penalty, "early_stopping": stopping, "num_return_sequences": 2}
    for extra in constraints[1:]:
        yield {"num_beams": 4, "num_return_sequences": 4, **extra}
    yield {"num_beams": 3, "eos_token_id": [END, SECOND_END], "num_return_sequences": 3}


def until_end(tokens, ends):
    """Transformers fills up behind the end token."""
    for place, token in enumerate(tokens):
        if token in ends:
            return tokens[:place + 1]
    return tokens


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder of the golden file")
    arguments = parser.parse_args()
    model = TableModel().eval()
    prompts = [[2], [7, 3, 9, 7, 3], [11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 2, 3, 4, 11]]
    cases = []
    for case in settings():
        ends = case.get("eos_token_id", END)
        for prompt in prompts:
            for length in (1, 12):
                config = {"do_sample": False, "use_cache": False, "pad_token_id": END, "eos_token_id": ends, **case}
                config["min_new_tokens"] = min(length, case.get("min_new_tokens", 0))
                found = model.generate(torch.tensor([prompt]), generation_config=GenerationConfig(max_new_tokens=length, **config))
                tokens = [until_end(row[len(prompt):], ends if isinstance(ends, list) else [ends])
                          for row in found.tolist()]
                cases.append({"settings": case, "prompt": prompt, "length": length, "completions": tokens})
    lines = ",\n".join(json.dumps(case) for case in cases)
    golden = f'{{"transformers": "{transformers.__version__}", "cases": [\n{lines}\n]}}\n'
    (arguments.out / "generation.golden.json").write_text(golden)
    print(json.dumps({"cases": len(cases), "ended": sum(t[-1] == END for c in cases for t in c["completions"])}))


if __name__ == "__main__":
    main()
