"""Titles in dialogues that mark no items: linked by whoever can, and a report of what was linked and how surely."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn
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


@dataclass(frozen=True)
class LinkReport:
    """What was linked in dialogues, and how surely.

    Attributes:
        doubts: Mentions by doubt, "" those that are sure.
        items: Distinct items that were found.
        turns: Turns of the recommender.
        with_items: Those of them in which a title was found.
        sample: Some of the uncertain mentions, in words.
    """

    doubts: Mapping[str, int]
    items: int
    turns: int
    with_items: int
    sample: Sequence[str]

    @property
    def lines(self) -> list[str]:
        """The report in words."""
        share = self.with_items / max(self.turns, 1)
        doubtful = {doubt: count for doubt, count in self.doubts.items() if doubt}
        reasons = ", ".join(f"{doubt} {count:,}" for doubt, count in sorted(doubtful.items()))
        counts = f"{self.doubts.get('', 0):,} sure, {sum(doubtful.values()):,} uncertain{reasons and f' ({reasons})'}"
        return [
            f"no message marks an item, so titles were linked: {sum(self.doubts.values()):,} mentions of "
            f"{self.items:,} items; {counts}",
            f"{self.with_items:,} of {self.turns:,} recommender turns ({share:.1%}) name an item",
            *(f"uncertain: {line}" for line in self.sample),
        ]


def marks_items(readings: Mapping[str, Sequence[Reading]]) -> bool:
    """Tell whether any turn says which items it names."""
    return any(turn.items for members in readings.values() for reading in members for turn in reading.dialogue.turns)


def link_titles(
    readings: Mapping[str, Sequence[Reading]], catalogue: Catalogue, find: FindTitles, progress: Report = silent
) -> tuple[dict[str, list[Reading]], LinkReport]:
    """Return the dialogues with the titles that were found in them.

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
    turns = [turn for members in linked.values() for reading in members for turn in reading.dialogue.turns]
    recommender = [turn for turn in turns if turn.speaker is Speaker.RECOMMENDER]
    chosen = random.Random(0).sample(range(len(uncertain)), min(SAMPLE, len(uncertain)))
    return linked, LinkReport(
        dict(doubts),
        len({item for turn in turns for item in turn.items}),
        len(recommender),
        sum(bool(turn.items) for turn in recommender),
        [uncertain[position] for position in sorted(chosen)],
    )


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
