"""Makes the fixtures of the Java tests of families of decoders: a tiny random model of each, of Hugging Face transformers.

Each folder is what `save_pretrained` writes (config.json, model.safetensors), and golden.safetensors as decoder_golden.py
writes it, without gradients (Java checks those against differences). NAME.gguf holds the same weights under the names, in
the order of rows and with the metadata that llama.cpp's converter writes, by the tables of the Python package `gguf`; what
its converter does to weights (rows of queries and keys, gains of norms, factors of rotation) is done here.
"""

import argparse
import copy
import json
from pathlib import Path

import gguf
import numpy as np
import torch
import transformers
from decoder_golden import randomised
from gguf import GGMLQuantizationType as Type
from safetensors.torch import save_file

SIZES = dict(vocab_size=50, hidden_size=24, num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
             intermediate_size=40, max_position_embeddings=64, rms_norm_eps=1e-5, pad_token_id=None, bos_token_id=1,
             eos_token_id=2)  # fmt: skip
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, rope_theta=100.0,
              original_max_position_embeddings=24)  # fmt: skip
YARN = dict(rope_type="yarn", factor=4.0, rope_theta=100.0, beta_fast=2.0, beta_slow=0.1, original_max_position_embeddings=16)
LONG = dict(rope_type="longrope", rope_theta=100.0, short_factor=[1.0, 1.3, 1.7], long_factor=[1.0, 4.0, 9.0])

# name: architecture of GGUF, class, settings beside SIZES
MODELS = {
    "llama3": ("llama", "Llama", dict(rope_parameters=LLAMA3, attention_bias=True, mlp_bias=True)),
    "llama-linear": ("llama", "Llama", dict(rope_parameters=dict(rope_type="linear", factor=4.0, rope_theta=100.0),
                                            tie_word_embeddings=True)),
    "qwen2": ("qwen2", "Qwen2", dict(rope_parameters=dict(rope_type="default", rope_theta=100.0))),
    "qwen2-window": (None, "Qwen2", dict(use_sliding_window=True, sliding_window=5, max_window_layers=2)),
    "qwen3": ("qwen3", "Qwen3", dict(tie_word_embeddings=True, rope_parameters=dict(rope_type="default", rope_theta=100.0))),
    "mistral": (None, "Mistral", dict(sliding_window=5)),
    "gemma2": ("gemma2", "Gemma2", dict(sliding_window=5, query_pre_attn_scalar=8, attn_logit_softcapping=3.0,
                                        final_logit_softcapping=2.0)),
    "gemma3": ("gemma3", "Gemma3", dict(num_hidden_layers=7, sliding_window=5, query_pre_attn_scalar=8,
                                        rope_parameters=dict(
                                            full_attention=dict(rope_type="linear", factor=8.0, rope_theta=1000.0),
                                            sliding_attention=dict(rope_type="default", rope_theta=100.0)))),
    "phi3": ("phi3", "Phi3", dict(hidden_size=32, sliding_window=9, partial_rotary_factor=0.75, tie_word_embeddings=True,
                                  original_max_position_embeddings=32, rope_parameters=dict(LONG, partial_rotary_factor=0.75,
                                                                                           original_max_position_embeddings=32))),
    "smollm3": ("smollm3", "SmolLM3", dict(tie_word_embeddings=False,
                                           rope_parameters=dict(rope_type="default", rope_theta=100.0))),
    "granite": ("granite", "Granite", dict(embedding_multiplier=3.0, attention_multiplier=0.2, residual_multiplier=0.4,
                                           logits_scaling=1.5, tie_word_embeddings=True,
                                           rope_parameters=dict(rope_type="default", rope_theta=100.0))),
    "llama-yarn": ("llama", "Llama", dict(rope_parameters=YARN, tie_word_embeddings=True)),
    "mistral-yarn": (None, "Mistral", dict(sliding_window=None, tie_word_embeddings=True,
                                           rope_parameters=dict(YARN, truncate=False, mscale=1.0, mscale_all_dim=0.5))),
    "qwen2-dynamic": (None, "Qwen2", dict(tie_word_embeddings=True,
                                          rope_parameters=dict(rope_type="dynamic", factor=4.0, rope_theta=100.0))),
}  # fmt: skip


def model_of(kind, settings, seed):
    prefix = {"Gemma3": "Gemma3Text"}.get(kind, kind)
    config = getattr(transformers, prefix + "Config")(**{**SIZES, **settings})
    config._attn_implementation = "eager"
    model = randomised(getattr(transformers, kind + "ForCausalLM")(config), seed)
    if kind.startswith("Gemma"):  # gains are stored as their distance from 1
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                if name.endswith("norm.weight"):
                    parameter.sub_(1)
    with torch.no_grad():  # so that files of 16 bits hold the very weights
        for parameter in model.parameters():
            parameter.copy_(parameter.to(torch.bfloat16))
    return model


