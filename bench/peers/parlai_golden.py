"""Golden files for the import of ParlAI's models: small random ones, made and run by ParlAI's own code.

    python bench/peers/parlai_golden.py src/test/resources/io/retort/store/parlai

Needs parlai 1.7.2 (with --no-deps), iopath, portalocker, subword-nmt, tokenizers and torch. What parlai imports and
this does not use (images, chat services) is replaced by empty modules. All sentences are invented.
"""

import importlib.abc
import importlib.machinery
import json
import os
import random
import sys
import types

import torch

UNUSED = {"pkg_resources", "PIL", "torchvision", "zmq", "sh", "websockets", "websocket", "tornado", "boto3", "botocore",
          "git", "hydra", "omegaconf", "markdown", "pandas", "unidecode", "emoji", "nltk", "fairscale", "tensorboardX",
          "datasets"}


class Nothing:
    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return self


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in UNUSED:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = types.ModuleType(spec.name)

        def attribute(name):
            if name.startswith("__"):
                raise AttributeError(name)
            return Nothing

        module.__getattr__ = attribute
        return module

    def exec_module(self, module):
        pass


sys.meta_path.append(Finder())

from parlai.agents.transformer.modules import TransformerGeneratorModel, TransformerMemNetModel  # noqa: E402
from parlai.agents.transformer.polyencoder import PolyEncoderModule  # noqa: E402
from parlai.core.dict import DictionaryAgent  # noqa: E402
from parlai.core.opt import Opt  # noqa: E402

CORPUS = """the lantern on the porch went out again last night
did you check the fuse behind the pantry door
i only found a moth and two dead batteries there
we could borrow a lamp from the bakery tomorrow
she said the ferry leaves at seven and not at eight
then we should pack the sandwiches before breakfast
my brother paints small boats on old roof tiles
those tiles would look lovely above your fireplace
can you hear the owl that lives behind the mill
it sounds more like a kettle than a bird to me
the baker keeps a blue notebook of unpaid bread
nobody in this village has ever paid on time
there is snow on the bridge and ice under the snow
walk slowly and hold on to the wooden railing
i lost my left glove somewhere near the station
the station master has a whole box of left gloves""".split("\n")
TEXTS = ["the lantern, on the porch!", "Did YOU check the fuse?", "it's a moth's lamp", "  two  spaces\there ",
         "line one\nline two", "caf\u00e9 na\u00efve \u4f60\u597d", "", " ", "x", "__newln__ __start__ @@ a@@b", "42 boats_and 3.5 tiles",
         "\u00bd \u0661\u0662 \u2167 combining e\u0301 \U0001f642", "unseenzzqq words\u00a0joined", "don't we'll I'VE they're", "\n", "  "]
CONTEXTS = [["the lantern went out"], ["did you check the fuse", "i only found a moth"],
            ["can you hear the owl", "it sounds more like a kettle", "walk slowly"]]
REPLIES = ["there is snow on the bridge", "i lost my left glove", "the baker keeps a blue notebook of unpaid bread", "no"]


def options(**more):
    opt = Opt(embedding_size=24, n_layers=2, n_heads=4, ffn_size=40, dropout=0.1, attention_dropout=0.1,
              relu_dropout=0.0, variant="xlm", activation="gelu", n_segments=2, n_positions=48,
              learn_positional_embeddings=True, embeddings_scale=False, output_scaling=0.06, reduction_type="first",
              share_encoders=False, share_word_embeddings=False, learn_embeddings=True, use_memories=False,
              memory_attention="sqrt", normalize_sent_emb=False, wrap_memory_encoder=False, truncate=1024,
              text_truncate=46, label_truncate=32, dict_lower=True, history_size=-1, embedding_type="random",
              delimiter="\n")
    opt.update(more)
    return opt


def words(folder, opt, merges=120):
    """A dictionary with subword-nmt's codes, learnt and saved by ParlAI."""
    opt["dict_tokenizer"] = "bpe"
    opt["dict_maxtokens"] = merges
    opt["dict_file"] = os.path.join(folder, "model.dict")
    dictionary = DictionaryAgent(opt)
    for line in CORPUS:
        dictionary.add_to_dict(dictionary.tokenize(line))
    dictionary.save(opt["dict_file"], sort=True)
    os.remove(opt["dict_file"] + ".opt")
    return DictionaryAgent(opt)


def byte_level(folder, opt, kind):
    from tokenizers import ByteLevelBPETokenizer

    file = os.path.join(folder, "model.dict")
    if not os.path.exists(file + "-vocab.json"):
        learner = ByteLevelBPETokenizer()
        learner.train_from_iterator(CORPUS, vocab_size=330, show_progress=False)
        learner.save_model(folder, "model.dict")
    opt.update(dict_tokenizer=kind, dict_file=file, bpe_vocab=file + "-vocab.json", bpe_merge=file + "-merges.txt",
               dict_maxtokens=-1, dict_minfreq=0)
    if not os.path.exists(file):
        first = DictionaryAgent(Opt(opt))
        first.save(file, sort=False)
        os.remove(file + ".opt")
    return DictionaryAgent(opt)


def randomize(module):
    """Draws every parameter anew, so that no bias is zero and no norm is one."""
    for parameter in module.parameters():
        with torch.no_grad():
            parameter.copy_(torch.randn_like(parameter) * 0.3)
    for name, parameter in module.named_parameters():
        if "norm" in name and name.endswith("weight"):
            with torch.no_grad():
                parameter.add_(1)


def framed(dictionary, tokens):
    return [dictionary[dictionary.start_token]] + tokens + [dictionary[dictionary.end_token]]


def padded(dictionary, rows):
    longest = max(map(len, rows))
    null = dictionary[dictionary.null_token]
    return torch.tensor([row + [null] * (longest - len(row)) for row in rows])


