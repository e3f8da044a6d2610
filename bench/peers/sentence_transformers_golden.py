"""Makes the folders of the Java tests that read models saved by sentence-transformers: tiny, with random weights.

Each folder is what SentenceTransformer.save writes, and golden.safetensors:
  vectors f32 [texts, dim]  what encode answers to TEXTS

  st-mean-cls-dense  poolings side by side, a Dense module with GELU, Normalize; as version 6 and later name things
  st-distil-dot      DistilBERT, the first token, vectors as they are, ranked by dot product, texts of 9 tokens at most
  st-roberta-prompt  RoBERTa, max and last token, a default prompt
"""

import argparse
import json
import shutil
from pathlib import Path

import sentence_transformers
import torch
import transformers
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Dense, Normalize, Pooling, Transformer
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from preln_golden import randomised

WORDS = "i you he she we they am are is was do does not no yes hello hi cat dog fish tea bread rain sun home work".split()
TEXTS = ["hello you", "I do not like Rain", "no", "the cat is home and we are home he she we they am", "ÉCOLE tea"]
SIZES = dict(vocab_size=32, max_position_embeddings=40)
BERT = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24)


def tokenizer(start, end, pad):
    """Whole words, with one token at either end."""
    tokens = [pad, "[UNK]", start, end, *WORDS] if pad == "[PAD]" else [start, pad, end, "[UNK]", *WORDS]
    made = Tokenizer(models.WordLevel({token: i for i, token in enumerate(tokens)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}", special_tokens=[(start, tokens.index(start)), (end, tokens.index(end))]
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, cls_token=start, sep_token=end, pad_token=pad, unk_token="[UNK]", model_max_length=32
    )


def write(out, name, encoder, text, after, seed, longest=None, **settings):
    """Saves an encoder with the modules after it, and what the whole answers."""
    folder, plain = out / name, out / (name + ".plain")
    randomised(encoder, seed).save_pretrained(plain)
    text.save_pretrained(plain)
    transformer = Transformer(str(plain))
    modules = [transformer, *after(encoder.config.hidden_size)]
    for module in modules[1:]:
        generator = torch.Generator().manual_seed(seed + 1)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
    model = SentenceTransformer(modules=modules, device="cpu", **settings)
    if longest:
        model.max_seq_length = longest
    model.save(str(folder), create_model_card=False)
    shutil.rmtree(plain)
    vectors = torch.from_numpy(SentenceTransformer(str(folder), device="cpu").encode(TEXTS))
    save_file({"vectors": vectors}, folder / "golden.safetensors")
    return {"dim": vectors.shape[1], "bytes": sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the models")
    parser.add_argument("--seed", type=int, default=20251127)
    arguments = parser.parse_args()
    out, seed = arguments.out, arguments.seed

    bert = transformers.BertModel(transformers.BertConfig(**SIZES, **BERT))
    distil = transformers.DistilBertModel(
        transformers.DistilBertConfig(**SIZES, dim=16, n_layers=1, n_heads=2, hidden_dim=24)
    )
    roberta = transformers.RobertaModel(transformers.RobertaConfig(**SIZES, **BERT, type_vocab_size=1, pad_token_id=1))
    bert_text, roberta_text = tokenizer("[CLS]", "[SEP]", "[PAD]"), tokenizer("<s>", "</s>", "<pad>")
    report = {
        "made_with": f"sentence-transformers {sentence_transformers.__version__}, transformers {transformers.__version__}",
        "st-mean-cls-dense": write(
            out, "st-mean-cls-dense", bert, bert_text,
            lambda d: [Pooling(d, ("mean", "cls")), Dense(2 * d, 6, activation_function=torch.nn.GELU()), Normalize()],
            seed,
        ),
        "st-distil-dot": write(
            out, "st-distil-dot", distil, bert_text, lambda d: [Pooling(d, "cls")], seed + 2, longest=9,
            similarity_fn_name="dot",
        ),
        "st-roberta-prompt": write(
            out, "st-roberta-prompt", roberta, roberta_text, lambda d: [Pooling(d, ("max", "lasttoken"))], seed + 4,
            prompts={"query": "hi ", "document": "hello "}, default_prompt_name="query",
        ),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
