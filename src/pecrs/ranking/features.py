"""Features of a dialogue and an item, computed for the candidates of one turn at once.

They know a catalogue by its declared fields, and dialogues by who named what when: nothing here says what the items
are. :data:`FEATURES` says what each of them means.

Source: design section 10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Speaker, Turn
from pecrs.linking.facets import GUESSED, Facets
from pecrs.ranking.alike import alike_rows, further
from pecrs.ranking.counts import Counts
from pecrs.ranking.meaning import Meaning
from pecrs.ranking.sparse import Floats, Indices, SparseRows
from pecrs.ranking.words import TextIndex

RECENCY = 0.7
"""What an item named earlier counts beside the one named after it."""

RECENT_MESSAGES = 4
"""Messages whose words are compared with items' texts, beside the last one alone."""

NEVER = 50.0
"""Messages since what never happened."""

SMOOTHING = 5.0
"""Counts added to a rate's denominator."""

WHOLE = 100_000
"""Largest catalogue that is searched for items that share values with those named."""

FAME = "fame"
"""A field of numbers that says how well known items are."""

SHARED = "shared_"
"""Begins the names of the features of categories, one for each category of the catalogue."""

FEATURES: Mapping[str, str] = MappingProxyType(
    {
        "model": "log-probability of the item among the model's best",
        "model_rank": "log(1 + rank by the model among the candidates)",
        "popularity": "log(1 + recommendations in training), less that of an average item that was ever recommended",
        "fame": "log(1 + training dialogues that name the item), less that of an average item that any names",
        "repeat_rate": "how often the item, once named, was recommended again at each later recommendation",
        "together": "sum of its co-occurrence with the items named: dialogues with both over the root of the product",
        "together_recent": "the same, items named earlier weigh less",
        "together_latest": "its co-occurrence with the latest item",
        "next_latest": "how often recommenders named it next after the latest item",
        "next_recent": "the same after any item named; earlier ones weigh less",
        "words_last": "BM25 of the last message against the item's fields; words that people often say weigh less",
        "words_recent": f"the same of the last {RECENT_MESSAGES} messages",
        "alike": "how alike the catalogue says it is to the items named, earlier ones weighing less",
        "alike_latest": "the same to the latest item",
        "alike_further": "how alike it is to those that are alike",
        "meaning_last": "cosine of what the last message and the item mean to the language model",
        "meaning_recent": f"the same of the last {RECENT_MESSAGES} messages",
        "fame_told": "how well known the catalogue says it is",
        "year": "its year",
        "years_from_latest": "years between it and the latest item",
        "years_from_mean": "years between it and the mean of the items named",
        "named_by_seeker": "how often the seeker named it in this dialogue",
        "named_by_recommender": "how often the recommender named it in this dialogue",
        "named_since": "messages since it was named last",
        "named_order": "1 / n for the n-th item from the latest, 0 for items not named",
        "messages": "messages so far",
        "items_named": "distinct items named so far",
        "messages_since_item": "messages since any item was named",
        "last_is_recommender": "whether the recommender spoke last",
        "last_names_item": "whether the last message names an item",
        "last_words": "words of the last message",
    }
)
"""Features by name, beside :data:`SHARED` and the name of a category: how alike the item and those named are in it, by
the cosine of their values, rare ones weighing more, summed over the items named, earlier ones weighing less.

Sources: co-occurrence, Sarwar et al., WWW 2001; BM25, Robertson and Zaragoza, 2009; the others, design section 10."""


@dataclass(frozen=True, eq=False)
class Query:
    """What a dialogue says so far.

    Attributes:
        turns: The messages.
        named: (message, index, whether the recommender said it) of all mentions, in order.
        recent: (N,) features that find candidates, kept when they are computed first.
    """

    turns: Sequence[Turn]
    named: Sequence[tuple[int, int, bool]]
    recent: dict[str, Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, turns: Sequence[Turn], catalogue: Catalogue) -> Query:
        """Read turns; items that the catalogue lacks are but words."""
        named = [
            (place, catalogue.index(item), turn.speaker is Speaker.RECOMMENDER)
            for place, turn in enumerate(turns)
            for item in turn.items
            if item in catalogue
        ]
        return cls(turns, named)

    @cached_property
    def items(self) -> Indices:
        """Distinct items named, the latest first."""
        return np.array(list(dict.fromkeys(item for _, item, _ in reversed(self.named))), dtype=np.int64)

    @cached_property
    def weights(self) -> Floats:
        """What each of :attr:`items` counts, 1 for the latest."""
        weights: Floats = np.float32(RECENCY) ** np.arange(len(self.items), dtype=np.float32)
        return weights

    @property
    def words(self) -> list[str]:
        """The texts of the messages that hold any."""
        return [turn.text for turn in self.turns if turn.text.strip()]


