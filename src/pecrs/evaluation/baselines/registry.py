"""Baselines by name: how each is called, and what each is made of.

Here the free text of language models meets the linker, of which evaluation knows nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from pecrs.data.dialogue import Dialogue
from pecrs.data.loaders.titles import split_year
from pecrs.data.protocol import label_counts
from pecrs.data.splits import Prepared
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.baselines.language_models import Endpoint, LanguageModel, LocalModel, Remembered
from pecrs.evaluation.baselines.sequential import Sequential
from pecrs.evaluation.baselines.simple import (
    ConversationalRecommender,
    LatestMentionThenPopularity,
    Neighbours,
    Popularity,
)
from pecrs.evaluation.baselines.text import BM25, SentenceEncoder
from pecrs.evaluation.baselines.zero_shot import Match, Reordered, WrittenTitles
from pecrs.linking import Linker
from pecrs.training.pretrain.start import start_path

BASELINES: tuple[str, ...] = ("popularity", "latest mention, then popularity")
"""Names of the trivial baselines in every table."""

ANSWERS = "answers.jsonl"
"""What a language model answered, inside its folder."""

_MODELS = re.compile(r"(?P<kind>llm|openai)(?:-listwise(?:\+(?P<retriever>[^:]+))?(?P<list>))?:(?P<model>.+)")


def make_baselines(
    data: Prepared, more: Sequence[str], folder: Path, answer_tokens: int | None = None
) -> dict[str, ConversationalRecommender]:
    """Return the baselines to compare with, by name: the trivial ones and those asked for.

    Args:
        data: They learn from its ``train`` dialogues.
        more: ``neighbours``, ``sequential``, ``bm25``, ``minilm``, a sentence encoder's name or path, or a language
            model: ``llm:NAME_OR_PATH`` and ``openai:MODEL`` write titles, ``llm-listwise:NAME_OR_PATH`` and
            ``openai-listwise:MODEL`` re-order the top of ``neighbours``, or of another: ``llm-listwise+bm25:NAME``.
        folder: Answers of language models are kept below it.
        answer_tokens: Longest answer of a language model; 320 for titles and 160 for a list if left out.

    Raises:
        ConfigError: If a library, a model or a key is missing.
        DataError: If there are no training dialogues to learn from.
    """
    found: dict[str, ConversationalRecommender] = {}
    if data.train:
        popularity = Popularity(data.train, data.catalogue)
        found = dict(zip(BASELINES, (popularity, LatestMentionThenPopularity(popularity)), strict=True))
    for name in more:
        asked = _MODELS.fullmatch(name)
        if asked is None:
            found[name] = _plain(data, name)
        else:
            found[name] = _zero_shot(data, asked, folder / folder_name(name), answer_tokens)
    return found


def folder_name(model: str) -> str:
    """Return the name of the folder in which a model's predictions lie."""
    return re.sub(r"[^\w.]+", "-", model.split(",")[0]).strip("-.")


def title_match(linker: Linker) -> Match:
    """Return a function from a title to the item it names: the whole title, spelt as people spell.

    Args:
        linker: Of the catalogue.
    """

    def match(name: str) -> str | None:
        title, year = split_year(name)
        text = f'"{title}"' + (f" ({year})" if year is not None else "")
        for mention in linker.link(text):
            left_out = text[: mention.start] + text[mention.end : len(title) + 1]
            if not re.search(r"\w", left_out):
                return mention.item
        return None

    return match


def _plain(data: Prepared, name: str) -> ConversationalRecommender:
    if name == "bm25":
        return BM25(data.catalogue)
    if name == "popularity":
        return Popularity(_train(data, name), data.catalogue)
    if name == "neighbours":
        return Neighbours(_train(data, name), Popularity(data.train, data.catalogue))
    if name == "sequential":
        return Sequential(_train(data, name), Popularity(data.train, data.catalogue))
    if name.partition(":")[0] in ("llm", "openai", "llm-listwise", "openai-listwise"):
        raise ConfigError(f"baseline {name}: the name of a model is expected behind the colon")
    return SentenceEncoder(data.catalogue, start_path(name))


def _train(data: Prepared, name: str) -> Sequence[Dialogue]:
    if not data.train:
        raise DataError(f"baseline {name} learns from train dialogues, and there are none", field="train")
    return data.train


def _zero_shot(data: Prepared, asked: re.Match[str], folder: Path, tokens: int | None) -> ConversationalRecommender:
    name, own = asked[0], LocalModel if asked["kind"] == "llm" else Endpoint.from_environment
    retriever = _plain(data, asked["retriever"] or "neighbours") if asked["list"] is not None else None
    popularity = Popularity(_train(data, name), data.catalogue)
    model: LanguageModel = Remembered(own(asked["model"]), folder / ANSWERS)
    if retriever is not None:
        return Reordered(model, data.catalogue, retriever, name=name, tokens=tokens)
    match = title_match(Linker(data.catalogue, label_counts(data.train)))
    return WrittenTitles(model, data.catalogue, popularity, match, name=name, tokens=tokens)
