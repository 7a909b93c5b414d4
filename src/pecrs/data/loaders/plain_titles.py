"""Titles in dialogues that mark no items: linked by whoever can, and a report of what was linked and how surely."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn, named_items
from pecrs.data.progress import Report, silent, tracked
from pecrs.data.splits import Reading

SAMPLE = 10
"""How many uncertain mentions a report shows."""


class FoundTitle(NamedTuple):
    """A title that was found in a text.

    Attributes:
        mention: Where, and of which item.
        doubt: Why it may be wrong, in a few words; "" where it is sure.
    """

    mention: Mention
    doubt: str


FindTitles = Callable[[str, Sequence[str]], Sequence[FoundTitle]]
"""From a text, and the items named before it with the latest last, to the titles in it, in order without overlap."""

TitleFinder = Callable[[Catalogue], FindTitles]
"""From a catalogue to what finds its titles."""


def marks_items(readings: Mapping[str, Sequence[Reading]]) -> bool:
    """Tell whether any turn says which items it names."""
    return any(turn.items for members in readings.values() for reading in members for turn in reading.dialogue.turns)


def link_titles(
    readings: Mapping[str, Sequence[Reading]], catalogue: Catalogue, find: FindTitles, progress: Report = silent
) -> tuple[dict[str, list[Reading]], list[str]]:
    """Return the dialogues with the titles that were found in them; and in words what was linked and how surely.

    Args:
        readings: Dialogues by split, or under one name.
        catalogue: The items.
        find: What finds titles.
        progress: Is told how many dialogues are linked.
    """
    doubts: Counter[str] = Counter()
    uncertain: list[str] = []
    linked: dict[str, list[Reading]] = {}
    for name, members in readings.items():
        linked[name] = []
        for reading in tracked(members, f"linking titles of {name}", len(members), progress):
            found = _found(reading.dialogue, find)
            doubts.update(title.doubt for titles in found for title in titles)
            uncertain += _in_words(reading.dialogue, found, catalogue)
            linked[name].append(reading._replace(dialogue=_with_mentions(reading.dialogue, found)))
    chosen = random.Random(0).sample(range(len(uncertain)), min(SAMPLE, len(uncertain)))
    shown = [f"uncertain: {uncertain[position]}" for position in sorted(chosen)]
    return linked, [*_counted([reading.dialogue for some in linked.values() for reading in some], doubts), *shown]


def _counted(dialogues: Sequence[Dialogue], doubts: Counter[str]) -> list[str]:
    """Say how many mentions were found, how sure they are, and in how many turns of the recommender."""
    recommender = [turn for one in dialogues for turn in one.turns if turn.speaker is Speaker.RECOMMENDER]
    naming, sure = sum(bool(turn.items) for turn in recommender), doubts[""]
    reasons = ", ".join(f"{doubt} {count:,}" for doubt, count in sorted(doubts.items()) if doubt)
    return [
        f"no message marks an item, so titles were linked: {doubts.total():,} mentions of "
        f"{len(named_items(dialogues)):,} items; {sure:,} sure, {doubts.total() - sure:,} uncertain"
        f"{reasons and f' ({reasons})'}",
        f"{naming:,} of {len(recommender):,} recommender turns ({naming / max(len(recommender), 1):.1%}) name an item",
    ]


def _found(dialogue: Dialogue, find: FindTitles) -> list[Sequence[FoundTitle]]:
    named: list[str] = []
    found = []
    for turn in dialogue.turns:
        titles = find(turn.text, named)
        named += [title.mention.item for title in titles]
        found.append(titles)
    return found


def _with_mentions(dialogue: Dialogue, found: Sequence[Sequence[FoundTitle]]) -> Dialogue:
    turns = [
        Turn(turn.speaker, turn.text, tuple(title.mention for title in titles), messages=turn.messages)
        for turn, titles in zip(dialogue.turns, found, strict=True)
    ]
    return replace(dialogue, turns=tuple(turns))


def _in_words(dialogue: Dialogue, found: Sequence[Sequence[FoundTitle]], catalogue: Catalogue) -> list[str]:
    return [
        f"dialogue {dialogue.id}, message {turn.messages[0]}: {turn.text[mention.start : mention.end]!r} "
        f"as {catalogue[mention.item].name}: {doubt}"
        for turn, titles in zip(dialogue.turns, found, strict=True)
        for mention, doubt in titles
        if doubt
    ]
