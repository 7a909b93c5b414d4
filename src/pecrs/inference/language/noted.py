"""What is noted of items in words: their moods, what some would rather not see, whom they suit, how they were received.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pecrs.data.catalogue import Item
from pecrs.inference.language.lexicon import lexicon, listed
from pecrs.inference.language.wording import fill
from pecrs.linking.tones import CONTENT, HARMLESS, RECEPTION, opposed, somewhat, telling, told_fields

SHOWN = 4
"""Most values of a kind that one reply tells."""


def noted(values: Mapping[str, Sequence[str]]) -> str:
    """Return what fields say of an item, to be said behind its name; empty where they say nothing.

    Args:
        values: By field, of those that tell what items are like.
    """
    moods = [*values.get("mood", ()), *(value for value in values.get(CONTENT, ()) if value == HARMLESS)]
    content = [value for value in values.get(CONTENT, ()) if value != HARMLESS]
    told = [f"is noted as {listed(moods[:SHOWN])}"] if moods else []
    told += [f"has {listed(content[:SHOWN])}"] if content else []
    told += _phrases("audiences", values.get("audience", ())) + _phrases("receptions", values.get(RECEPTION, ()))
    told += [f"is listed as {listed(values['genres'][:SHOWN])}"] if values.get("genres") else []
    return listed(told)


def told_tone(item: Item, tone: str) -> str:
    """Return whether an item is noted for a tone, and for what.

    Args:
        item: One whose fields tell what it is like.
        tone: An entry of ``tones.yaml``.
    """
    found = telling(item, tone)
    told = noted(found or beside(item, tone))
    words = lexicon()["told"]
    lacks = "some" if somewhat(item, tone) else "lacks_for" if suits(tone) else "lacks"
    name = "holds" if found else "opposed" if opposed(item, tone) else lacks
    return fill(words[name], told=told, what=tone) if told else str(words["untold"])


def suits(tone: str) -> bool:
    """Tell whether a tone says for whom or for what an item is."""
    return tone.startswith("for ")


def beside(item: Item, tone: str) -> Mapping[str, Sequence[str]]:
    """Return what the fields that tell a tone say of an item, whatever it is."""
    return {name: item.values(name) for name in told_fields(tone)}


def received(item: Item) -> str:
    """Return how an item was received, to be said behind its name; empty where that is not noted."""
    return listed(_phrases("receptions", item.values(RECEPTION)[:1]))


def _phrases(table: str, values: Sequence[str]) -> list[str]:
    return [str(lexicon()[table].get(value, value)) for value in values[:1]]
