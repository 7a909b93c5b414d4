"""A reply in the making: words with the places of the items that they name.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.inference.selection import Selection
from pecrs.inference.state import DialogueState

ITEM, TITLE = "{item}", "title"
"""The slot of an item's name, and the name of the slot of its title alone."""


@dataclass(frozen=True)
class Situation:
    """What words may be drawn from.

    Attributes:
        catalogue: The items.
        state: What the person wants.
        chosen: The recommended items, best first.
        selection: What was given up to find them; None where nothing was chosen.
        number: How many turns there were, which varies the wording.
        before: What the recommender said before.
        mapped: Words of the message beside the catalogue's value that they were taken for.
        missing: Kinds of things asked for that the catalogue does not have.
        ungrasped: What the message wants an item to be like, where nothing tells that.
        described: Whether the message says in free words what an item should be like.
    """

    catalogue: Catalogue
    state: DialogueState
    chosen: tuple[Item, ...] = ()
    selection: Selection | None = None
    number: int = 0
    before: tuple[str, ...] = ()
    mapped: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    ungrasped: tuple[str, ...] = ()
    described: bool = False


class Text:
    """A reply in the making, with the places of its items.

    Attributes:
        text: What it says so far.
        mentions: Where it names items.
    """

    def __init__(self) -> None:
        """Start empty."""
        self.text = ""
        self.mentions: list[Mention] = []

    def add(self, words: str, **items: Item) -> None:
        """Append a sentence; ``{name}`` stands for an item's name, ``{title}`` for a title, and becomes a mention."""
        if self.text and not self.text.endswith("\n"):
            self.text += " "
        start = 0
        while start < len(words):
            places = {words.find(f"{{{name}}}", start): name for name in items if f"{{{name}}}" in words[start:]}
            place = min(places, default=len(words))
            self.text += words[start:place]
            if place == len(words):
                return
            name = places[place]
            self._mention(items[name], items[name].title if name == TITLE else items[name].name)
            start = place + len(name) + 2

    def _mention(self, item: Item, name: str) -> None:
        self.mentions.append(Mention(len(self.text), len(self.text) + len(name), item.id))
        self.text += name

    def turn(self) -> Turn:
        """Return it as the recommender's turn."""
        return Turn(Speaker.RECOMMENDER, self.text, tuple(self.mentions))


def pick(options: Sequence[str], number: int) -> str:
    """Return one of several wordings, by turns."""
    return options[number % len(options)]


def fill(words: str, **values: str) -> str:
    """Fill slots, those of items left as they are."""
    for name, value in values.items():
        words = words.replace(f"{{{name}}}", value)
    return words
