"""What all benchmarks share: shapes, data, a model with random weights, the machine's peak, and the output.

Speed does not depend on the values of weights, so they are random; so are item states where a program does not time
their making. Shares of a peak compare useful floating-point operations, counted from shapes, with the fastest matrix
product of the same precision that this very process measures. Everything runs on the CPU.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, GPT2Config, GPT2Tokenizer, LlamaConfig, PreTrainedConfig, Qwen3Config
from transformers.pytorch_utils import Conv1D

from pecrs.config import Config, ScratchConfig
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue
from pecrs.data.loaders.prepare import load_prepared
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.vocabulary import Vocabulary
from pecrs.model.backbone.adapters import add_adapters
from pecrs.model.backbone.backbone import Backbone
from pecrs.model.backbone.base import load_tokenizer, prepare_base
from pecrs.model.backbone.precision import native_bf16
from pecrs.model.item_states import ItemStates, item_texts
from pecrs.model.pecrs import PecrsModel
from pecrs.training.scratch import make_backbone, training_texts

CPU = torch.device("cpu")

_PEAK_SECONDS = 0.5
"""Of products of each shape that the peak is the best of."""

SYNTHETIC_ITEMS = 1000
"""Items of the world that stands in where no data are given."""


def _gpt2(size: int, width: int, layers: int, heads: int) -> PreTrainedConfig:
    dropouts = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}
    return GPT2Config(vocab_size=max(size, 50257), n_embd=width, n_layer=layers, n_head=heads, **dropouts)


SHAPES: Mapping[str, Callable[[int], PreTrainedConfig]] = {
    "tiny": lambda size: LlamaConfig(
        vocab_size=size, hidden_size=256, num_hidden_layers=4, num_attention_heads=4, intermediate_size=768,
        max_position_embeddings=1024, tie_word_embeddings=True,
    ),
    "gpt2": lambda size: _gpt2(size, 768, 12, 12),
    "gpt2-medium": lambda size: _gpt2(size, 1024, 24, 16),
    "smollm2": lambda size: LlamaConfig(
        vocab_size=max(size, 49152), hidden_size=576, num_hidden_layers=30, num_attention_heads=9,
        num_key_value_heads=3, intermediate_size=1536, max_position_embeddings=8192, tie_word_embeddings=True,
    ),
    "qwen3-0.6b": lambda size: Qwen3Config(
        vocab_size=max(size, 151936), hidden_size=1024, num_hidden_layers=28, num_attention_heads=16,
        num_key_value_heads=8, head_dim=128, intermediate_size=3072, tie_word_embeddings=True,
    ),
}  # fmt: skip
"""Vocabulary size -> configuration; ``tiny`` is the backbone of configs/redial-tiny.yaml."""


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that all programs know."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--shapes", choices=SHAPES, default="tiny")
    made.add_argument("--data", type=Path, help="a folder that `pecrs prepare redial` wrote; else a synthetic world")
    made.add_argument("--tokenizer", type=Path, help="a folder with a tokeniser; else a byte-level BPE is made")
    made.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    return made


def load_world(folder: Path | None, dialogues: int) -> tuple[Catalogue, list[Dialogue]]:
    """Return a catalogue and the first validation dialogues, or a synthetic world with sequels to its films."""
    if folder is None:
        films, talks = film_world(seed=0, dialogues=dialogues)
        rounds, rest = divmod(SYNTHETIC_ITEMS, len(films))
        many = [_sequel(film, part) for part in range(1, rounds + 1) for film in films]
        return Catalogue((*many, *(_sequel(film, rounds + 1) for film in films.items[:rest])), films.fields), talks
    data = load_prepared(folder)
    return data.catalogue, list(data.valid[:dialogues])


def _sequel(film: Item, part: int) -> Item:
    return film if part == 1 else Item(f"{film.id}-{part}", f"{film.title} {part}", film.year, film.facts)


def smaller(catalogue: Catalogue, dialogues: Sequence[Dialogue], others: int) -> Catalogue:
    """Return a catalogue of the items that dialogues name, and so many others."""
    named = {item for dialogue in dialogues for turn in dialogue.turns for item in turn.items}
    rest = [item for item in catalogue if item.id not in named][:others]
    return Catalogue((*(item for item in catalogue if item.id in named), *rest), catalogue.fields)


def make_vocabulary(
    folder: Path | None, catalogue: Catalogue, dialogues: Sequence[Dialogue], config: Config
) -> Vocabulary:
    """Return the vocabulary of a tokeniser on disk, or of one made from the texts at hand."""
    if folder is not None and (folder / "merges.txt").exists():  # GPT-2's own two files
        return Vocabulary.from_tokenizer(GPT2Tokenizer.from_pretrained(str(folder)), config.data)
    if folder is not None:
        return Vocabulary.from_tokenizer(load_tokenizer(str(folder)), config.data)
    with tempfile.TemporaryDirectory() as made:
        texts = training_texts(dialogues, catalogue, config.data)
        make_backbone(ScratchConfig(hidden=8, layers=1, heads=1, intermediate=8), texts, Path(made), seed=0)
        return Vocabulary.from_tokenizer(load_tokenizer(made), config.data)


def make_model(
    shapes: str, vocabulary: Vocabulary, catalogue: Catalogue, config: Config, *, states: bool = True
) -> PecrsModel:
    """Return a model of a shape with random weights and adapters.

    Args:
        shapes: One of :data:`SHAPES`.
        vocabulary: Its tokens.
        catalogue: Its items.
        config: Its settings.
        states: Give it random item states, as training needs; else random item vectors, as inference needs.
    """
    torch.manual_seed(0)
    stock = AutoModelForCausalLM.from_config(SHAPES[shapes](len(vocabulary)))
    base = prepare_base(stock, vocabulary)
    backbone = add_adapters(base, config.model.lora) if config.model.tuning == "lora" else base
    model = PecrsModel(config.model, config.data, catalogue, backbone, backbone, [1] * len(catalogue))
    if states:
        texts = item_texts(base, catalogue, catalogue, config.data.max_item_tokens)
        model.attach_states(random_states(texts, backbone.width))
    else:
        model.catalogue_vectors = random_vectors(model, len(catalogue))
    return model.eval()


def random_states(texts: Sequence[Sequence[int]], width: int) -> ItemStates:
    """Return states of the size that tokenised item texts have."""
    offsets = torch.tensor([0, *map(len, texts)]).cumsum(0)
    return ItemStates(torch.randn(int(offsets[-1]), width, dtype=torch.bfloat16), offsets)


def block_weights(model: nn.Module) -> tuple[int, int]:
    """Return the number of weights in the matrices of the blocks: frozen ones, and adapters."""
    frozen = adapters = 0
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear | Conv1D) and (".layers." in name or ".h." in name):
            if "lora_" in name:
                adapters += module.weight.numel()
            else:
                frozen += module.weight.numel()
    return frozen, adapters


def block_flops(backbone: Backbone, positions: int, pairs: int) -> float:
    """Return the operations of a forward pass: 2 a weight of the blocks and position, and attention.

    Adapters are left out. A pair costs a dot product and a weighted sum in each head of each layer.

    Args:
        backbone: Its matrices are counted.
        positions: Positions read, without padding.
        pairs: Pairs of a position and one that it sees, itself included.
    """
    config = backbone.causal_lm.config
    heads = config.num_attention_heads
    width = int(heads * (getattr(config, "head_dim", None) or config.hidden_size // heads))
    return 2.0 * block_weights(backbone)[0] * positions + 4.0 * int(config.num_hidden_layers) * width * pairs


def matmul_peak(dtype: torch.dtype) -> float:
    """Return the floating-point operations a second of this process's fastest matrix product.

    Ask for bfloat16 only where it is native: a product takes minutes elsewhere.
    """
    best = 0.0
    for rows, inner, columns in ((2048, 768, 3072), (4096, 3072, 768), (2048, 2048, 2048)):
        left, right = torch.randn(rows, inner, dtype=dtype), torch.randn(inner, columns, dtype=dtype)
        spent = 0.0
        while spent < _PEAK_SECONDS:
            taken = seconds(lambda a=left, b=right: a @ b)  # type: ignore[misc]
            best, spent = max(best, 2 * rows * inner * columns / taken), spent + taken
    return best


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the median time of a call, after one that does not count."""
    work()
    return statistics.median(seconds(work) for _ in range(repeats))


