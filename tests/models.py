"""Tiny random models that need no network: four families, both ways of tuning, in double precision.

Nothing is at its initial value: adapters, token rows, heads, pooling, embeddings and biases are all random, so that a
forgotten one shows. Norms that transformers computes in single precision are replaced by exact ones.
"""

import copy
from collections import Counter
from dataclasses import dataclass
from functools import cache

import torch
from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, trainers
from tokenizers import models as tokenizer_models
from torch import nn
from transformers import (
    AutoModelForCausalLM,
    BertConfig,
    GPT2Config,
    LlamaConfig,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
    Qwen3Config,
)

from pecrs.config import Config
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.stream import StreamLayout
from pecrs.data.vocabulary import Vocabulary
from pecrs.model.backbone.adapters import add_adapters
from pecrs.model.backbone.base import prepare_base
from pecrs.model.item_states import encode_items, item_texts
from pecrs.model.pecrs import PecrsModel
from pecrs.training.scratch import END_OF_TEXT

FAMILIES = ("gpt2", "llama", "qwen3", "bert")
DATA = {"max_context_tokens": 48, "max_response_tokens": 10, "max_item_tokens": 24}
"""Limits so small that truncation is common."""

POPULARITY = (7, 0, 3, 1, 0, 12, 2, 2, 5, 0, 1, 4)


@cache
def small_catalogue() -> Catalogue:
    """Twelve films; the last has a title alone, and its text is the shortest."""
    films = film_world(0, 0)[0].items
    return Catalogue((*films[5:60:5], Item("bare", "It")))


@cache
def _texts() -> tuple[str, ...]:
    catalogue, dialogues = film_world(0, 40)
    spoken = [f" {turn.text}" for dialogue in dialogues for turn in dialogue.turns]
    written = [text for item in catalogue for text in catalogue.text_fields(item)]
    return (*spoken, *written, *["Seeker: Recommender:"] * 20)


@cache
def _saved_tokenizer(kind: str) -> str:
    if kind == "wordpiece":
        return str(_word_pieces(400).to_str())
    tokenizer = Tokenizer(tokenizer_models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=420, special_tokens=[END_OF_TEXT], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(_texts(), trainer)
    return str(tokenizer.to_str())


def _word_pieces(size: int) -> Tokenizer:
    """Characters, and frequent beginnings and ends of words; a trainer of tokenizers chooses others in each process."""
    normalizer, splitter = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    words = Counter(word for text in _texts() for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text)))
    characters = sorted(set("".join(words)))
    parts = Counter()
    for word, count in words.items():
        for end in range(2, len(word) + 1):
            parts[word[:end]] += count * end
            parts[f"##{word[-end:]}"] += count * end
    frequent = sorted(parts, key=lambda part: (-parts[part], part))
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = dict.fromkeys([*special, *characters, *(f"##{character}" for character in characters), *frequent])
    vocabulary = {piece: number for number, piece in enumerate(list(pieces)[:size])}
    tokenizer = Tokenizer(tokenizer_models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer, tokenizer.decoder = normalizer, splitter, decoders.WordPiece()
    tokenizer.add_special_tokens(special)
    return tokenizer


def tiny_tokenizer(family: str) -> PreTrainedTokenizerFast:
    """A fresh tokeniser without this package's special tokens: WordPiece for BERT, else a byte-level BPE."""
    if family == "bert":
        names = {name: f"[{name[:3].upper()}]" for name in ("pad_token", "unk_token", "cls_token", "sep_token")}
        tokenizer = Tokenizer.from_str(_saved_tokenizer("wordpiece"))
        return PreTrainedTokenizerFast(tokenizer_object=tokenizer, mask_token="[MASK]", **names)
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer.from_str(_saved_tokenizer("bpe")), eos_token=END_OF_TEXT)


def tiny_vocabulary(family: str = "gpt2", config: Config | None = None) -> Vocabulary:
    """The tokeniser of a family with the special tokens."""
    return Vocabulary.from_tokenizer(tiny_tokenizer(family), (config or tiny_config()).data)


