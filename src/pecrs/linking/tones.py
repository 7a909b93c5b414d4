"""What items are like, told from fields that say so: light, violent, sad, a romantic comedy.

Fields of moods, of what some would rather not see, of audiences and of reception tell most. Where an item has none, it
is guessed from kinds and rating what it is like, and replies say so. Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from pecrs.data.catalogue import Item
from pecrs.linking.descriptions import table

TONE = "tone"
"""Stands for what an item is like; its values are the entries of ``tones.yaml``."""

_Values = Mapping[str, frozenset[str]]
"""Values of several fields, one of which an item has."""


class _Rule(NamedTuple):
    """An item that has one of some values, and none of others; or lacks a field, and is of a kind."""

    any: _Values
    none: _Values
    unsaid: _Values


RECEPTION = "reception"
"""The field that says how an item was received."""

CONTENT, HARMLESS = "content", "harmless"
"""The field of what some would rather not see, and its word for nothing of the kind."""

TOLD_BY = frozenset({"mood", CONTENT, "audience", RECEPTION, "ending"})
"""Fields that tell what an item is like."""

_SAID_OF_KINDS = ("funny", "romantic")
"""Moods that people mean as kinds."""

BLEND, ORIGIN = "blend", "origin"
"""Stand for kinds made of several, and for where items may come from; values are the entries of ``blends.yaml``."""


def tones(item: Item) -> tuple[str, ...]:
    """Return what an item is like: as fields tell it, else as far as its kinds, rating and keywords let one guess."""
    told = not TOLD_BY.isdisjoint(item.facts)
    rules = ((tone, own if told and own is not None else guess) for tone, (own, guess) in _tones().items())
    return tuple(tone for tone, rule in rules if rule is not None and _is(item, rule))


def told_values() -> Mapping[str, frozenset[str]]:
    """Return by field the values that tones stand for: people say them in the words of these."""
    found: dict[str, set[str]] = {"mood": set(_SAID_OF_KINDS)}
    for rule, _ in _tones().values():
        for part in () if rule is None else (rule.any, rule.none):
            for name, values in part.items():
                if name in TOLD_BY:
                    found.setdefault(name, set()).update(values)
    return {name: frozenset(values) for name, values in found.items()}


def guessed(item: Item, tone: str) -> bool:
    """Tell whether it is but a guess whether an item is like that."""
    return TOLD_BY.isdisjoint(item.facts) or _tones()[tone][0] is None


def somewhat(item: Item, tone: str) -> bool:
    """Tell whether what is noted of an item makes it a little like that."""
    return _has(item, _sets(table("tones")[tone].get("some", {})))


def likely(item: Item, tone: str) -> bool:
    """Tell whether an item's kinds and rating let one guess that it is like that, whatever is noted of it."""
    guess = _tones()[tone][1]
    return guess is not None and _is(item, guess)


def is_occasion(tone: str) -> bool:
    """Tell whether a tone is what suits an occasion: it is wanted as soon as the occasion is spoken of."""
    return bool(table("tones").get(tone, {}).get("occasion"))


def told_fields(tone: str) -> tuple[str, ...]:
    """Return the fields that tell whether an item is like that."""
    rule = _tones()[tone][0]
    return () if rule is None else tuple(rule.any)


def telling(item: Item, tone: str) -> Mapping[str, tuple[str, ...]]:
    """Return by field the values of an item that make it what a tone says; none where it is guessed, or is not so."""
    rule = _tones()[tone][0]
    if rule is None or _has(item, rule.none):
        return {}
    own = {name: tuple(v for v in item.values(name) if v in values) for name, values in rule.any.items()}
    return {name: values for name, values in own.items() if values}


def opposed(item: Item, tone: str) -> bool:
    """Tell whether the fields say the opposite of a tone: what rules it out, or that nothing of the kind is there."""
    rule = _tones()[tone][0]
    harmless = HARMLESS in item.values(CONTENT)
    return rule is not None and (_has(item, rule.none) or (CONTENT in rule.any and harmless))


def blends(item: Item) -> tuple[str, ...]:
    """Return the kinds made of several that an item is: a romantic comedy, anime."""
    return tuple(
        name
        for name, (parts, none) in _blends().items()
        if all(_has(item, values) for values in parts) and not _has(item, none)
    )


def of_origin(name: str) -> bool:
    """Tell whether a blend says nothing but where an item comes from: foreign, Asian."""
    return all({"language", "country"}.issuperset(values) for values in table("blends")[name]["all"])


def blended(name: str) -> frozenset[str]:
    """Return the kinds that a blend is made of; none for what is no blend."""
    entry = table("blends").get(name, {"all": ()})
    return frozenset(kind for values in entry["all"] for kind in values.get("genres", ()))


def told_words() -> Mapping[str, Sequence[str]]:
    """Return the words that people use for each tone and blend."""
    return {name: entry["words"] for name, entry in (*table("tones").items(), *table("blends").items())}


def words_beside() -> Mapping[str, str]:
    """Return words that mean a kind, with the tone that is refused beside it: nothing scary is nothing frightening."""
    return {word: name for name, entry in table("tones").items() for word in entry.get("beside", ())}


def kinds_of(tone: str) -> Sequence[str]:
    """Return the kinds of which so much is like that, that who refuses it refuses them."""
    kinds: Sequence[str] = table("tones").get(tone, {}).get("of", ())
    return kinds


@cache
def _tones() -> Mapping[str, tuple[_Rule | None, _Rule | None]]:
    """Return by tone how fields tell it, and how it is guessed."""
    return {name: (_rule(entry.get("told")), _rule(entry)) for name, entry in table("tones").items()}


def _rule(entry: Mapping[str, Any] | None) -> _Rule | None:
    if entry is None or "any" not in entry:
        return None
    return _Rule(*(_sets(entry.get(part, {})) for part in _Rule._fields))


@cache
def _blends() -> Mapping[str, tuple[Sequence[_Values], _Values]]:
    """Return by blend what an item has a value of each of, and what it has none of."""
    return {
        name: (tuple(map(_sets, entry["all"])), _sets(entry.get("none", {}))) for name, entry in table("blends").items()
    }


def _sets(values: Mapping[str, Sequence[str]]) -> _Values:
    return {name: frozenset(own) for name, own in values.items()}


def _is(item: Item, rule: _Rule) -> bool:
    if _has(item, rule.none):
        return False
    unsaid = any(not item.values(name) and _has(item, {"genres": kinds}) for name, kinds in rule.unsaid.items())
    return unsaid or _has(item, rule.any)


def _has(item: Item, values: _Values) -> bool:
    for name, wanted in values.items():
        if not wanted.isdisjoint(item.values(name)):
            return True
    return False