class Features:
    """Computes features over one catalogue.

    Attributes:
        names: All features that the catalogue has, in the order of the columns of :meth:`table`.
    """

    def __init__(self, catalogue: Catalogue, counts: Counts, meaning: Meaning | None = None) -> None:
        """Prepare what no dialogue changes.

        Args:
            catalogue: N items.
            counts: Of the training dialogues, by index of this catalogue.
            meaning: Compares messages with its items; None leaves that out.
        """
        self.catalogue = catalogue
        facets = Facets.of(catalogue)
        shared = {name: SharedValues.of(facets, name) for name in shared_fields(facets)}
        self._shared: Mapping[str, SharedValues] = {f"{SHARED}{name}": values for name, values in shared.items()}
        self._values = SparseRows.beside([values.values for values in shared.values()], len(catalogue))
        self.names = (*FEATURES, *self._shared)
        self._years = facets.numbers("year").astype(np.float32)
        known = self._years[~np.isnan(self._years)]
        self._filled = np.nan_to_num(self._years, nan=float(np.median(known)) if len(known) else 0.0)
        self._texts = TextIndex(catalogue, counts.said)
        self._alike, self._meaning = alike_rows(catalogue), meaning
        self._beside, self._after = counts.cosines(), counts.rates(SMOOTHING)
        self._fixed = {
            "popularity": _beside_average(counts.labels),
            "fame": _beside_average(counts.named),
            "repeat_rate": counts.again / (counts.chances + SMOOTHING),
            "year": self._filled,
            "fame_told": np.nan_to_num(facets.numbers(FAME)).astype(np.float32)
            if facets.number_field(FAME)
            else np.zeros(len(catalogue), dtype=np.float32),
        }

    def candidates(self, query: Query, best: Indices, counts: Sequence[int]) -> Indices:
        """Return what is worth a look, in rising order.

        Args:
            query: The dialogue.
            best: The model's best items.
            counts: How many more by co-occurrence, by transition, by words, by what is alike, by meaning, and by
                values of all categories.
        """
        ways = (*map(self._recent(query).__getitem__, _WAYS), self._similarity(query))
        more = [_best(scores, count) for scores, count in zip(ways, counts, strict=True)]
        return np.unique(np.concatenate([best, query.items, *more]))

    def _recent(self, query: Query) -> Mapping[str, Floats]:
        if not query.recent:
            query.recent["together_recent"] = self._beside.sum(query.items, query.weights)
            query.recent["next_recent"] = self._after.sum(query.items, query.weights)
            query.recent["words_recent"] = self._texts.scores(query.words[-RECENT_MESSAGES:])
            query.recent["alike"] = self._alike.sum(query.items, query.weights)
            query.recent["meaning_recent"] = self._meant(query.words[-RECENT_MESSAGES:])
        return query.recent

    def _similarity(self, query: Query) -> Floats:
        """Return (N,) how alike all items and those named are in all categories; 0 where that would take too long."""
        if not self._shared or len(self.catalogue) > WHOLE:
            return np.zeros(len(self.catalogue), dtype=np.float32)
        wanted = self._values.sum(query.items, query.weights)
        return self._values.products(np.arange(len(self.catalogue)), wanted)

    def table(self, query: Query, items: Indices, model: Floats) -> Floats:
        """Return the features (n, F) of some items.

        Args:
            query: The dialogue.
            items: (n,) distinct indices.
            model: (n,) the model's scores of them.
        """
        found = {name: values[items] for name, values in self._fixed.items()}
        found |= {name: values[items] for name, values in self._recent(query).items()}
        found |= _of_model(model)
        found |= self._company(query, items)
        found |= {name: values.similarity(query, items) for name, values in self._shared.items()}
        found["meaning_last"] = self._meant(query.words[-1:])[items]
        found["alike_latest"] = self._alike.sum(query.items[:1], query.weights[:1])[items]
        found["alike_further"] = further(self._alike, self._recent(query)["alike"])[items]
        found["words_last"] = self._texts.scores(query.words[-1:])[items]
        found |= self._year_distances(query, items)
        found |= self._mentions(query, items)
        found |= {name: np.full(len(items), value) for name, value in _of_dialogue(query).items()}
        return np.stack([found[name] for name in self.names], axis=1).astype(np.float32)

    def read_ahead(self, dialogues: Sequence[Sequence[Turn]]) -> None:
        """Read the messages of some dialogues at once that will be compared with items one by one."""
        if self._meaning is not None:
            self._meaning.remember([t.text for turns in dialogues for t in turns if t.text.strip()])

    def _meant(self, texts: Sequence[str]) -> Floats:
        return np.zeros(len(self.catalogue), dtype=np.float32) if self._meaning is None else self._meaning(texts)

    def _company(self, query: Query, items: Indices) -> dict[str, Floats]:
        named, weights = query.items, query.weights
        latest, one = named[:1], weights[:1]
        return {
            "together": self._beside.sum(named, np.ones_like(weights))[items],
            "together_latest": self._beside.sum(latest, one)[items],
            "next_latest": self._after.sum(latest, one)[items],
        }

    def _year_distances(self, query: Query, items: Indices) -> dict[str, Floats]:
        known = self._years[query.items]
        known = known[~np.isnan(known)]
        own = self._filled[items]
        if not len(known):
            return {"years_from_latest": np.zeros_like(own), "years_from_mean": np.zeros_like(own)}
        return {"years_from_latest": np.abs(own - known[0]), "years_from_mean": np.abs(own - known.mean())}

    def _mentions(self, query: Query, items: Indices) -> dict[str, Floats]:
        size, now = len(self.catalogue), len(query.turns)
        since = np.full(size, NEVER, dtype=np.float32)
        seeker, recommender, order = np.zeros((3, size), dtype=np.float32)
        for place, item, by_recommender in query.named:
            since[item] = min(now - place, NEVER)
            (recommender if by_recommender else seeker)[item] += 1
        order[query.items] = 1 / np.arange(1, len(query.items) + 1)
        found = {"by_seeker": seeker, "by_recommender": recommender, "since": since, "order": order}
        return {f"named_{name}": values[items] for name, values in found.items()}


