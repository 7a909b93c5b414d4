"""What must hold of a reply: the rules that every reply obeys, and those that a conversation adds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from pydantic import model_validator

from pecrs._settings import Settings, require
from pecrs.data.catalogue import Item
from pecrs.data.dialogue import Turn
from pecrs.inference.moves import MoveKind
from pecrs.inference.types import Reply
from pecrs.linking.units import parse_measure

_LONGEST = 400
_TOP = 10
_REPEATED = re.compile(r"\b(\w+(?:\W+\w+){0,3})(?:\W+\1){2,}\b", re.IGNORECASE)


@dataclass(frozen=True)
class Exchange:
    """A message and its reply, with what went before.

    Attributes:
        before: The turns before the message.
        message: The seeker's linked turn.
        reply: The answer.
        named: Names of the items that the message was understood to name.
        told: The items that the reply's text names, in its order.
    """

    before: Sequence[Turn]
    message: Turn
    reply: Reply
    named: tuple[str, ...]
    told: tuple[Item, ...] = ()

    @property
    def items(self) -> list[Item]:
        """The ranked items, best first."""
        return [entry.item for entry in self.reply.items]


class Expectation(Settings):
    """What a conversation asks of one reply; what is left out is not checked.

    Attributes:
        recommends: Whether it recommends.
        links: Names of all items that the message must be understood to name.
        genres: The best item has at least one of these.
        mostly: More than half of the ten best items have this genre.
        without: It recommends, and none of the ten best items has this genre.
        years: First and last year of the ten best items.
        says: A regular expression that the text matches, in any case.
        never: Names of items that must not be recommended.
        moves: What the reply does is one of these.
        state: Parts of what the person wants, as it was understood; all hold.
        gone: Parts that must not hold any more.
        has: By field, a value that all items that the text recommends have.
        lacks: By field, a value that none of the ten best items has.
        minutes: Least and largest runtime of the ten best items.
        within: By field, the least and largest number of the ten best items, in grams, litres, minutes and so on.
        count: How many items the text names.
        silent: A regular expression that the text must not match.
    """

    recommends: bool | None = None
    links: tuple[str, ...] | None = None
    genres: tuple[str, ...] | None = None
    mostly: str | None = None
    without: str | None = None
    years: tuple[int, int] | None = None
    says: str | None = None
    never: tuple[str, ...] = ()
    moves: tuple[str, ...] | None = None
    state: tuple[str, ...] | None = None
    gone: tuple[str, ...] | None = None
    has: dict[str, str] | None = None
    lacks: dict[str, str] | None = None
    minutes: tuple[int, int] | None = None
    within: dict[str, list[float]] | None = None
    count: int | None = None
    silent: str | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        """Refuse what could not be checked."""
        bounds = (self.within or {}).values()
        require(all(len(pair) == 2 for pair in bounds), "within", "two numbers a field are expected")
        require(self.years is None or self.years[0] <= self.years[1], "years", "the first comes after the last")
        for name, pattern in (("says", self.says), ("silent", self.silent)):
            try:
                re.compile(pattern or "")
            except re.error as error:
                require(False, name, f"not a regular expression: {error}")
        known = {kind.value for kind in MoveKind}
        require(known.issuperset(self.moves or ()), "moves", f"some of {', '.join(sorted(known))} are expected")
        return self


Rule = Callable[[Exchange], bool]


def _names_its_item(exchange: Exchange) -> bool:
    reply = exchange.reply
    return not reply.recommends or reply.items[0].item.name in reply.text


def _new_items(exchange: Exchange) -> bool:
    named = {item for turn in (*exchange.before, exchange.message) for item in turn.items}
    if exchange.reply.state is not None and exchange.reply.state.order is not None:
        return True  # the cheapest is the cheapest, whether it was named or not
    return named.isdisjoint(item.id for item in exchange.items)


def _no_echo(exchange: Exchange) -> bool:
    said = [turn.text for turn in exchange.before if turn.speaker is exchange.reply.turn.speaker]
    return exchange.reply.text not in said


def _well_written(exchange: Exchange) -> bool:
    text, spans = exchange.reply.text, exchange.reply.turn.mentions
    plain = "X".join(exchange.reply.turn.words)
    first = text.lstrip("\"'“(")[:1]
    opens = first.isupper() or first.isdigit() or bool(spans and spans[0].start <= 1)
    balanced = plain.count('"') % 2 == 0 and plain.count("(") == plain.count(")")
    return opens and balanced and not re.search(r"\bi\b|\s[.,;:!?]|\w ['’] ?\w|[\[\]]|\bunk\b", plain)


def _no_invented_facts(exchange: Exchange) -> bool:
    """Tell whether the people, runtimes, years and kinds that a reply tells of its items stand in the catalogue.

    What a reply grants or denies ("I have no western with ...") is repeated from the message, not told.
    """
    told = [(item, exchange.reply.text[start:end]) for item, start, end in _passages(exchange)]
    return all(
        {name.lower() for name in _names(text)} <= _people(exchange.told)
        and all(int(number) == _minutes(item) for number in re.findall(r"\bruns (\d+) minutes", text))
        and all(int(year) == item.year for year in re.findall(r"\bcame out in (\d{4})", text))
        for item, text in told
    )


def _passages(exchange: Exchange) -> Iterator[tuple[Item, int, int]]:
    """Yield each item that a reply names with the text up to the next."""
    mentions = exchange.reply.turn.mentions
    ends = [*(mention.start for mention in mentions), len(exchange.reply.text)][1:]
    for item, mention, end in zip(exchange.told, mentions, ends, strict=True):
        yield item, mention.end, end


def _numbers(item: Item, name: str) -> Iterator[float]:
    for measure in map(parse_measure, item.values(name)):
        if measure is not None:
            yield measure.number * (1.0 if measure.unit is None else measure.unit.factor)


def _names(text: str) -> Iterator[str]:
    for match in _PEOPLE.finditer(text):
        yield from re.split(r", | and ", match[1])


def _people(items: Sequence[Item]) -> set[str]:
    return {value.lower() for item in items for values in item.facts.values() for value in values}


def _minutes(item: Item) -> int | None:
    values = item.values("runtime")
    return int(values[0]) if values and values[0].isdigit() else None


_WORD = r"(?:(?:[A-Z]\.)+|(?:Jr|Sr|St|Dr)\.|[A-Z][\w'’-]*)"
_NAME = rf"{_WORD}(?: (?:{_WORD}|de|van|von|der|la|le|del|di|da))*"
_PEOPLE = re.compile(
    rf"\b(?:directed by|written by|stars|with) ({_NAME}(?:(?:, | and ){_NAME})*)(?=[.,;\n]|$| of | in )"
)
_CLAIM = re.compile(
    r"\bI(?:['’]ve| have)?(?: also| really| just)? (?:seen|saw|watch(?:ed)?|loved?|liked?|enjoy(?:ed)?|read)\b",
    re.I,
)


GENERAL: Mapping[str, Rule] = MappingProxyType(
    {
        "it says something, and not too much": lambda e: 0 < len(e.reply.text.strip()) <= _LONGEST,
        "it is written as people write": _well_written,
        "it does not stammer": lambda e: not _REPEATED.search(e.reply.text),
        "it does not say what it said before": _no_echo,
        "a recommendation names its item": _names_its_item,
        "what was named is not recommended again": _new_items,
        "it claims to have seen nothing": lambda e: not _CLAIM.search("X".join(e.reply.turn.words)),
        "what it tells of items stands in the catalogue": _no_invented_facts,
    }
)
"""Rules that every reply obeys."""


def failures(exchange: Exchange, expected: Expectation) -> Iterator[str]:
    """Yield what does not hold of a reply, in words.

    Args:
        exchange: The reply and what it answers.
        expected: What the conversation asks of it beside :data:`GENERAL`.
    """
    yield from (f"not so: {name}" for name, rule in GENERAL.items() if not rule(exchange))
    yield from _specific(exchange, expected)


def count_checks(expected: Expectation) -> int:
    """Return how many rules are checked on one reply."""
    asked = sum(value is not None for name, value in expected if name != "never")
    return len(GENERAL) + asked + len(expected.never)


def _specific(exchange: Exchange, expected: Expectation) -> Iterator[str]:
    reply, best = exchange.reply, exchange.items[:_TOP]
    if expected.recommends is not None and reply.recommends is not expected.recommends:
        yield "it does not recommend" if expected.recommends else "it recommends"
    if expected.links is not None and set(expected.links) != set(exchange.named):
        yield f"understood to name {', '.join(exchange.named) or 'nothing'}"
    if expected.genres is not None and not (best and set(expected.genres) & set(best[0].values("genres"))):
        yield f"the best item is not of {' or '.join(expected.genres)}"
    having = Counter(genre for item in best for genre in item.values("genres"))
    if expected.mostly is not None and (not best or 2 * having[expected.mostly] <= len(best)):
        yield f"{having[expected.mostly]} of {len(best)} items are of {expected.mostly}"
    if expected.without is not None and (not best or having[expected.without]):
        yield f"{having[expected.without]} of {len(best)} items are of {expected.without}"
    if expected.years is not None:
        first, last = expected.years
        if not best or not all(item.year is not None and first <= item.year <= last for item in best):
            yield f"not all items are of {first} to {last}"
    if expected.says is not None and not re.search(expected.says, reply.text, re.IGNORECASE):
        yield f"the text does not match {expected.says}"
    yield from _understood(exchange, expected)
    yield from _of_items(exchange, expected)
    yield from (f"it recommends {name}" for name in expected.never if name in {item.name for item in best})


def _understood(exchange: Exchange, expected: Expectation) -> Iterator[str]:
    """Yield what does not hold of the move, the state and the number of items named."""
    reply = exchange.reply
    parts = {words for _, words in reply.state.parts()} if reply.state is not None else set()
    if expected.moves is not None and reply.move.value not in expected.moves:
        yield f"the move is {reply.move.value}"
    if expected.state is not None and not parts.issuperset(expected.state):
        yield f"the state is {', '.join(sorted(parts)) or 'empty'}"
    if expected.gone is not None and not parts.isdisjoint(expected.gone):
        yield f"the state still holds {', '.join(sorted(parts.intersection(expected.gone)))}"
    if expected.count is not None and len(exchange.told) != expected.count:
        yield f"it names {len(exchange.told)} items"
    if expected.silent is not None and re.search(expected.silent, reply.text, re.IGNORECASE):
        yield f"the text matches {expected.silent}"


def _of_items(exchange: Exchange, expected: Expectation) -> Iterator[str]:
    """Yield what does not hold of the items recommended."""
    best = exchange.items[:_TOP]
    shown = [item for item in exchange.told if item in best]
    if expected.has is not None and not (
        shown and all(value in item.values(name) for item in shown for name, value in expected.has.items())
    ):
        yield f"it recommends what lacks {', '.join(expected.has.values())}"
    if expected.lacks is not None and not (
        best and all(value not in item.values(name) for item in best for name, value in expected.lacks.items())
    ):
        yield f"it ranks what has {', '.join(expected.lacks.values())}"
    for name, (low, high) in (expected.within or {}).items():
        if not best or not all(any(low <= number <= high for number in _numbers(item, name)) for item in best):
            yield f"not all items have {name} from {low:g} to {high:g}"
    if expected.minutes is not None:
        least, most = expected.minutes
        if not best or not all(least <= (_minutes(item) or -1) <= most for item in best):
            yield f"not all items run {least} to {most} minutes"
