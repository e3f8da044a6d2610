"""Makes the fixtures of the Java tests of decoders: tiny Llama and GPT-2 models of Hugging Face transformers with random weights.

Each folder is what `save_pretrained` writes (config.json, model.safetensors), and golden.safetensors:
  ids      i32 [texts, time]          token ids
  logits   f32 [texts, time, vocab]   of the token to follow
  loss     f32 [1]                    mean of -log P over all tokens but each text's first
  grad.N   f32                        gradient of the loss by parameter N

  tiny-llama       grouped queries, heads wider than d / heads, tied embeddings
  tiny-llama-head  as many key/value heads as heads, a head of its own
  tiny-gpt2        learned positions, LayerNorm, GELU-tanh
"""

import argparse
import json
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

LLAMA = dict(vocab_size=50, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40,
             max_position_embeddings=48, rms_norm_eps=1e-5)


def randomised(model, seed):
    """The model with all parameters drawn anew: gains around 1, everything else around 0."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator) * 0.2
            gain = name.endswith("norm.weight") or "layernorm" in name or ".ln_" in name and name.endswith("weight")
            parameter.copy_(noise + 1 if gain else noise)
    return model.eval()


def write(model, folder, ids):
    """Saves the model, what it answers, and the gradients of its loss."""
    model.save_pretrained(folder)
    output = model(ids, labels=ids)
    output.loss.backward()
    golden = {"ids": ids.to(torch.int32), "logits": output.logits.detach().contiguous(), "loss": output.loss.detach().reshape(1)}
    for name, parameter in model.named_parameters():
        golden["grad." + name] = parameter.grad.contiguous()
    save_file(golden, folder / "golden.safetensors")
    return {"loss": output.loss.item(), "bytes": sum(file.stat().st_size for file in folder.iterdir())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the models' folders")
    parser.add_argument("--seed", type=int, default=20210826)
    arguments = parser.parse_args()

    ids = torch.randint(0, 50, (3, 21), generator=torch.Generator().manual_seed(arguments.seed))
    llama = transformers.LlamaForCausalLM(transformers.LlamaConfig(
        **LLAMA, num_key_value_heads=2, head_dim=8, tie_word_embeddings=True, rope_theta=10000.0))
    headed = transformers.LlamaForCausalLM(transformers.LlamaConfig(
        **LLAMA, num_key_value_heads=4, tie_word_embeddings=False, rope_theta=500.0))
    gpt2 = transformers.GPT2LMHeadModel(transformers.GPT2Config(
        vocab_size=50, n_positions=48, n_embd=24, n_layer=2, n_head=4, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0))
    report = {
        "made_with": f"transformers {transformers.__version__}",
        "tiny-llama": write(randomised(llama, arguments.seed), arguments.out / "tiny-llama", ids),
        "tiny-llama-head": write(randomised(headed, arguments.seed + 1), arguments.out / "tiny-llama-head", ids),
        "tiny-gpt2": write(randomised(gpt2, arguments.seed + 2), arguments.out / "tiny-gpt2", ids),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
