"""Who plays whom: values of the field ``characters``, each "ACTOR as CHARACTER".

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pecrs.data.catalogue import Item
from pecrs.linking.lexicon import folded

CHARACTERS = "characters"
"""The field of who plays whom."""

_AS = " as "
_SMALL = frozenset("the a an of and mr mrs ms dr".split())


def roles(item: Item) -> tuple[tuple[str, str], ...]:
    """Return the actors of an item with whom they play; the actor is empty where only the character is told.

    >>> roles(Item("1", "Heat", 1995, {"characters": ("Al Pacino as Vincent Hanna", "Chris Shiherlis")}))
    (('Al Pacino', 'Vincent Hanna'), ('', 'Chris Shiherlis'))
    """
    parted = (value.rpartition(_AS) for value in item.values(CHARACTERS))
    return tuple((actor.strip(), character.strip()) for actor, _, character in parted)


def tells_roles(values: Iterable[str]) -> bool:
    """Tell whether most values of a field say who plays whom."""
    own = [_AS in value for value in values]
    return bool(own) and sum(own) > len(own) / 2


def played(item: Item, name: str) -> tuple[str, str] | None:
    """Return the actor and the full name of a character of an item; None where nobody of that name is in it.

    >>> played(Item("1", "Heat", 1995, {"characters": ("Al Pacino as Vincent Hanna",)}), "hanna")
    ('Al Pacino', 'Vincent Hanna')
    """
    words = set(folded(name)) - _SMALL
    found = [(actor, who) for actor, who in roles(item) if words and words <= set(folded(who))]
    return min(found, key=lambda pair: len(pair[1])) if found else None


def playing(items: Iterable[Item], name: str) -> Iterator[Item]:
    """Yield the items with a character of a name."""
    return (item for item in items if item.values(CHARACTERS) and played(item, name) is not None)