def inputs(dictionary, opt):
    between = dictionary.txt2vec(opt["delimiter"])
    contexts = []
    for turns in CONTEXTS:
        ids = []
        for i, turn in enumerate(turns):
            ids += (between if i else []) + dictionary.txt2vec(turn)
        contexts.append(framed(dictionary, ids))
    return contexts, [framed(dictionary, dictionary.txt2vec(reply)) for reply in REPLIES]


def store(folder, opt, model, golden, zipped):
    saved = Opt({key: value for key, value in opt.items() if key not in ("dict_file", "bpe_vocab", "bpe_merge",
                                                                         "dict_loaded")})
    with open(os.path.join(folder, "model.opt"), "w") as out:
        json.dump(saved, out, indent=2, sort_keys=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    checkpoint = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "optimizer_type": "sgd",
                  "number_training_updates": 7, "lr_scheduler": {"best": float("inf"), "last_epoch": 3},
                  "opt": saved if not zipped else None}
    torch.save(checkpoint, os.path.join(folder, "model"), _use_new_zipfile_serialization=zipped)
    with open(os.path.join(folder, "golden.json"), "w") as out:
        json.dump(golden, out)


def tokens(dictionary):
    return {"texts": TEXTS, "ids": [dictionary.txt2vec(text) for text in TEXTS], "contexts": CONTEXTS,
            "replies": REPLIES}


def bi(folder, **more):
    os.makedirs(folder, exist_ok=True)
    opt = options(model="transformer/biencoder", **more)
    dictionary = words(folder, opt)
    model = TransformerMemNetModel(opt, dictionary).eval()
    randomize(model)
    contexts, replies = inputs(dictionary, opt)
    with torch.no_grad():
        left, right = model(padded(dictionary, contexts), None, padded(dictionary, replies))
    golden = tokens(dictionary) | {"context_ids": contexts, "reply_ids": replies, "context_vectors": left.tolist(),
                                   "reply_vectors": right.tolist(), "scores": (left @ right.T).tolist()}
    store(folder, opt, model, golden, zipped=True)


def poly(folder, kind="bytelevelbpe", **more):
    os.makedirs(folder, exist_ok=True)
    opt = options(model="transformer/polyencoder", polyencoder_type="codes", poly_n_codes=5,
                  poly_attention_type="basic", poly_attention_num_heads=4, codes_attention_num_heads=4,
                  codes_attention_type="basic", dict_lower=False, **more)
    dictionary = byte_level(folder, opt, kind)
    opt["dict_loaded"] = True
    model = PolyEncoderModule(opt, dictionary, dictionary[dictionary.null_token]).eval()
    randomize(model)
    contexts, replies = inputs(dictionary, opt)
    with torch.no_grad():
        rep, mask, _ = model(ctxt_tokens=padded(dictionary, contexts))
        _, _, cands = model(cand_tokens=padded(dictionary, replies).unsqueeze(0).expand(len(contexts), -1, -1).contiguous())
        scores = model(ctxt_rep=rep, ctxt_rep_mask=mask, cand_rep=cands)
    golden = tokens(dictionary) | {"context_ids": contexts, "reply_ids": replies,
                                   "context_vectors": rep.flatten(1).tolist(), "reply_vectors": cands[0].tolist(),
                                   "scores": scores.tolist()}
    for other in ("slow_bytelevel_bpe",):
        slow = Opt(opt, dict_tokenizer=other)
        golden[other] = [DictionaryAgent(slow).txt2vec(text) for text in TEXTS]
        golden[other + "_with_space"] = [DictionaryAgent(Opt(slow, bpe_add_prefix_space=True)).txt2vec(text)
                                         for text in TEXTS]
    store(folder, opt, model, golden, zipped=False)


def generator(folder, variant, **more):
    """An encoder-decoder with, for a source and a reply that ParlAI is forced along, every logit."""
    os.makedirs(folder, exist_ok=True)
    opt = options(model="transformer/generator", variant=variant, n_segments=0, embeddings_scale=True,
                  output_scaling=1.0, embedding_size=16, ffn_size=24, n_encoder_layers=1, n_decoder_layers=2, beam_size=10, beam_min_length=20,
                  beam_block_ngram=3, beam_context_block_ngram=3, inference="beam", **more)
    if variant == "xlm":
        dictionary = words(folder, opt)
    else:
        opt.update(dict_lower=False, delimiter="  ", history_add_global_end_token="end")
        dictionary = byte_level(folder, opt, "bytelevelbpe")
    model = TransformerGeneratorModel(opt, dictionary).eval()
    randomize(model)
    end = [dictionary[dictionary.end_token]] if variant != "xlm" else []
    sources = [dictionary.txt2vec(CONTEXTS[0][-1]) + end]
    replies = [dictionary.txt2vec(REPLIES[-1]) + [dictionary[dictionary.end_token]]]
    logits = []
    with torch.no_grad():
        for source, reply in zip(sources, replies):
            scores, _, _ = model(torch.tensor([source]), ys=torch.tensor([reply]))
            logits.append([[float("%.7g" % value) for value in row] for row in scores[0].tolist()])
    golden = tokens(dictionary) | {"source_ids": sources, "target_ids": replies, "logits": logits}
    store(folder, opt, model, golden, zipped=True)


if __name__ == "__main__":
    root = sys.argv[1]
    torch.manual_seed(3)
    random.seed(3)
    bi(os.path.join(root, "biencoder"))
    poly(os.path.join(root, "polyencoder"))
    generator(os.path.join(root, "generator-xlm"), "xlm")
    generator(os.path.join(root, "generator-prelayernorm"), "prelayernorm")
