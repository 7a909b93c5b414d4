"""Tiny backbones on disk and runs on the made-up film world, for the tests of model folders and training.

In contrast to :mod:`models`, everything is as users get it: single precision, initial values, the package's own path
from a folder to a model.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, BertConfig, BertModel

from models import stock_config, tiny_tokenizer
from pecrs.config import Config, DataConfig, ScratchConfig
from pecrs.data.catalogue import Catalogue
from pecrs.data.collator import Batch, collate
from pecrs.data.dialogue import Dialogue
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.stream import StreamLayout
from pecrs.index import ItemIndex
from pecrs.model.backbone.base import load_tokenizer, quiet_loading
from pecrs.model.item_pool import ItemPool
from pecrs.model.pecrs import PecrsModel, PecrsOutput
from pecrs.model.persistence.build import build_model
from pecrs.model.persistence.folder import Pretrained, from_pretrained, save_pretrained
from pecrs.model.retriever import Mentions
from pecrs.training.scratch import make_backbone, training_texts
from pecrs.training.streams import popularity_counts, training_streams
from pecrs.training.trainer import Trainer

FAMILIES = ("gpt2", "llama", "llama_untied", "qwen3", "bert")
"""Additive positions and Conv1D, the package's own backbone with rotary positions, separate output rows, norms inside
attention, and an encoder that is made a decoder."""

POSITIONS = 192
WIDTH = 16
_SCRATCH = ScratchConfig(vocabulary=400, hidden=WIDTH, layers=2, heads=2, intermediate=24, positions=POSITIONS)


@dataclass(frozen=True)
class World:
    """A backbone on disk and the films and dialogues that it is trained on."""

    base: str
    cache: Path
    catalogue: Catalogue
    dialogues: Sequence[Dialogue]

    def model(self, config: Config) -> PecrsModel:
        popularity = popularity_counts(self.dialogues, self.catalogue)
        return build_model(
            config.model, config.data, self.catalogue, popularity, self.base,
            seed=config.training.seed, cache=self.cache,
        )  # fmt: skip

    def trainer(self, config: Config, folder: Path) -> Trainer:
        model = self.model(config)
        folder.mkdir(parents=True, exist_ok=True)
        return Trainer(model, config, self.streams(model), folder, self.base)

    def streams(self, model: PecrsModel):
        layout = StreamLayout(model.vocabulary, self.catalogue, model.data)
        return training_streams(self.dialogues, layout, model.backbone.max_positions)

    def batch(self, model: PecrsModel, count: int = 3) -> Batch:
        return collate(self.streams(model)[:count])


@cache
def world(family: str = "llama", dialogues: int = 12) -> World:
    """A world of this process; several tests may read it, none may write to its base."""
    folder = Path(tempfile.mkdtemp(prefix="pecrs-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_world(folder, family, dialogues)


def make_world(folder: Path, family: str = "llama", dialogues: int = 12) -> World:
    catalogue, talks = film_world(0, dialogues)
    base = folder / f"base-{family}"
    if family in ("llama", "llama_untied"):  # of one tokeniser, so that runs differ in their weights alone
        make_backbone(_SCRATCH, training_texts(talks, catalogue, DataConfig()), base, seed=0)
    else:
        tiny_tokenizer(family).save_pretrained(str(base))
    if family != "llama":
        _save_stock("llama" if family == "llama_untied" else family, base)
    return World(str(base), folder / "cache", catalogue, talks)


def save_encoder(folder: Path, *, layers: int, positions: int) -> None:
    """Write a tiny encoder as sentence-transformers publish them: no output layer, dropout on."""
    tokenizer = tiny_tokenizer("bert")
    torch.manual_seed(0)
    shape = BertConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, num_hidden_layers=layers, num_attention_heads=2,
        intermediate_size=24, max_position_embeddings=positions, initializer_range=0.3,
    )  # fmt: skip
    BertModel(shape).save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))


def tiny_config(
    tuning: str = "lora",
    *,
    data: Mapping[str, object] | None = None,
    model: Mapping[str, object] | None = None,
    generation: Mapping[str, object] | None = None,
    **training: object,
) -> Config:
    limits = {"max_context_tokens": 128, "max_response_tokens": 32, "max_item_tokens": 24}
    settings = {"epochs": 2, "batch_size": 4, "learning_rate": 1e-2, "head_learning_rate": 1e-2, "rerank_negatives": 6}
    return Config.from_dict(
        {
            "data": {**limits, **(data or {})},
            "model": {"tuning": tuning, "lora": {"rank": 2}, **(model or {})},
            "training": {**settings, **training},
            "generation": generation or {},
        }
    )


def save_folder(
    model: PecrsModel, folder: Path, base: str, *, include_base: bool, config: Config | None = None
) -> None:
    """Write a model folder, with a configuration that suits the model where none is given."""
    config = config or Config(data=model.data, model=model.settings)
    save_pretrained(Pretrained(model, config), folder, base, include_base=include_base)


def load_folder(folder: Path, **options: str) -> PecrsModel:
    """Return the model of a folder."""
    return from_pretrained(folder, **options).model


def output_of(
    model: PecrsModel, batch: Batch, negatives: torch.Tensor | None = None, rerank: torch.Tensor | None = None
) -> PecrsOutput:
    """What a model gives for a batch in training, its items encoded for this one pass."""
    return model(batch, ItemPool.of_model(model, batch.named, negatives, rerank))


@torch.no_grad()
def all_scores(model: PecrsModel, batch: Batch) -> dict[str, torch.Tensor]:
    """Every score that a model gives for a batch, from ``catalogue_vectors`` alone as in inference."""
    was_training = model.training
    model.eval()
    vectors = model.catalogue_vectors
    candidates = None if model.reranker is None else torch.arange(5).expand(len(batch.queries), 5)
    stream, branches = model.read(batch, batch.items, vectors, candidates)
    states, mentions = stream[batch.queries], Mentions.gather(batch.mentions, len(batch.queries), vectors, stream)
    scores = {
        "retrieval": ItemIndex.of_model(model).scores(states, mentions),
        "tokens": model.backbone.logits(stream[batch.targets[:, 0]]),
        "decisions": model.decision_logits(stream[batch.decisions[:, 0]]),
    }
    if model.reranker is not None and branches is not None:
        scores["reranking"] = model.reranker(branches, model.retriever.head)
    model.train(was_training)
    return scores


def _save_stock(family: str, base: Path) -> None:
    torch.manual_seed(1)
    size = len(load_tokenizer(str(base)))
    model = AutoModelForCausalLM.from_config(stock_config(family, size, WIDTH, POSITIONS))
    with quiet_loading():
        model.save_pretrained(str(base))
