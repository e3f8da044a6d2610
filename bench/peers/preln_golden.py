"""Makes the fixtures of the Java tests that read models saved by Hugging Face transformers: tiny, with random weights.

Each folder is what `save_pretrained` writes (config.json, model.safetensors), the weights drawn wide enough that every parameter matters,
and golden.safetensors:
  ids    i32 [texts, time]     token ids, none of them padding
  hidden f32 [texts, time, d]  last_hidden_state

  tiny-preln  RobertaPreLayerNormModel, without pooler
  tiny-bert   BertModel, with the pooler, which an encoder of texts does not use
"""

import argparse
import json
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

SIZES = dict(vocab_size=60, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, max_position_embeddings=40)


def randomised(model, seed):
    """The model with all parameters drawn anew: gains around 1, everything else around 0."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator) * 0.2
            parameter.copy_(noise + 1 if name.endswith("LayerNorm.weight") else noise)
    return model.eval()


def write(model, folder, ids):
    """Saves the model, and what it answers."""
    model.save_pretrained(folder)
    with torch.no_grad():
        hidden = model(ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    save_file({"ids": ids.to(torch.int32), "hidden": hidden.contiguous()}, folder / "golden.safetensors")
    return {"tensors": len(model.state_dict()), "bytes": sum(file.stat().st_size for file in folder.iterdir())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for tiny-preln and tiny-bert")
    parser.add_argument("--seed", type=int, default=20210825)
    arguments = parser.parse_args()

    # From 2 on: 0 and 1 are the padding of the two families. As long as the position table allows.
    ids = torch.randint(2, 60, (3, 38), generator=torch.Generator().manual_seed(arguments.seed))
    preln = transformers.RobertaPreLayerNormModel(
        transformers.RobertaPreLayerNormConfig(**SIZES, type_vocab_size=1, pad_token_id=1), add_pooling_layer=False
    )
    bert = transformers.BertModel(transformers.BertConfig(**SIZES))
    report = {
        "made_with": f"transformers {transformers.__version__}",
        "tiny-preln": write(randomised(preln, arguments.seed), arguments.out / "tiny-preln", ids),
        "tiny-bert": write(randomised(bert, arguments.seed + 1), arguments.out / "tiny-bert", ids),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
