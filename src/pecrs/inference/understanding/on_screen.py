"""The items that the turns of a dialogue named or showed, as the messages after them point at them.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pecrs.data.dialogue import Speaker, Turn
from pecrs.inference.moves import offered_items


def offered(turns: Sequence[Turn]) -> tuple[str, ...]:
    """Return the items of the latest reply that named any; those that nobody had named before come first."""
    items = offered_items([turn.items for turn in turns if turn.speaker is Speaker.RECOMMENDER])
    last = max((place for place, turn in enumerate(turns) if items and turn.items == items), default=0)
    before = {item for turn in turns[:last] for item in turn.items}
    return tuple(sorted(items, key=before.__contains__))


def listed(turns: Sequence[Turn]) -> tuple[str, ...]:
    """Return the latest list of items; what was named before it, and only answered about beside it, is not in it."""
    named: set[str] = set()
    found: tuple[str, ...] = ()
    for turn in turns:
        if turn.speaker is Speaker.RECOMMENDER and len(set(turn.items)) > 1:
            new = tuple(item for item in turn.items if item not in named)
            found = new if len(new) > 1 else turn.items
        named.update(turn.items)
    return found


def shown(turns: Sequence[Turn]) -> tuple[str, ...]:
    """Return what is on the screen since the latest reply that showed several items; nothing where a later one lists.

    Args:
        turns: The turns before a message.
    """
    for turn in reversed(turns):
        if turn.speaker is Speaker.RECOMMENDER and len(turn.shown) > 1:
            return turn.shown
        if turn.speaker is Speaker.RECOMMENDER and len(turn.items) > 1:
            return ()
    return ()


def together(turns: Sequence[Turn]) -> tuple[str, ...]:
    """Return the items that the person named in their latest message, each once."""
    said = [turn for turn in turns if turn.speaker is Speaker.SEEKER]
    return tuple(dict.fromkeys(said[-1].items)) if said else ()


def recent(turns: Sequence[Turn]) -> tuple[str, ...]:
    """Return the items that replies named, each once, the latest last."""
    return _latest_last(item for turn in turns if turn.speaker is Speaker.RECOMMENDER for item in turn.items)


def spoken_or_shown(turns: Sequence[Turn]) -> tuple[str, ...]:
    """Return the items that some turns named or showed, each once, the latest last; what was only shown comes first.

    Args:
        turns: The turns before a message.
    """
    return _latest_last(item for turn in turns for item in named_or_shown(turn))


def named_or_shown(turn: Turn) -> tuple[str, ...]:
    """Return the items of a turn, the nearest last: what it named is nearer than what was shown beside it."""
    return (*reversed(turn.shown), *turn.items)


def _latest_last(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(reversed(dict.fromkeys(reversed(list(items)))))