def write(model, folder, ids):
    with torch.no_grad():
        output = model(ids, labels=ids)
    copy.deepcopy(model).to(torch.bfloat16).save_pretrained(folder)
    save_file({"ids": ids.to(torch.int32), "logits": output.logits.contiguous(), "loss": output.loss.reshape(1)},
              folder / "golden.safetensors")  # fmt: skip
    return {"loss": output.loss.item(), "bytes": sum(file.stat().st_size for file in folder.iterdir())}


def permuted(weight, heads):
    """Rows as llama.cpp's converter interleaves them for models that it turns pair by neighbouring pair."""
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def write_gguf(path, architecture, model):
    config = model.config
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(8)
    writer.add_value_length(8)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    rope = config.rope_parameters
    full = rope.get("full_attention", rope)
    writer.add_rope_freq_base(full["rope_theta"])
    writer.add_rope_dimension_count(int(8 * full.get("partial_rotary_factor", 1)))
    if full["rope_type"] == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(full["factor"])
    if full["rope_type"] == "yarn":
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(full["factor"])
        writer.add_rope_scaling_orig_ctx_len(full["original_max_position_embeddings"])
        writer.add_rope_scaling_yarn_beta_fast(full["beta_fast"])
        writer.add_rope_scaling_yarn_beta_slow(full["beta_slow"])
    if full["rope_type"] == "llama3":
        writer.add_tensor("rope_freqs.weight", llama3_factors(full))
    if full["rope_type"] == "longrope":
        original = config.original_max_position_embeddings
        stretch = config.max_position_embeddings / original
        writer.add_rope_scaling_orig_ctx_len(original)
        writer.add_rope_scaling_attn_factors(float(np.sqrt(1 + np.log(stretch) / np.log(original))))
        writer.add_tensor("rope_factors_long.weight", np.array(full["long_factor"], dtype=np.float32))
        writer.add_tensor("rope_factors_short.weight", np.array(full["short_factor"], dtype=np.float32))
    if architecture == "gemma3":
        writer.add_key_value("gemma3.rope.freq_base_swa", rope["sliding_attention"]["rope_theta"], gguf.GGUFValueType.FLOAT32)
    if architecture in ("gemma2", "gemma3", "phi3"):
        writer.add_sliding_window(config.sliding_window)
    if architecture == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
    if architecture == "granite":
        writer.add_embedding_scale(config.embedding_multiplier)
        writer.add_attention_scale(config.attention_multiplier)
        writer.add_residual_scale(config.residual_multiplier)
        writer.add_logit_scale(config.logits_scaling)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH[architecture.upper()], config.num_hidden_layers)
    tied = config.tie_word_embeddings
    for name, value in model.state_dict().items():
        if name == "lm_head.weight" and tied:
            continue
        array = value.numpy().astype(np.float32)
        if architecture in ("llama", "smollm3", "granite") and (".q_proj." in name or ".k_proj." in name):
            array = permuted(array, config.num_attention_heads if ".q_proj." in name else config.num_key_value_heads)
        if architecture.startswith("gemma") and name.endswith("norm.weight"):
            array = array + 1
        kind = Type.BF16 if array.ndim == 2 else Type.F32
        data = gguf.quants.quantize(np.ascontiguousarray(array), kind)
        writer.add_tensor(names.get_name(name, try_suffixes=(".weight", ".bias")), data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.stat().st_size


def llama3_factors(rope):
    """What llama.cpp's converter writes into rope_freqs.weight."""
    frequencies = 1.0 / (rope["rope_theta"] ** (torch.arange(0, 8, 2, dtype=torch.float32) / 8))
    original, low, high = rope["original_max_position_embeddings"], rope["low_freq_factor"], rope["high_freq_factor"]
    factors = []
    for frequency in frequencies:
        length = 2 * np.pi / frequency
        if length < original / high:
            factors.append(1.0)
        elif length > original / low:
            factors.append(rope["factor"])
        else:
            smooth = (original / length - low) / (high - low)
            factors.append(1 / ((1 - smooth) / rope["factor"] + smooth))
    return np.array(factors, dtype=np.float32)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the models' folders")
    parser.add_argument("--seed", type=int, default=20210826)
    arguments = parser.parse_args()
    ids = torch.randint(0, 50, (2, 25), generator=torch.Generator().manual_seed(arguments.seed))
    report = {"made_with": f"transformers {transformers.__version__}, gguf"}
    for place, (name, (architecture, kind, settings)) in enumerate(MODELS.items()):
        model = model_of(kind, settings, arguments.seed + place)
        report[name] = write(model, arguments.out / name, ids)
        if architecture:
            report[name]["gguf"] = write_gguf(arguments.out / f"{name}.gguf", architecture, model)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
