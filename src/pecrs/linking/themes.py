"""What a text says that an item is about, in words that no field has, and the ages that it says.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pecrs.linking.facets import stem
from pecrs.linking.lexicon import CHATTER, FUNCTION, fold, words_of
from pecrs.linking.quantities import SPELT
from pecrs.linking.spans import meets

_THEME = re.compile(
    r"\b(?:(?<!what )(?<!how )about|(?:films?|movies?|books?|documentar(?:y|ies)) on(?! (?:netflix|amazon|dvd|tv|hulu|"
    r"prime|disney|hbo|youtube|a|my|this|that|your|which|it)\b)|set (?:in|on|at|during)|involv(?:es|ing)|featuring|"
    r"deals? with|revolv(?:es|ing) around|"
    r"where there(?:'s| is| are)|takes? place (?:in|on|at|during)|based on|related to|on the (?:topic|subject) of|"
    r"the one (?:with|where)|with (?:a )?(?:theme|themes|plot) (?:of|about))\s+(?P<theme>[^.,;:!?]+)"
)
_THEME_ENDS = frozenset(
    "but that which who with from and or not please instead for like starring directed by in though tonight "
    "today whether if how what why when where while because".split()
)

AGE = re.compile(
    r"\b(?P<years>\d{1,2}|[a-z]+)[- ]?(?:years?|yrs?)[- ]?olds?\b|\b(?P<short>\d{1,2}) ?(?:yo|y/o|yrs)\b", re.IGNORECASE
)
"""Somebody's age, which is no theme."""

_SMALL = "|".join(word for word, number in SPELT.items() if number <= 12)
_AGED = re.compile(
    r"\b(?:kids?|child(?:ren)?|grand(?:kids?|children|sons?|daughters?)|sons?|daughters?|nephews?|nieces?|boys?|girls?|"
    r"sis(?:ters?)?|bro(?:thers?)?|cousins?|kiddos?|toddlers?|god(?:sons?|daughters?))"
    rf"(?:,? (?:who )?(?:are|is|aged?|of|just|only|turned|now))*,?\s*\(?(?P<years>\d{{1,2}}|{_SMALL})\b"
    r"(?! (?:hours|minutes|films|movies|that|which|who|with|where|of|about)\b)|"
    r"\b(?:kids|children|boys|girls|daughters|sons|grandkids|grandchildren)\b[^.?!\d]{1,40}, (?P<both>\d{1,2})"
    r"(?= and \d{1,2}\b(?! (?:hours|minutes|films|movies)))|"
    r"\b(?:s?he|they|(?:youngest|eldest|oldest|smallest|littlest)(?: one)?)(?:['’]?s| is|['’]?re| are| was)"
    rf"(?: only| just| turning)? (?P<own>\d{{1,2}}|{_SMALL})\b"
    r"(?= *(?:$|[.,!?;)]|and\b|so\b|but\b))",
    re.IGNORECASE,
)
_BIRTHDAY = re.compile(
    r"\b(?:s?he|they|who|(?:grand)?(?:sons?|daughters?|child|kids?|boys?|girls?)|nephews?|nieces?|one)"
    r"(?:['’]?s| is| are)?(?: just| only)?\s+"
    rf"(?:turn(?:s|ed|ing)?|(?:will|gonna|going to) be)\s+(?P<years>\d{{1,2}}|{_SMALL})\b"
    r"(?= *(?:$|[.,!?;)]|and\b|so\b|but\b|on\b|this\b|next\b|today\b|tomorrow\b|soon\b|in\b|years? old\b))|"
    r"\b(?P<short>\d{1,2})(?:st|nd|rd|th)\s+birthday\b",
    re.IGNORECASE,
)
_OF_AGE = re.compile(r"\s+(?:film|movie|book|thing|classic)", re.IGNORECASE)
CHILD = 12
"""Up to this age somebody is a child."""

_YOUNG = 17


class Theme(NamedTuple):
    """Words for what an item is about.

    Attributes:
        start: First character.
        end: One past the last.
        key: The words, folded, endings of plurals dropped.
        label: As they are written.
    """

    start: int
    end: int
    key: str
    label: str

    @property
    def span(self) -> tuple[int, int]:
        """Where they stand."""
        return self.start, self.end


def themes(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[Theme]:
    """Yield what comes after "about" and its like, where no category has it but items' words do.

    Args:
        text: A message.
        taken: Spans that are something else.
    """
    for match in _THEME.finditer(text.lower()):
        kept: list[tuple[int, int]] = []
        offset = match.start("theme")
        for word in words_of(text[offset : match.end("theme")]):
            first, last = offset + word.start(), offset + word.end()
            key = fold(word.group())
            if key in _THEME_ENDS or meets((first, last), taken):
                break
            if key not in FUNCTION and key not in CHATTER:
                kept.append((first, last))
        if kept:
            label = " ".join(text[start:end] for start, end in kept)
            key = " ".join(stem(fold(text[start:end])) for start, end in kept)
            yield Theme(kept[0][0], kept[-1][1], key, label)


def ages(text: str, taken: Sequence[tuple[int, int]] = ()) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield where the age of somebody young is said, and the age, but for what says so already.

    >>> list(ages("for my 5 year old, not a 5 year old film, nor for a 40-year-old"))
    [((7, 17), 5)]
    >>> list(ages("children aged 6 and 9")), list(ages("children aged 6 and 9", [(0, 8)]))
    ([((0, 15), 6)], [((14, 15), 6)])
    >>> list(ages("my son turns 8")), list(ages("for her 6th birthday"))
    ([((3, 14), 8)], [((8, 20), 6)])
    >>> list(ages("there will be five of us, and she turned one down, about fathers and sons, one that is sad"))
    []
    >>> list(ages("kids are driving me nuts, 5 and 8"))
    [((0, 27), 5)]

    Args:
        text: A message.
        taken: Spans that are something else.
    """
    for match in (*AGE.finditer(text), *_AGED.finditer(text), *_BIRTHDAY.finditer(text)):
        said = match.groupdict()
        years = next(value for value in said.values() if value).lower()
        age = int(years) if years.isdigit() else SPELT.get(years, _YOUNG + 1)
        number = next(match.span(name) for name, value in said.items() if value)
        free = not meets(number, taken)
        whole = not meets(match.span(), taken)
        if free and 0 < age <= _YOUNG and not _OF_AGE.match(text, match.end()):
            yield match.span() if whole else number, age
