"""The words of grounded replies, and how a catalogue's fields are spoken of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

from pecrs.data.catalogue import Catalogue, Item


@cache
def lexicon() -> dict[str, Any]:
    """Return the table of ``words.yaml``."""
    return dict(
        yaml.safe_load((resources.files("pecrs.inference.language") / "words.yaml").read_text(encoding="utf-8"))
    )


def nouns(catalogue: Catalogue) -> tuple[str, str]:
    """Return what an item of a catalogue is called, one and several, told by the fields that its items have."""
    fields = {name for item in catalogue.items[:200] for name in item.facts}
    table = lexicon()["nouns"]
    one, several = next((pair for name, pair in table.items() if name in fields), table["default"])
    return one, several


def sells_kinds(catalogue: Catalogue) -> bool:
    """Tell whether a catalogue's items are of many kinds, as a shop's are, and not all films or all books."""
    return bool(nouns(catalogue)[0] == lexicon()["nouns"]["price"][0])


def kinds_told(catalogue: Catalogue) -> frozenset[str]:
    """Return the kinds of facts that some item of a catalogue has a field for."""
    fields = {name for item in catalogue.items for name in item.facts}
    fields |= {"year"} if any(item.year is not None for item in catalogue) else set()
    return frozenset(kind for kind, entry in lexicon()["facts"].items() if not fields.isdisjoint(entry["fields"]))


def fact_values(item: Item, kind: str) -> tuple[str, ...]:
    """Return what the catalogue says of one kind of fact; empty where it says nothing.

    Args:
        item: The item.
        kind: One of :data:`pecrs.data.acts.FACTS`, or a column of the catalogue.
    """
    entry = lexicon()["facts"].get(kind)
    for name in (kind,) if entry is None else entry["fields"]:
        values = item.values(name)
        if values:
            return values
    return ()


def awards(values: Sequence[str]) -> str:
    """Return what was won and for what an item was nominated, to be said behind its name.

    >>> awards(["Academy Award 1990, Directing (won)", "Academy Award 1990, Music (nominated)"])
    'won the Academy Award for Directing and was nominated for 1 more.'

    Args:
        values: As the catalogue writes them; others than "Prize year, category (won or nominated)" are repeated.
    """
    read = [_AWARD.fullmatch(value) for value in values]
    if not all(read):
        return f"has this to its name: {listed(values[:4])}."
    won = [match for match in read if match and match["how"] != "nominated"]
    others = [match for match in read if match and match["how"] == "nominated"]
    prize = next(match["prize"] for match in read if match)
    if not won:
        some = listed([match["category"] for match in others[:3]]) if len(others) < 4 else f"{len(others)} times"
        return (
            f"was nominated for the {prize}: {some}." if len(others) < 4 else f"was nominated {some} for the {prize}."
        )
    told = f"won the {prize} for {listed([match['category'] for match in won[:4]])}"
    return f"{told} and was nominated for {len(others)} more." if others else f"{told}."


_AWARD = re.compile(r"(?P<prize>.+?) \d{4}, (?P<category>.+?)(?: \((?P<how>\w+)\))?")


def beside(field: str, value: str) -> str:
    """Return how a value of a field is said beside an item: ``with Tom Hanks``, ``from the United States``.

    Args:
        field: One of those that the table of people and the like has.
        value: Its value.
    """
    named = f"the {value}" if field == "country" and value.startswith(("United ", "Soviet ", "Czech ")) else value
    return str(lexicon()["people"][field]["with"]).format(value=named)


def listed(values: Sequence[str], last: str = "and") -> str:
    """Return values as people list them.

    >>> listed(["a", "b", "c"]), listed(["a"]), listed(["a", "b"], "or")
    ('a, b and c', 'a', 'a or b')
    """
    return f" {last} ".join(filter(None, (", ".join(values[:-1]), values[-1]))) if values else ""


def with_article(words: str) -> str:
    """Return a noun with its indefinite article.

    >>> with_article("action film"), with_article("comedy")
    ('an action film', 'a comedy')
    """
    return f"{'an' if _VOWEL.match(words) else 'a'} {words}"


_VOWEL = re.compile(r"[aio](?!ne\b)|e(?!u)|u(?!ni(?!n|m)|s[aeiu]|topi|biq|k\b)|hono|hour|heir", re.IGNORECASE)
"""How words begin that are said with a vowel: "uplifting", not "universal"."""


def summary(text: str, limit: int = 260) -> str:
    """Return what a text says an item is about, as many sentences as fit: those that tell a story before the others.

    Args:
        text: A description.
        limit: About how many characters.
    """
    text = _CAST.sub("", _IN_SCRIPT.sub("", text.replace("\n", " ")))
    sentences = [sentence.strip() for sentence in _SENTENCE_END.split(text) if sentence.strip()]
    chosen: list[int] = []
    for place in sorted(range(len(sentences)), key=lambda place: (not _TELLS.search(sentences[place]), place)):
        if not chosen or sum(len(sentences[other]) for other in chosen) + len(sentences[place]) < limit:
            chosen.append(place)
        else:
            break
    kept = " ".join(sentences[place] for place in sorted(chosen))
    if len(kept) > limit + 80:
        kept = kept[:limit].rsplit(" ", 1)[0] + " ..."
    return kept if kept.endswith((".", "!", "?", "...")) else kept + "."


_IN_SCRIPT = re.compile(r"\s*\((?:[A-Z][a-z]+|lit\.?): [^()]*\)")
"""A title in another language: "(Japanese: ...)"."""

_CAST = re.compile(
    r",? (?:consisting of|including|featuring|starring|"
    r"comprising)(?:,? (?:and )?[A-Z][\w.'’-]*)+,?(?= as (?:an?|the|two|three)\b)"
)
"""Names between "an ensemble cast" and what it plays."""

_SENTENCE_END = re.compile(r"(?<=[a-z0-9)\]\"”’'][.!?])\s+(?=[\"“A-Z0-9])|(?<=[a-z][.])(?=[A-Z][a-z])")
_TELLS = re.compile(
    r"\b(?:follows?|tells?|cent(?:er|re)s?|revolves?|concerns?|focus(?:es)?|depicts?|chronicles?|portrays?|must|"
    r"set (?:in|on|at|during)|in which|(?:story|plot|film|book|novel) (?:is|was) about|story of|about an?|"
    r"plays? a|who|as (?:an?|two|three|the))\b",
    re.IGNORECASE,
)
