"""Makes `retrieval/families` of the Java tests: for each family of encoders a tiny model with random weights, as transformers saves it.

Each folder is what `save_pretrained` writes (config.json, model.safetensors), and golden.safetensors:
  ids     i32 [texts, time]     token ids, of which those after a text's end are padding
  lengths i32 [texts]           tokens of each text
  hidden  f32 [texts, time, d]  last_hidden_state

  mpnet            long enough for every range of distances
  mpnet-lm         MPNetForMaskedLM: another prefix, and a head that an encoder of texts does not use
  roberta          positions from the row after the padding's on
  xlm-roberta      the same under another name
  distilbert       BERT under other names
  modernbert       layers with a window narrower than the texts; as transformers 5 writes its configuration
  modernbert-lm    ModernBertForMaskedLM, with the configuration's keys of transformers 4
"""

import argparse
import json
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

SIZES = dict(vocab_size=60, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24)
MODERN = dict(SIZES, num_hidden_layers=4, max_position_embeddings=80, local_attention=8, pad_token_id=0, bos_token_id=1, eos_token_id=2,
              cls_token_id=1, sep_token_id=2, attn_implementation="eager")
LENGTHS = {"mpnet": (72, 5), "mpnet-lm": (12, 5)}


def randomised(model, seed):
    """The model with all parameters drawn anew: gains around 1, everything else around 0."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator) * 0.2
            gain = name.endswith("norm.weight") or name.endswith("Norm.weight")
            parameter.copy_(noise + 1 if gain else noise * (4 if "relative" in name else 1))
    return model.eval()


def write(model, folder, seed, lengths, padding):
    """Saves the model, and what its encoder answers."""
    randomised(model, seed).save_pretrained(folder)
    time = max(lengths)
    ids = torch.randint(3, 60, (len(lengths), time), generator=torch.Generator().manual_seed(seed + 1))
    mask = torch.tensor([[1] * length + [0] * (time - length) for length in lengths])
    ids = torch.where(mask == 1, ids, padding)
    with torch.no_grad():
        hidden = model.base_model(ids, attention_mask=mask).last_hidden_state
    save_file(
        {"ids": ids.to(torch.int32), "lengths": torch.tensor(lengths, dtype=torch.int32), "hidden": hidden.contiguous()},
        folder / "golden.safetensors",
    )
    return {"tensors": len(model.state_dict()), "bytes": sum(file.stat().st_size for file in folder.iterdir())}


def old_keys(folder):
    """Turns a ModernBERT's configuration into what transformers 4 wrote."""
    file = folder / "config.json"
    config = json.loads(file.read_text())
    rotation = config.pop("rope_parameters")
    config.pop("layer_types")
    config["global_rope_theta"] = rotation["full_attention"]["rope_theta"]
    config["local_rope_theta"] = rotation["sliding_attention"]["rope_theta"]
    config["global_attn_every_n_layers"] = 3
    config["position_embedding_type"] = "absolute"
    file.write_text(json.dumps(config, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the models")
    parser.add_argument("--seed", type=int, default=20251128)
    arguments = parser.parse_args()
    roberta = dict(SIZES, max_position_embeddings=42, type_vocab_size=1, pad_token_id=1)
    rotations = {
        "full_attention": {"rope_type": "default", "rope_theta": 160000.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 500.0},
    }
    models = {
        "mpnet": transformers.MPNetModel(transformers.MPNetConfig(**SIZES, max_position_embeddings=76), add_pooling_layer=False),
        "mpnet-lm": transformers.MPNetForMaskedLM(transformers.MPNetConfig(**SIZES, max_position_embeddings=42)),
        "roberta": transformers.RobertaModel(transformers.RobertaConfig(**roberta)),
        "xlm-roberta": transformers.XLMRobertaForMaskedLM(transformers.XLMRobertaConfig(**roberta)),
        "distilbert": transformers.DistilBertModel(
            transformers.DistilBertConfig(vocab_size=60, dim=16, n_layers=2, n_heads=2, hidden_dim=24, max_position_embeddings=40)
        ),
        "modernbert": transformers.ModernBertModel(transformers.ModernBertConfig(**MODERN, rope_parameters=rotations)),
        "modernbert-lm": transformers.ModernBertForMaskedLM(transformers.ModernBertConfig(**MODERN)),
    }
    report = {"made_with": f"transformers {transformers.__version__}"}
    for number, (name, model) in enumerate(models.items()):
        padding = model.config.pad_token_id
        report[name] = write(model, arguments.out / name, arguments.seed + number, LENGTHS.get(name, (20, 9)), padding)
    old_keys(arguments.out / "modernbert-lm")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
