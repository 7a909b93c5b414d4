"""Tiny random backbones of each family, and runs on the made-up film world, for the tests of model and training."""

from __future__ import annotations

import atexit
import io
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from rich.console import Console
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import (
    AutoConfig,
    BertConfig,
    BertLMHeadModel,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)

from pecrs.config import Config, ScratchConfig
from pecrs.data.catalogue import Catalogue
from pecrs.data.collator import Batch, collate
from pecrs.data.dialogue import Dialogue
from pecrs.data.stream import StreamLayout
from pecrs.data.synthetic import film_world
from pecrs.model.backbone import quiet_loading
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence import build_model
from pecrs.training.scratch import make_backbone
from pecrs.training.trainer import Trainer, popularity_counts, training_streams

FAMILIES = ("gpt2", "llama", "llama_untied", "bert")
"""Additive positions and Conv1D, rotary positions, separate output rows, and an encoder that is made a decoder."""

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
        return build_model(config, self.catalogue, popularity, self.base, cache=self.cache)

    def trainer(self, config: Config, folder: Path) -> Trainer:
        model = self.model(config)
        folder.mkdir(parents=True, exist_ok=True)
        return Trainer(model, self.streams(model), folder, self.base, Console(file=io.StringIO()))

    def streams(self, model: PecrsModel):
        layout = StreamLayout(model.vocabulary, self.catalogue, model.config.data)
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
    texts = [f"Seeker: Recommender: {turn.text}" for talk in talks for turn in talk.turns]
    texts += [text for item in catalogue for text in item.text_fields(catalogue.fields)]
    if family == "bert":
        _bert(texts, base)
    else:
        make_backbone(_SCRATCH, texts, base, seed=0)
        if family != "llama":
            _replace_model(family, base)
    return World(str(base), folder / "cache", catalogue, talks)


def tiny_config(
    tuning: str = "lora",
    *,
    data: Mapping[str, object] | None = None,
    model: Mapping[str, object] | None = None,
    **training: object,
) -> Config:
    limits = {"max_context_tokens": 128, "max_response_tokens": 32, "max_item_tokens": 24}
    settings = {"epochs": 2, "batch_size": 4, "learning_rate": 1e-2, "head_learning_rate": 1e-2, "rerank_negatives": 6}
    return Config.from_dict(
        {
            "data": {**limits, **(data or {})},
            "model": {"tuning": tuning, "lora": {"rank": 2}, **(model or {})},
            "training": {**settings, **training},
        }
    )


@torch.no_grad()
def all_scores(model: PecrsModel, batch: Batch) -> dict[str, torch.Tensor]:
    """Every score that a model gives for a batch, from ``catalogue_vectors`` alone as in inference."""
    was_training = model.training
    model.eval()
    vectors = model.catalogue_vectors
    candidates = torch.arange(5).expand(*batch.queries.shape, 5)
    stream, branches = model.read(batch, batch.items, vectors, candidates)
    b, q = torch.nonzero(batch.queries >= 0, as_tuple=True)
    scores = {
        "retrieval": model.retriever(stream[b, batch.queries[b, q]], vectors, model.retriever.item_bias()),
        "tokens": model.backbone.logits(stream[batch.targets[:, 0], batch.targets[:, 1]]),
        "decisions": model.decision_logits(stream[batch.decisions[:, 0], batch.decisions[:, 1]]),
    }
    if model.reranker is not None and branches is not None:
        scores["reranking"] = model.rerank_scores(branches[b, q])
    model.train(was_training)
    return scores


def _replace_model(family: str, base: Path) -> None:
    made = AutoConfig.from_pretrained(str(base))
    size, eos = made.vocab_size, made.eos_token_id
    torch.manual_seed(1)
    if family == "gpt2":
        shape = GPT2Config(
            vocab_size=size,
            n_embd=WIDTH,
            n_layer=2,
            n_head=2,
            n_positions=POSITIONS,
            bos_token_id=eos,
            eos_token_id=eos,
        )
        model = GPT2LMHeadModel(shape)
    else:
        shape = LlamaConfig(
            vocab_size=size,
            hidden_size=WIDTH,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            intermediate_size=24,
            max_position_embeddings=POSITIONS,
            tie_word_embeddings=False,
        )
        model = LlamaForCausalLM(shape)
    with quiet_loading():
        model.save_pretrained(str(base))


def _bert(texts: Sequence[str], base: Path) -> None:
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(
        texts, trainers.WordPieceTrainer(vocab_size=400, special_tokens=names, show_progress=False)
    )
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
    )
    torch.manual_seed(1)
    shape = BertConfig(
        vocab_size=len(wrapped),
        hidden_size=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=POSITIONS,
        is_decoder=True,
    )
    with quiet_loading():
        BertLMHeadModel(shape).save_pretrained(str(base))
    wrapped.save_pretrained(str(base))
