"""How much memory a training step or a reply takes, predicted from shapes alone.

What is counted is what stays: weights, gradients, AdamW's two moments, and what the backward pass needs of a pass. The
program itself and the allocator's slack come on top; ``benchmarks/memory.py`` shows how much that is.

Single precision takes four bytes a number, 8bit one, 4bit half a byte and the scales of its blocks of 64.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, Self

import torch
from torch import nn
from transformers import AutoModelForCausalLM, PreTrainedConfig
from transformers.pytorch_utils import Conv1D

from pecrs.config import ModelConfig
from pecrs.model.backbone.token_losses import LOGITS
from pecrs.model.generator import CANDIDATES

Precision = Literal["fp32", "bf16", "8bit", "4bit"]
"""How the blocks' matrices are held."""

_BYTES: dict[Precision, float] = {"fp32": 4, "bf16": 2, "8bit": 1, "4bit": 0.5 + 1 / 64 + 4 / (64 * 256)}
_SINGLE, _HALF = 4, 2
_POINTER = 64


@dataclass(frozen=True)
class Shape:
    """The sizes of a backbone that memory depends on.

    Attributes:
        matrices: Weights of the blocks' linear layers, which quantisation shrinks.
        others: All its other weights: tables, norms, biases.
        sides: Inputs and outputs of those layers, added up: the weights of an adapter of rank 1.
        layers: Number of blocks.
        linears: Linear layers of a block.
        width: Hidden width d.
        heads: Attention heads.
        queries: Heads times head width.
        keys: Key heads times head width.
        inner: Width inside the MLP.
        gated: Whether the MLP multiplies two projections.
        vocabulary: Rows of the token table.
        tied: Whether the output layer is the token table.
        dropout: Whether blocks drop states and attention weights in training, as GPT-2's do.
        normed: Whether queries and keys pass norms of their own, as Qwen3's do.
    """

    matrices: int
    others: int
    sides: int
    layers: int
    linears: int
    width: int
    heads: int
    queries: int
    keys: int
    inner: int
    gated: bool
    vocabulary: int
    tied: bool
    dropout: bool
    normed: bool

    @classmethod
    def of_config(cls, config: PreTrainedConfig) -> Self:
        """Read the sizes off a model of this configuration that holds no numbers."""
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config)
        output = model.get_output_embeddings()
        found = [m for m in model.modules() if isinstance(m, nn.Linear | Conv1D) and m is not output]
        matrices = sum(module.weight.numel() for module in found)
        layers, heads = int(config.num_hidden_layers), int(config.num_attention_heads)
        head = int(getattr(config, "head_dim", None) or config.hidden_size // heads)
        inner = getattr(config, "intermediate_size", None) or getattr(config, "n_inner", None) or 4 * config.hidden_size
        return cls(
            matrices=matrices,
            others=sum(parameter.numel() for parameter in model.parameters()) - matrices,
            sides=sum(sum(module.weight.shape) for module in found),
            layers=layers,
            linears=len(found) // layers,
            width=int(config.hidden_size),
            heads=heads,
            queries=heads * head,
            keys=int(getattr(config, "num_key_value_heads", None) or heads) * head,
            inner=int(inner),
            gated=sum(inner in module.weight.shape for module in found) == 3 * layers,
            vocabulary=int(config.vocab_size),
            tied=output.weight is model.get_input_embeddings().weight,
            dropout=any(isinstance(module, nn.Dropout) and module.p > 0 for module in model.modules()),
            normed=any(name.endswith(".q_norm") for name, _ in model.named_modules()),
        )

    @property
    def weights(self) -> int:
        """Number of weights of the backbone, each once."""
        return self.matrices + self.others

    def adapter_weights(self, rank: int) -> int:
        """Return the weights of adapters on every linear layer, and of the four trained rows of each table."""
        return rank * self.sides + (1 if self.tied else 2) * 4 * self.width


@dataclass(frozen=True)
class Load:
    """What a pass of training, or a reply, holds at a time.

    Attributes:
        positions: Stream positions.
        longest: Positions of the longest stream.
        streams: Number of streams.
        candidates: Candidates of all queries.
        queries: Number of queries.
        targets: Response tokens that carry loss.
        items: Items that are encoded for the batch: the whole catalogue where retrieval is compared with all of it.
    """

    positions: int
    longest: int
    streams: int = 1
    candidates: int = 0
    queries: int = 0
    targets: int = 0
    items: int = 0


@dataclass(frozen=True)
class Memory:
    """Bytes by purpose.

    Attributes:
        weights: The backbone, adapters and heads.
        gradients: Of what is trained.
        optimiser: AdamW's two moments of what is trained.
        activations: What the backward pass needs of the blocks, or what a pass without one holds at its height.
        logits: Next-token logits and retrieval scores, with their gradients.
        items: Token states and vectors of the catalogue.
    """

    weights: float
    gradients: float
    optimiser: float
    activations: float
    logits: float
    items: float

    @property
    def total(self) -> float:
        """All of it."""
        return float(sum(getattr(self, field.name) for field in fields(self)))


def head_weights(settings: ModelConfig, width: int, items: int, item_tokens: int) -> int:
    """Return the weights of pooling, h_item, f, g, features and item embeddings.

    Args:
        settings: Which heads there are.
        width: Hidden width d.
        items: Size of the catalogue.
        item_tokens: ``data.max_item_tokens``.
    """
    layer = width * width + width
    linear = settings.heads == "linear"
    encoder = item_tokens + (2 * layer if settings.item_head else 0) + (items * width if settings.item_embedding else 0)
    features = {"none": 0, "log": 1, "learned": items}[settings.popularity_bias] + settings.mention_feature
    pointer = 2 * (width * _POINTER + _POINTER) + 1 if settings.repeat_feature else 0
    retriever = layer * (1 if linear else 2) + 1 + features + pointer  # 1: the temperature
    reranker = (0 if linear else layer) + width + 1 if settings.reranker else 0
    return encoder + retriever + reranker


def block_numbers(shape: Shape, load: Load, rank: int) -> int:
    """Return how many numbers the backward pass needs of one block, LoRA on every linear layer.

    A frozen matrix needs no input kept; an adapter does. Each norm keeps what it reads, and what it writes is read by
    adapters. Attention keeps queries, keys, values and its result, streams padded to the longest; with dropout, a CPU
    keeps in place of the result all weights: as softmax gives them, which are dropped, and what is left.
    Candidates keep queries, and the keys and values of all rows, of which theirs are a part; each query keeps the
    context's. Candidates' weights on the context are kept as softmax gives them, and with dropout as above.

    Args:
        shape: The backbone.
        load: The pass.
        rank: Of the adapters.
    """
    rows, padded = load.positions + load.candidates, load.streams * load.longest
    each = 4 * shape.width + shape.queries + (4 if shape.gated else 2) * shape.inner + rank * shape.linears
    attention = padded * 2 * (shape.queries + shape.keys)
    if shape.normed:
        each += shape.queries + shape.keys
    if shape.dropout:
        each += 2 * shape.width
        attention = padded * (3 * shape.queries + 3 * shape.heads * load.longest)
    if load.candidates:
        attention += load.candidates * (shape.queries + (3 if shape.dropout else 1) * shape.heads * load.longest)
        attention += (rows + load.queries * load.longest) * 2 * shape.keys
    return rows * each + attention


def training_memory(
    shape: Shape,
    settings: ModelConfig,
    load: Load,
    *,
    precision: Precision = "fp32",
    catalogue: tuple[int, int],
    item_tokens: int = 64,
    checkpointing: bool = False,
    autocast: bool = False,
) -> Memory:
    """Predict the peak of a training step with LoRA.

    Args:
        shape: The backbone.
        settings: Rank and heads.
        load: The largest pass.
        precision: How the blocks' matrices are held.
        catalogue: Number of items, and of the tokens of their texts.
        item_tokens: ``data.max_item_tokens``.
        checkpointing: ``training.gradient_checkpointing``: one block is held whole, of the others their inputs.
        autocast: Whether passes are computed in bfloat16.
    """
    rank, (items, tokens) = settings.lora.rank, catalogue
    trained = shape.adapter_weights(rank) + head_weights(settings, shape.width, items, item_tokens)
    block = block_numbers(shape, load, rank) * (_HALF if autocast else _SINGLE)
    rows = (load.positions + load.candidates) * shape.width * _SINGLE
    activations = shape.layers * rows + block if checkpointing else shape.layers * block
    written = min(load.targets * shape.vocabulary, LOGITS)
    scores = load.queries * load.items
    encoded = load.items * shape.width * 8  # pooled, standardised, within h_item, normalised, and gradients of these
    return Memory(
        weights=_held(shape, precision) + trained * _SINGLE,
        gradients=trained * _SINGLE,
        optimiser=2 * trained * _SINGLE,
        activations=activations,
        logits=(3 * written + 4 * scores) * _SINGLE,
        items=tokens * shape.width * _HALF + encoded * _SINGLE,
    )


def inference_memory(
    shape: Shape,
    settings: ModelConfig,
    load: Load,
    *,
    precision: Precision = "fp32",
    items: int,
    item_tokens: int = 64,
) -> Memory:
    """Predict the peak of ranking and writing with a loaded model.

    Args:
        shape: The backbone.
        settings: Rank and heads.
        load: Streams whose keys and values are kept, and the candidates that are re-ranked.
        precision: How the blocks' matrices are held.
        items: Size of the catalogue.
        item_tokens: ``data.max_item_tokens``.
    """
    own = shape.adapter_weights(settings.lora.rank) + head_weights(settings, shape.width, items, item_tokens)
    kept = load.streams * load.longest * shape.layers * 2 * shape.keys
    together = min(load.candidates, CANDIDATES)
    rows = max(together, load.positions)
    block = rows * (3 * shape.width + 2 * (shape.queries + shape.keys) + 2 * shape.inner)
    block += 3 * together * shape.heads * load.longest
    return Memory(
        weights=_held(shape, precision) + own * _SINGLE,
        gradients=0,
        optimiser=0,
        activations=(kept + block) * _SINGLE,
        logits=(load.streams * shape.vocabulary + load.queries * items) * _SINGLE,
        items=items * shape.width * _SINGLE,
    )


def _held(shape: Shape, precision: Precision) -> float:
    """Return the bytes of the backbone; tables and norms are in half precision in bf16, in single elsewhere."""
    others = _HALF if precision == "bf16" else _SINGLE
    return shape.matrices * _BYTES[precision] + shape.others * others
