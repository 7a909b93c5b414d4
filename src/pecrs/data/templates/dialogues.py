"""Dialogues that ask for an item of a catalogue by its own facts and description, and are answered with it.

They teach a model to read item texts where nobody talks about an item yet, or about any. Source: design section 10.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from random import Random

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn
from pecrs.data.templates.generate import assembled
from pecrs.data.templates.grammar import Choice, Piece, Slot, Span, Wording, parse, render, slots
from pecrs.data.templates.kinds import read_kinds, usable
from pecrs.data.templates.noise import typed
from pecrs.data.templates.slots import Slots, UnavailableError
from pecrs.data.templates.values import Values, read_wordings
from pecrs.errors import DataError

_BY_FACTS = ("request_genre", "request_person", "request_decade", "request_keyword", "request_combo", "request_series")
_BY_THEME, _BY_SIMILARITY = 0.35, 0.2
"""Shares of the dialogues that ask by a sentence of the description, and by another item that is alike."""

_OFFER_SLOTS = {"offer", "star", "kind", "done", "verb"}
_SHARED = ("person", "series", "keyword")
"""Slots whose values make items alike."""

_MOST_ALIKE = 60
_SENTENCE_END = re.compile(r"(?<=[a-z0-9)]{2}[.!?])\s+(?=[A-Z])")
_SENTENCE_WORDS = range(6, 31)
_ATTEMPTS = 1000


def catalogue_dialogues(
    catalogue: Catalogue, count: int, seed: int, weights: Sequence[float] | None = None, held_out: bool = False
) -> Iterator[Dialogue]:
    """Make dialogues of a request and its answer from a catalogue alone.

    Args:
        catalogue: The items with their facts; those that say nothing of themselves are not asked for.
        count: How many.
        seed: The same seed makes the same dialogues.
        weights: How often each item is asked for, relative to others; None asks for all alike.
        held_out: Whether to use the wordings that are kept for validation instead of the others.

    Yields:
        A seeker's turn, and one of the recommender that names the item.

    Raises:
        DataError: If no item has facts to be asked for by.
    """
    writer, rng = _Writer(catalogue, held_out), Random(seed)
    cumulative = list(accumulate(weights or (1.0,) * len(catalogue)))
    for number in range(count):
        yield writer.dialogue(f"catalogue-{seed}-{number}", cumulative, rng)


class _ItemSlots(Slots):
    """The slots of a request for one item: values are its own, titles those of items that are alike.

    Attributes:
        named: The identifiers of the items whose titles were filled in, in that order.
    """

    def __init__(
        self, values: Values, rng: Random, item: Item, own: Mapping[str, Sequence[str]], alike: Sequence[Item]
    ) -> None:
        super().__init__(values, rng)
        self._wanted, self._own, self._alike = item, own, alike
        self.named: list[str] = []

    def _pool(self, name: str) -> str:
        if not self._own.get(name):
            raise UnavailableError(name)
        return self._rng.choice(self._own[name])

    def _item(self) -> Item:
        left = [item for item in self._alike if item.id not in self.named]
        if not left:
            raise UnavailableError("title")
        item = self._rng.choice(left)
        self.named.append(item.id)
        return item

    def _offer(self, slot: str) -> Item:
        self.named.append(self._wanted.id)
        return self._wanted


class _Writer:
    def __init__(self, catalogue: Catalogue, held_out: bool) -> None:
        self._items, self._values = catalogue.items, Values(catalogue)
        kinds = read_kinds(self._values, held_out)
        plain = {name: tuple(filter(_asks_for_what_is_named, kind.wordings)) for name, kind in kinds.items()}
        self._by_facts = [plain[name] for name in _BY_FACTS if plain.get(name)]
        self._by_similarity = plain.get("request_like", ())
        themes: str = read_wordings("themes")["held_out" if held_out else "wordings"]
        self._by_theme = tuple(map(parse, themes.splitlines()))
        offers = usable(read_wordings("contexts")["offer"]["lines"], self._values)
        self._offers = [wording for wording in offers if slots(wording) <= _OFFER_SLOTS]
        self._shortened: Mapping[str, Sequence[str]] = read_wordings("values")["shortened"]
        self._having: dict[str, list[Item]] = defaultdict(list)
        for item in self._values.items:
            for value in self._telling(item):
                self._having[value].append(item)

    def dialogue(self, name: str, cumulative: Sequence[float], rng: Random) -> Dialogue:
        for _ in range(_ATTEMPTS):
            item = rng.choices(self._items, cum_weights=cumulative)[0]
            try:
                return Dialogue(name, (self._request(item, rng), self._answer(item, rng)))
            except UnavailableError:
                continue
        raise DataError("the items of the catalogue have no facts to be asked for by", field="facts")

    def _request(self, item: Item, rng: Random) -> Turn:
        way, themes = rng.random(), _themes(item)
        own, alike = self._values.of((item,)), list[Item]()
        if themes and way < _BY_THEME:
            wordings, own = self._by_theme, {"theme": themes}
        elif self._by_similarity and way < _BY_THEME + _BY_SIMILARITY:
            wordings, alike = self._by_similarity, self._alike(item, rng)
        elif self._by_facts:
            wordings = rng.choice(self._by_facts)
        else:
            raise UnavailableError("wordings")
        filling = _ItemSlots(self._values, rng, item, own, alike)
        said = render(rng.choice(wordings), rng, filling, "want")
        return _turn(Speaker.SEEKER, typed(said, rng, self._shortened), filling.named)

    def _answer(self, item: Item, rng: Random) -> Turn:
        filling = _ItemSlots(self._values, rng, item, self._values.of((item,)), ())
        said = render(rng.choice(self._offers), rng, filling, "want")
        return _turn(Speaker.RECOMMENDER, said, filling.named)

    def _telling(self, item: Item) -> list[str]:
        own = self._values.of((item,))
        return sorted({value.lower() for slot in _SHARED for value in own[slot]})

    def _alike(self, item: Item, rng: Random) -> list[Item]:
        """Return the items that share a value which few have: a person, a series or a keyword."""
        shared = [self._having[value] for value in self._telling(item)]
        few = [items for items in shared if 1 < len(items) <= _MOST_ALIKE]
        return [other for other in rng.choice(few) if other.id != item.id] if few else []


def _turn(speaker: Speaker, pieces: Sequence[Piece], named: Sequence[str]) -> Turn:
    """Return a turn whose titles are mentions; one that is told twice is one of the same item."""
    text, spans = assembled(pieces)
    titles = [span for span in spans if span.kind == "title"]
    mentions = (Mention(span.start, span.end, item) for span, item in zip(titles, named, strict=False))
    return Turn(speaker, text, tuple(mentions))


def _asks_for_what_is_named(wording: Wording) -> bool:
    """Tell whether a wording wants all its values: it refuses none, and has no words that an item may not fulfil."""
    for node in wording:
        if isinstance(node, Span) or (isinstance(node, Slot) and node.role not in (None, "want", "like")):
            return False
        if isinstance(node, Choice) and not all(map(_asks_for_what_is_named, node.options)):
            return False
    return True


def _themes(item: Item) -> list[str]:
    """Return the sentences of an item's long facts that do not name it, as parts of a sentence."""
    texts = [value for values in item.facts.values() for value in values if len(value.split()) in range(12, 10_000)]
    sentences = [sentence for text in texts for sentence in _SENTENCE_END.split(text)]
    fitting = [
        sentence.strip().rstrip(".!?")
        for sentence in sentences
        if len(sentence.split()) in _SENTENCE_WORDS and item.title.lower() not in sentence.lower()
    ]
    return [sentence[0].lower() + sentence[1:] if sentence[1:2].islower() else sentence for sentence in fitting]
