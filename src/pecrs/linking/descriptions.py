"""What items' descriptions say that their fields leave out: further kinds, what an item is based on, its series.

A catalogue names a few kinds of an item; its description often begins with more: "a 2016 American romantic musical
film". Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import yaml

from pecrs.data.catalogue import Item
from pecrs.linking.lexicon import fold, folded

STORY = "story"
"""A field that tells in a sentence or two what happens."""

TEXTS = ("description", "plot", "summary", "synopsis", "blurb", STORY)
"""Fields that describe an item in sentences."""

_TAGS = ("keywords", "themes")

SOURCE = "source"
"""Stands for what an item is based on; its values are the keys of :data:`SOURCES`."""

_FROM = r"(?:based (?:up)?on|adapt(?:ed|ation)s? (?:from|of)|dramati[sz]ation of|retelling of|inspired by)"
SOURCES: Mapping[str, re.Pattern[str]] = {
    "based on a book": re.compile(
        rf"\b{_FROM}\b[^.;]{{0,90}}?(?<!comic )\b(?:novels?|novella|books?|bestseller|short stor(?:y|ies)|memoirs?|"
        r"autobiography|trilogy of novels)\b|\b(?:novel|book|memoir) of the same (?:name|title)\b",
        re.IGNORECASE,
    ),
    "based on a true story": re.compile(
        rf"\b(?:based|inspired|true|adapted)\b[^.;]{{0,40}}?\b(?:true|real|actual)[- ](?:story|stories|life|events?)\b|"
        rf"\btrue (?:crime )?story\b|\b{_FROM} the (?:life|lives) of\b",
        re.IGNORECASE,
    ),
    "based on a comic": re.compile(
        rf"\b{_FROM}\b[^.;]{{0,70}}?\b(?:comics?|comic (?:book|strip)s?|graphic novels?|manga)\b", re.IGNORECASE
    ),
    "based on a video game": re.compile(rf"\b{_FROM}\b[^.;]{{0,70}}?\bvideo games?\b", re.IGNORECASE),
    "based on a play": re.compile(
        rf"\b{_FROM}\b[^.;]{{0,70}}?\b(?:stage )?(?:play|musical|Broadway \w+)\b", re.IGNORECASE
    ),
}
"""By what is said of an item, the words that say it."""

ORIGINS: Mapping[str, tuple[str, ...]] = {
    "based on a book": ("novel", "short story", "memoir", "non-fiction book"),
    "based on a true story": ("true story", "loosely a true story", "memoir"),
    "based on a comic": ("comic",),
    "based on a video game": ("video game",),
    "based on a play": ("play", "musical"),
}
"""By what is said of an item, how the field ``based_on`` says it."""

STUDIO = "studio"
"""Stands for a maker that an item's description names; its values are :data:`STUDIOS`."""

REMEMBERED = 16384
"""Texts of which is remembered what they say: a catalogue that changes is read again, nearly all of it the same."""

STUDIOS = (
    "Marvel", "DC Comics", "Disney", "Pixar", "DreamWorks", "Ghibli", "Aardman", "Lucasfilm", "A24",
    "Blumhouse", "Hammer", "Monty Python", "National Geographic", "BBC",
)  # fmt: skip
"""Makers that people ask for by name."""

_STUDIO = re.compile(rf"\b(?:{'|'.join(STUDIOS)})\b")
_TELLS = re.compile(r"based|adapt|dramati|retelling|inspired|true|same (?:name|title)", re.IGNORECASE)
"""A word without which none of these is said."""

_REAL_LIVES = frozenset({"biography", "biographies", "biopic"})
_WHAT_IT_IS = re.compile(
    r"\b(?:is|was)\s+(?:an?|the)\s+(?P<what>.{0,200}?)\b(?:films?|movies?|documentary|comedy|drama|thriller|western|"
    r"musical|series|books?|novels?)\b",
    re.IGNORECASE | re.DOTALL,
)
_SERIES = re.compile(r"\b((?:[A-Z0-9][\w:'’.&-]*[ ])(?:(?:[A-Z0-9][\w:'’.&-]*|of|the|and|&)[ ]){0,6})(?:film |movie )*"
                     r"(?:series|franchise|saga|trilogy)\b")  # fmt: skip
_NOT_OF_IT = re.compile(r"\b(?:parod|spoof|similar to|reminiscent)", re.IGNORECASE)


@cache
def table(name: str) -> dict[str, Any]:
    """Return one of the package's lists of words.

    Args:
        name: ``synonyms``, ``adjectives`` or ``tones``.
    """
    text = (resources.files("pecrs.linking") / f"{name}.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def sources(item: Item) -> tuple[str, ...]:
    """Return what an item is based on, as keys of :data:`SOURCES`."""
    told = {what for name in (*TEXTS, *_TAGS) for text in item.values(name) for what in _sources_in(text)}
    found = [what for what in SOURCES if what in told]
    told_so = {value.partition(":")[0] for value in item.values("based_on")}
    found += [what for what, kinds in ORIGINS.items() if what not in found and not told_so.isdisjoint(kinds)]
    lived = not _REAL_LIVES.isdisjoint(value.lower() for value in item.values("genres"))
    if lived and "based on a true story" not in found:
        found.append("based on a true story")
    return tuple(found)


@lru_cache(maxsize=REMEMBERED)
def _sources_in(text: str) -> tuple[str, ...]:
    return tuple(what for what, pattern in SOURCES.items() if pattern.search(text)) if _TELLS.search(text) else ()


def studios(item: Item) -> tuple[str, ...]:
    """Return the makers of :data:`STUDIOS` that an item's description names."""
    return tuple(dict.fromkeys(name for text in map("".join, map(item.values, TEXTS)) for name in _studios_in(text)))


@lru_cache(maxsize=REMEMBERED)
def _studios_in(text: str) -> tuple[str, ...]:
    return tuple(_STUDIO.findall(text))


def kinds(item: Item, known: Iterable[str]) -> Iterator[str]:
    """Yield the kinds that the first sentence of an item's description names.

    Args:
        item: The item.
        known: Folded kinds to look for, as :func:`pecrs.linking.facets.value_key` makes them.
    """
    text = next((value for name in TEXTS for value in item.values(name)), "")
    match = _WHAT_IT_IS.search(text[:400])
    if match is None:
        return
    said = f" {' '.join(folded(match.group()))} "
    spelt = {key: [key, *(" ".join(map(fold, words.split())) for words in spellings(key))] for key in known}
    yield from (key for key, forms in spelt.items() if any(f" {form} " in said for form in forms))


@cache
def spellings(key: str) -> tuple[str, ...]:
    """Return other spellings of a folded value."""
    return tuple(table("synonyms").get(key, {}).get("same", ()))


def series(item: Item, known: Collection[str]) -> Iterator[str]:
    """Yield the series that an item's description says it belongs to.

    Args:
        item: The item.
        known: Folded names of series.
    """
    for text in (value for name in TEXTS for value in item.values(name)):
        for names in _series_in(text):
            found = next((name for name in names if name in known), "")
            if found:
                yield found


@lru_cache(maxsize=REMEMBERED)
def _series_in(text: str) -> tuple[tuple[str, ...], ...]:
    """Return for each series that a text tells of its possible names, the longest first."""
    found: list[tuple[str, ...]] = []
    for match in _SERIES.finditer(text):
        if not _NOT_OF_IT.search(text[max(0, match.start() - 80) : match.start()]):
            words = folded(match[1])
            found.append(tuple(" ".join(words[first:]) for first in range(len(words))))
    return tuple(found)