_WAYS = ("together_recent", "next_recent", "words_recent", "alike", "meaning_recent")
"""Features that find candidates."""


def _beside_average(counts: Floats) -> Floats:
    """Return log counts that mean the same whether there were many dialogues or few."""
    mean = counts[counts > 0].mean() if counts.any() else np.float32(0)
    logarithms: Floats = np.log1p(counts) - np.log1p(mean)
    return logarithms


def _of_model(scores: Floats) -> dict[str, Floats]:
    order = np.argsort(-scores, kind="stable")
    rank = np.empty_like(scores)
    rank[order] = np.arange(len(scores))
    shifted = scores - scores.max(initial=-np.inf)
    return {"model": shifted - np.log(np.exp(shifted).sum() if len(scores) else 1), "model_rank": np.log1p(rank)}


def _of_dialogue(query: Query) -> dict[str, float]:
    now = len(query.turns)
    last = query.turns[-1] if query.turns else None
    return {
        "messages": float(now),
        "items_named": float(len(query.items)),
        "messages_since_item": float(now - query.named[-1][0]) if query.named else NEVER,
        "last_is_recommender": float(last is not None and last.speaker is Speaker.RECOMMENDER),
        "last_names_item": float(last is not None and bool(last.items)),
        "last_words": float(len(last.text.split())) if last is not None else 0.0,
    }


@dataclass(frozen=True, eq=False)
class SharedValues:
    """One category of a catalogue.

    Attributes:
        values: (N, V) values of each item; rows have norm 1, rare values weigh more.
    """

    values: SparseRows

    @classmethod
    def of(cls, facets: Facets, name: str) -> SharedValues:
        """Read a field."""
        size = len(facets.catalogue)
        holders = [facets.stated(name, key) for key in facets.keys(name)]
        rows = np.concatenate(holders)
        columns = np.repeat(np.arange(len(holders)), [len(items) for items in holders])
        rarity = np.array([np.log(1 + size / len(items)) for items in holders], dtype=np.float32)[columns]
        norms = np.sqrt(np.bincount(rows, weights=rarity**2, minlength=size)).astype(np.float32)
        return cls(SparseRows.of(rows, columns, rarity / norms[rows], (size, len(holders))))

    def similarity(self, query: Query, items: Indices) -> Floats:
        """Return (n,) how alike some items and those named are; an item that is named is not compared with itself."""
        found = self.values.products(items, self.values.sum(query.items, query.weights))
        own = dict(zip(query.items.tolist(), query.weights.tolist(), strict=True))
        filled = np.diff(self.values.starts)[items] > 0
        return found - np.array([own.get(item, 0.0) for item in items.tolist()], dtype=np.float32) * filled


def shared_fields(facets: Facets) -> list[str]:
    """Return the fields that are categories in which items can be alike, of those that catalogues declare."""
    return [name for name in facets.fields if name not in GUESSED | _TOLD_ONLY and _is_shared(facets, name)]


_TOLD_ONLY = frozenset({"setting", "period", "ending", "based_on", "photography"})
"""Fields that answer questions and wishes: that two stories are set in the present says little of who likes both."""


def _is_shared(facets: Facets, name: str) -> bool:
    """Tell whether a field is a category in which items can be alike."""
    category = facets.fields[name].kind == "category"
    return category and any(len(facets.stated(name, key)) > 1 for key in facets.keys(name))


def _best(scores: Floats, count: int) -> Indices:
    """Return the indices of the highest scores above 0, at most so many."""
    count = min(count, len(scores))
    found = np.argpartition(-scores, count - 1)[:count] if count else np.zeros(0, dtype=np.int64)
    return found[scores[found] > 0]
