"""The slots of one message: values that are drawn once and then belong together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from random import Random

from pecrs.data.catalogue import Item
from pecrs.data.templates.grammar import Piece
from pecrs.data.templates.values import Values

_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("title", "offer"), "title"),
    **dict.fromkeys(("person", "actor", "director", "writer", "star"), "person"),
    **dict.fromkeys(("keyword", "theme", "mood", "place"), "keyword"),
    **dict.fromkeys(("year", "decade"), "year"),
    **dict.fromkeys(("nation", "country"), "other"),
    "genre": "genre",
    "series": "series",
}
"""The kinds of spans that slots make; others make none."""

_ASKED = "asked"
_OF_OFFER = {"offerkind": "kind", "offerkinds": "kinds", "offergenre": "genre", "offeryear": "year"}
_LAST_NAME_ALONE, _WITHOUT_ARTICLE, _WITHOUT_SUBTITLE = 0.08, 0.15, 0.3
_ATTEMPTS = 20


class UnavailableError(Exception):
    """A slot has no value, as the people of an item that names none."""


def plain_slot(slot: str) -> str:
    """Return the name of a slot without its number, and without the mark of what was asked for before.

    >>> plain_slot("askedactor2")
    'actor'
    """
    return slot.removeprefix(_ASKED).rstrip("0123456789")


def asked_key(slot: str) -> str:
    """Return what a slot of something asked for before is filled with, or nothing of another slot.

    >>> asked_key("askedkinds2"), asked_key("kind")
    ('genre2', '')
    """
    if not slot.startswith(_ASKED):
        return ""
    name = plain_slot(slot)
    return ("genre" if name in ("kind", "kinds") else name) + slot.removeprefix(_ASKED)[len(name) :]


class Slots:
    """Fills the slots of a message and of what was said before it.

    ``offer`` and ``star`` are an item that the recommender named and one of its people: the same wherever they occur;
    ``offerkind``, ``offergenre`` and ``offeryear`` are that item's. What ``asked`` begins was asked for before, and is
    always the same too. The values of one slot ("actor", "actor2") differ.

    Attributes:
        asked: What was asked for before, by :func:`asked_key`.

    Args:
        values: The catalogue's values.
        rng: Draws them.
    """

    def __init__(self, values: Values, rng: Random) -> None:
        """Choose the noun, which stays the same."""
        self._values, self._rng = values, rng
        self._noun, self._nouns = rng.choice(values.speech["nouns"])
        self._drawn: dict[str, list[str]] = {}
        self._offers: dict[str, Item] = {}
        self.asked: dict[str, str] = {}

    def __call__(self, slot: str) -> Sequence[Piece]:
        """Return the pieces of a slot.

        Raises:
            UnavailableError: If there is no value.
        """
        name = plain_slot(slot)
        name = _OF_OFFER.get(name, name)
        if name in ("noun", "nouns"):
            return [Piece(self._noun if name == "noun" else self._nouns)]
        if name in self._values.speech:
            return [Piece(self._rng.choice(self._values.speech[name]))]
        if name in ("kind", "kinds"):
            return self._kind(self._value("genre", slot), many=name == "kinds")
        text = self._text(name, slot)
        return [Piece(text, _KINDS.get(name))]

    def _text(self, name: str, slot: str) -> str:
        if name == "offer":
            return self._title(self._offer(slot).title)
        if name == "star":
            people = self._values.people(self._offer("offer"))
            if not people:
                raise UnavailableError(slot)
            return self._rng.choice(people[:3])
        value = self._value(name, slot)
        if name == "title":
            return self._title(value)
        if name == "genre":
            return self._rng.choice(self._values.genre_forms(value)[0])
        if name == "decade":
            return self._rng.choice(self._values.decade_forms(value))
        return self._person(value) if _KINDS.get(name) == "person" else value

    def _value(self, name: str, slot: str) -> str:
        """Return the value of a slot: the offered item's, what was asked for before, or a new one."""
        if plain_slot(slot) in _OF_OFFER:
            return self._of_offer(name)
        key = asked_key(slot)
        if not key:
            return self._new(name, slot)
        if key not in self.asked:
            self.asked[key] = self._new(name, slot)
        return self.asked[key]

    def _of_offer(self, name: str) -> str:
        own = self._values.of((self._offer("offer"),))[name]
        if not own:
            raise UnavailableError(name)
        return self._rng.choice(own)

    def _new(self, name: str, slot: str) -> str:
        if name == "title":
            return self._item().title
        if name == "decade":
            return self._fresh("decade", lambda: self._pool("year")[:3] + "0")
        return self._larger(name) if slot in ("year2", "price2") else self._pick(name)

    def _pool(self, name: str) -> str:
        return self._values.pools[name].pick(self._rng)

    def _pick(self, name: str) -> str:
        return self._fresh(name, lambda: self._pool(name))

    def _fresh(self, name: str, draw: Callable[[], str]) -> str:
        """Draw a value that the message does not hold yet."""
        group = "person" if _KINDS.get(name) == "person" else name
        drawn = self._drawn.setdefault(group, [])
        for _ in range(_ATTEMPTS):
            value = draw()
            if value not in drawn:
                drawn.append(value)
                return value
        raise UnavailableError(name)

    def _larger(self, name: str) -> str:
        first = int(self._drawn[name][-1])
        larger = [value for value in self._values.pools[name].values if int(value) > first]
        if not larger:
            raise UnavailableError(name)
        return self._rng.choice(larger)

    def _offer(self, slot: str) -> Item:
        if slot not in self._offers:
            self._offers[slot] = self._item()
        return self._offers[slot]

    def _item(self) -> Item:
        items: dict[str, Item] = {}

        def draw() -> str:
            item = self._values.item(self._rng)
            items[item.title] = item
            return item.title

        return items[self._fresh("title", draw)]

    def _kind(self, genre: str, many: bool) -> Sequence[Piece]:
        _, before, one, several = self._values.genre_forms(genre)
        alone = several if many else one
        if alone and self._rng.random() < 0.7:
            return [Piece(self._rng.choice(alone), "genre")]
        return [Piece(self._rng.choice(before), "genre"), Piece(f" {self._nouns if many else self._noun}")]

    def _person(self, name: str) -> str:
        return name.split()[-1] if " " in name and self._rng.random() < _LAST_NAME_ALONE else name

    def _title(self, title: str) -> str:
        short = title.split(": ")[0]
        if len(short) > 4 and self._rng.random() < _WITHOUT_SUBTITLE:
            title = short
        if self._rng.random() < _WITHOUT_ARTICLE:
            title = re.sub(r"^(?:The|An?) (?=\w{4})", "", title)
        return title