def tiny_config(
    model: dict | None = None, data: dict | None = None, training: dict | None = None, generation: dict | None = None
) -> Config:
    """A configuration with tight limits; sections may be overridden."""
    base = {"lora": {"rank": 3, "alpha": 6.0}, "scale": 3.0}
    return Config.from_dict(
        {
            "data": {**DATA, **(data or {})},
            "model": {**base, **(model or {})},
            "training": training or {},
            "generation": generation or {},
        }
    )


def tiny_layout(family: str = "gpt2", **data: object) -> StreamLayout:
    """A layout over the small catalogue, without a model."""
    config = tiny_config(data=data)
    return StreamLayout(tiny_vocabulary(family, config), small_catalogue(), config.data)


def stock_config(family: str, size: int, width: int = 32, positions: int = 512) -> PreTrainedConfig:
    """A shape of a family: two layers of four heads; a Llama with separate output rows, a Qwen3 with tied ones."""
    ends = {"bos_token_id": 0, "eos_token_id": 0}
    if family == "gpt2":
        return GPT2Config(vocab_size=size, n_embd=width, n_layer=2, n_head=4, n_positions=positions, **ends)
    shape = {
        "vocab_size": size,
        "hidden_size": width,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 3 * width // 2,
        "max_position_embeddings": positions,
    }
    if family == "llama":
        return LlamaConfig(tie_word_embeddings=False, num_key_value_heads=2, **shape, **ends)
    if family == "qwen3":
        return Qwen3Config(tie_word_embeddings=True, num_key_value_heads=2, head_dim=width // 4, **shape, **ends)
    assert family == "bert"
    return BertConfig(is_decoder=True, **shape)


def stock_causal_lm(family: str, size: int) -> nn.Module:
    """An untouched transformers model of a family with random weights, in the default precision."""
    config = stock_config(family, size)
    config.initializer_range = 0.25
    model = AutoModelForCausalLM.from_config(config)
    for name, module in list(model.named_modules()):
        if type(module).__name__.endswith("RMSNorm"):
            exact = nn.RMSNorm(module.weight.shape[0], eps=module.variance_epsilon)
            model.get_submodule(name.rpartition(".")[0]).__setattr__(name.rpartition(".")[2], exact)
    return model.eval()


@dataclass(frozen=True, eq=False)
class TinyModel:
    """A random model in double precision with its item states attached.

    Attributes:
        model: The thing under test, in evaluation mode.
        config: What it was made with, and how it is trained and replies.
        base: A stock copy of the untuned backbone, special rows included.
        layout: Lays dialogues out for it.
    """

    model: PecrsModel
    config: Config
    base: nn.Module
    layout: StreamLayout


def tiny_model(family: str = "gpt2", config: Config | None = None, seed: int = 0) -> TinyModel:
    """Build a random model over the small catalogue; call it with the default precision set to double."""
    config = config or tiny_config()
    torch.manual_seed(seed)
    vocabulary, catalogue = tiny_vocabulary(family, config), small_catalogue()
    untuned = prepare_base(stock_causal_lm(family, len(vocabulary)).double(), vocabulary)
    base = copy.deepcopy(untuned.model)
    base.set_attn_implementation("sdpa")
    if config.model.tuning == "lora":
        backbone = reader = add_adapters(untuned, config.model.lora)
    else:
        backbone, reader = untuned, prepare_base(copy.deepcopy(base), vocabulary)
    model = PecrsModel(config.model, config.data, catalogue, backbone, reader, POPULARITY).double().eval()
    _randomise(model)
    texts = item_texts(reader, catalogue, catalogue, config.data.max_item_tokens)
    states = encode_items(reader, texts)
    model.item_encoder.standardise(states)
    model.attach_states(states)
    return TinyModel(model, config, base, StreamLayout(vocabulary, catalogue, config.data))


@torch.no_grad()
def _randomise(model: PecrsModel) -> None:
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad or name == "retriever.log_scale":
            continue
        if name.startswith("backbone."):
            parameter.add_(torch.randn_like(parameter), alpha=0.1)
        else:
            parameter.copy_(torch.randn_like(parameter) * (0.3 if parameter.ndim == 2 else 0.7))
