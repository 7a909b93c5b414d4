"""Titles: the year taken off, the article put first, facts cleaned, and titles found again in what people wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field

from pecrs.data.dialogue import Mention
from pecrs.data.records import Record

_LONGEST_YEAR = 12
_KIND = r"(?:(?:(?:TV|video|mini|short)[ -]?)*(?:film|movie|novel|book|album|song|game|series|show|special)|TV)"
_WORDS_IN_BRACKETS = r"(?:\([^()]*[^\W\d_][^()]*\)|\[[^\[\]]*[^\W\d_][^\[\]]*\])"
_YEAR = re.compile(
    r"^(?P<title>.*\S)\s*[(\[（]"
    rf"(?:(?:{_KIND},?\s)?(?P<year>(?:1\d|20)\d\d)(?:\s?[-–—]\s?(?:\d{{4}})?)?(?:,?\s{_KIND})?)?"
    rf"(?:[)\]）](?P<rest>(?:\s*{_WORDS_IN_BRACKETS})*))?\s*$",
    re.DOTALL | re.IGNORECASE,
)
_LAST_ARTICLE = re.compile(
    r"(?P<marker>^\s*(?:a\.?k\.?a\.?|also known as)\s+|^)(?P<rest>(?:[^()]|\([^()]*\))+?),\s+"
    r"(?P<article>the|an?|l['’]|les?|la|une?|der|die|das|eine?|el|los|las|una|il|lo|gli|den|det|het|o|os|(?-i:I))"
    r"(?=\s*$|:|\s+[-–—(])",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\(([^()]+)\)")
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def split_year(name: str) -> tuple[str, int | None]:
    """Separate the year in brackets from a title and normalise the spaces.

    Args:
        name: A title as the sources write it; ``()``, ``(2015 film)``, ``[2015]``, ``(TV series 2015-2018)``, words in
            brackets after the year and a missing last bracket occur.

    >>> split_year("Headhunter  (2009)"), split_year("Okja "), split_year("Rec (2007) [REC]")
    (('Headhunter', 2009), ('Okja', None), ('Rec [REC]', 2007))
    """
    match = _YEAR.match(name)
    title, year = (match["title"] + (match["rest"] or ""), match["year"]) if match else (name, None)
    return " ".join(title.split()), int(year) if year else None


def article_first(title: str) -> str:
    """Put an article that libraries write last where people say it, in the title and in its brackets.

    Args:
        title: A title without its year.

    >>> article_first("City of Lost Children, The (Cité des enfants perdus, La)"), article_first("Avventura, L'")
    ('The City of Lost Children (La Cité des enfants perdus)', "L'Avventura")
    """
    title = _BRACKET.sub(lambda match: f"({_article_first(match[1])})", title)
    return _article_first(title)


def _article_first(title: str) -> str:
    match = _LAST_ARTICLE.match(title)
    if match is None:
        return title
    space = "" if match["article"][-1] in "'’" else " "
    return f"{match['marker']}{match['article']}{space}{match['rest']}{title[match.end() :]}"


def read_title(written: str, year: int | None = None) -> tuple[str, int | None]:
    """Return title and year of an item from what a source writes in its place for titles.

    A year in brackets is taken off where no year is given, or one that it agrees with, give or take one; otherwise it
    is part of the title. An article at the end is put first.

    Args:
        written: The title as the source writes it.
        year: The year where the source has a place of its own for it; it is preferred.

    >>> read_title("Usual Suspects, The (1995)"), read_title("Toy Story (1995)", 1996), read_title("Dune (1965)", 2019)
    (('The Usual Suspects', 1995), ('Toy Story', 1996), ('Dune (1965)', 2019))
    """
    title, found = split_year(written)
    if year is not None and (found is None or abs(found - year) > 1):
        title = " ".join(written.split())
    return article_first(title), found if year is None else year


def is_year(text: str) -> bool:
    """Tell whether a text is a whole number of a size that years have."""
    return text.removeprefix("-").isdecimal() and len(text) <= _LONGEST_YEAR


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value or []


Names = Annotated[list[str], BeforeValidator(_as_list), Field(default_factory=list)]
"""A list of names; nothing, or one alone, may stand there without a list."""


class FilmFacts(Record):
    """The facts of a film in a metadata file, such as a ``movies.jsonl``: lists of names, and one plot.

    Attributes:
        aliases: Further titles of the film.
    """

    actors: Names
    directors: Names
    writers: Names
    genres: Names
    aliases: Names
    plot: Names

    def cleaned(self) -> dict[str, tuple[str, ...]]:
        """Return the facts that are there, repeated values once.

        Genres are written in lower case, since the public files mix "Drama" and "drama".
        """
        listed = {name: getattr(self, name) for name in FilmFacts.model_fields}
        listed["genres"] = [genre.lower() for genre in self.genres]
        cleaned = {name: distinct(values) for name, values in listed.items()}
        return {name: values for name, values in cleaned.items() if values}


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """Return texts with single spaces, each once, without empty ones."""
    return tuple(dict.fromkeys(text for value in values if (text := " ".join(value.split()))))


def present_fields(fields: Sequence[str], facts: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    """Return the fields that at least one item has, in order; the title always.

    Args:
        fields: The wanted order.
        facts: The facts of each item.
    """
    known = {"title"}.union(*facts)
    return tuple(name for name in fields if name in known)


def locate(text: str, titles: Mapping[str, str]) -> tuple[Mention, ...]:
    """Find the spans of a text that name given items.

    Longer titles are searched first, and spans never overlap. A title must stand as whole words; case, punctuation and
    spaces between its words may differ, a year in brackets that follows belongs to the span, and a title that is not
    there with its article is searched without. Where the exact spelling occurs every occurrence counts, otherwise only
    the first, since titles such as "It" are common words.

    Args:
        text: The utterance.
        titles: Title without year by item id: the items that the source attaches to the utterance.

    Returns:
        The spans in text order; items that are not found have none.
    """
    found: list[Mention] = []
    for item, title in sorted(titles.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        for pattern, every in _patterns(title):
            spans = [match.span() for match in pattern.finditer(text)]
            free = [span for span in spans if all(span[1] <= m.start or span[0] >= m.end for m in found)]
            if free:
                found.extend(Mention(start, end, item) for start, end in (free if every else free[:1]))
                break
    return tuple(sorted(found))


def _patterns(title: str) -> list[tuple[re.Pattern[str], bool]]:
    year = r"(?:\s*\(\d{4}\))?"
    patterns = []
    if title:
        exact = rf"(?<!\w){re.escape(title)}(?!\w){year}"
        patterns += [(re.compile(exact), True), (re.compile(exact, re.IGNORECASE), False)]
    for variant in dict.fromkeys((title, _ARTICLE.sub("", title))):
        words = [re.escape(word) for word in _WORD.findall(variant)]
        if words:
            loose = r"[\W_]*".join(words)
            patterns.append((re.compile(rf"(?<!\w){loose}(?!\w){year}", re.IGNORECASE), False))
    return patterns