def seconds(work: Callable[[], object]) -> float:
    """Return the time of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def percentile(values: Sequence[float], share: float) -> float:
    """Return a quantile, linearly interpolated."""
    return float(torch.quantile(torch.tensor(values, dtype=torch.float64), share))


def peak_memory() -> float:
    """Return the largest resident memory of this process so far in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # resource's figure begins at the height of the process that started this one
        heights = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        if heights:
            return int(heights[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if platform.system() == "Darwin" else 2**10)


def random_vectors(model: PecrsModel, count: int) -> Tensor:
    """Return vectors of about the norm that item vectors have, scaled in place: a million of them fill gigabytes."""
    vectors = torch.randn(count, model.backbone.width)
    return vectors.mul_(model.item_encoder.scale / model.backbone.width**0.5)


def machine() -> dict[str, object]:
    """Return what a figure depends on."""
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return {
        "cpu": names[0].split(":")[1].strip() if names else platform.processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "native_bf16": native_bf16(CPU),
    }


def show(title: str, rows: Sequence[Mapping[str, Any]], as_json: bool, **extra: object) -> None:
    """Print rows of one kind as a table, or everything as JSON."""
    if as_json:
        print(json.dumps({"title": title, "machine": machine(), **extra, "rows": rows}, indent=2))
        return
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    console = Console(width=None if Console().is_terminal else 140)
    console.print(table)
    for facts in (extra, machine()):
        console.print("  ".join(f"{name}: {_cell(value)}" for name, value in facts.items()), highlight=False)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return "" if value is None else str(value)
