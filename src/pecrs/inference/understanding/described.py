"""Items that a message points at by what they are: "the one with Pacino", "the snow one", "vampires it is".

Only items that were spoken of lately can be meant. A word of the title says most, a person next, what is told of the
item least; where two items have the same to offer, none is meant. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from pecrs.data.catalogue import Catalogue, Item
from pecrs.inference.understanding.pointing import NOUNS
from pecrs.linking.around import IT_IS
from pecrs.linking.facets import stems
from pecrs.linking.lexicon import CHATTER, FUNCTION, folded
from pecrs.linking.spans import meets

SPOKEN = 8
"""So many items that were spoken of last may be meant."""

_WORDS = r"[\w'’-]+"
_ITEM = rf"(?:{NOUNS})"
_POINTING = re.compile(
    rf"\b(?:the|that)\s+(?P<before>(?:{_WORDS}\s+){{1,3}}?){_ITEM}\b(?! of\b)|"
    rf"\bthe\s+{_ITEM}\s+(?:with|about|by|from|in|where|starring|of)\s+(?:the\s+|a\s+|an\s+)?"
    rf"(?P<behind>{_WORDS}(?:\s+{_WORDS}){{0,2}})|"
    rf"(?:^|[.,!?;:]\s*|\b(?:ok|okay|then|and|so|well|go(?:ing|in)? (?:with|for)|take|have)\s+)"
    rf"(?:the\s+)?(?P<taken>{_WORDS}(?:\s+{_WORDS})?)\s+(?:{IT_IS}|then\W*$)",
    re.IGNORECASE,
)
_OTHER = re.compile(rf"\bthe other\s+{_ITEM}\b", re.IGNORECASE)
_APPOSED = re.compile(r"\s*[,(–-]\s*")
_UNTOLD = frozenset(
    "first second third fourth fifth last next other same only right wrong best worst better good nice great bad new "
    "old newer older newest oldest original previous latest longer shorter longest shortest short long perfect real "
    "whole actual one ones two film movie book this that very more most less least".split()
)
"""Words that tell no item of several apart by what it is."""

_TITLE, _PEOPLE, _TOLD = 4, 3, 1


def described_references(
    text: str,
    spoken: Sequence[str],
    catalogue: Catalogue,
    people: Collection[str],
    apart: Sequence[tuple[int, int]] = (),
) -> tuple[tuple[int, int, str], ...]:
    """Return the spans of a message that describe an item that was spoken of, with these items.

    Args:
        text: The message.
        spoken: Items spoken of before, each once, the latest last.
        catalogue: What is known of them.
        people: Its fields that hold people.
        apart: Spans that name items themselves.
    """
    items = [catalogue[item] for item in reversed(spoken) if item in catalogue][:SPOKEN]
    least = _TOLD if len(items) > 1 else _PEOPLE
    found: list[tuple[int, int, str]] = []
    for match in _POINTING.finditer(text):
        part = match.lastgroup or ""
        if meets(match.span(part), apart):
            continue
        if any(_APPOSED.fullmatch(text, end, match.start()) for _, end in apart):
            continue  # "True Grit, the one with Jeff Bridges"
        item = _meant(match[part], items, people, least)
        if item is not None and (part != "taken" or _is_named(match, item, people)):
            found.append((*match.span(part), item.id))
    other = _OTHER.search(text)
    if other is not None and not found and len(items) > 1:
        found.append((*other.span(), items[1].id))
    return tuple(found)


def _is_named(match: re.Match[str], item: Item, people: Collection[str]) -> bool:
    """Tell whether "... then" names an item by its title or people alone: "funny heist then" asks for another one."""
    if re.search(rf"{IT_IS}\W*$|\bthe\s", match.group(), re.IGNORECASE):
        return True
    own = stems(" ".join([item.title, *(value for name in people for value in item.values(name))]))
    return stems(match["taken"]) <= own


def chosen_item(text: str, spoken: Sequence[str], catalogue: Catalogue, people: Collection[str]) -> str:
    """Return the item that a message takes by a word of its title or one of its people: "keanu wins"; else nothing.

    Args:
        text: The message.
        spoken: Items spoken of before, each once, the latest last.
        catalogue: What is known of them.
        people: Its fields that hold people.
    """
    items = [catalogue[item] for item in reversed(spoken) if item in catalogue][:SPOKEN]
    said = _MANNERS.sub("", text)
    item = _meant(said, items, people, least=_PEOPLE) if len(items) > 1 else None
    return item.id if item is not None and _is_chosen(said, item, people) else ""


def _is_chosen(text: str, item: Item, people: Collection[str]) -> bool:
    """Tell whether words that an item shares are a good part of a message: "nap for 14 hours" takes no "127 Hours"."""
    said = stems(" ".join(set(folded(text)) - FUNCTION - _UNTOLD - CHATTER))
    own = stems(" ".join([item.title, *(value for name in people for value in item.values(name))]))
    return 2 * len(said & own) >= len(said)


_MANNERS = re.compile(
    r"\b(?:thank you|thanks?|thx|cheers|merci|much obliged|(?:merry|happy|good) (?:christmas|new year|\w+))\b[^.,;!?]*",
    re.IGNORECASE,
)
"""Words of thanks and wishes, which name nothing."""


def best_described(words: str, items: Sequence[Item], people: Collection[str]) -> str:
    """Return the one of some items that words fit best; empty where none is better than all others.

    Args:
        words: What is said of it.
        items: Of which one may be meant.
        people: Fields that hold people.
    """
    item = _meant(words, items, people)
    return item.id if item else ""


def _meant(words: str, items: Sequence[Item], people: Collection[str], least: int = _TOLD) -> Item | None:
    """Return the item that words fit best, and well enough; None where none is better than all others."""
    said = {key for key in folded(words) if len(key) > 2} - FUNCTION - _UNTOLD
    if not said or said <= CHATTER:
        return None
    weights = [_weight(said, item, people) for item in items]
    best = max(weights, default=0)
    return items[weights.index(best)] if best >= least and weights.count(best) == 1 else None


def _weight(said: set[str], item: Item, people: Collection[str]) -> int:
    own = stems(" ".join(said))
    title = own & stems(item.title)
    named = stems(" ".join(value for name in people for value in item.values(name)))
    told = stems(" ".join(value for name, values in item.told.items() if name not in people for value in values))
    return _TITLE * len(title) + _PEOPLE * len(own & named) + _TOLD * len(own & told)
