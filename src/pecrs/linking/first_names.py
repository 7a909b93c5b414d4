"""First names and their short forms, by which somebody is called who was named in full before: "no more Arnie".

A last name too rare to mean somebody by itself does so as well.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from types import MappingProxyType

from pecrs.linking.descriptions import table
from pecrs.linking.lexicon import FUNCTION, fold, frequency, words_of
from pecrs.linking.spans import meets

_RARE = 4.3
"""Frequency from which a word without a capital is a name only where one is expected."""

EXCLAIMED = frozenset({"oh", "ah", "eh", "um", "hm", "aha", "ooh", "wow", "yo", "ha"})
"""Words of astonishment that are somebody's name as well."""

_LED = re.compile(
    r"\b(?:no|not|not another|more|enough|enough of|forget|with|without|by|except|minus|less|drop|ditch|"
    r"tired of|sick of)\s+$",
    re.IGNORECASE,
)
_FOLLOWED = re.compile(
    r"\s+(?:(?:can|may|must|should|could) (?:go|stay|come|be|leave|return)|"
    r"is (?:out|back|fine|ok|okay|allowed|in|welcome))\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"['’]s$")


def called(text: str, taken: Sequence[tuple[int, int]], people: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return where a text calls somebody by the first name, or a short form of it, and who that is.

    >>> called("enough arnie, and no clint", [], ["arnold schwarzenegger", "clint eastwood"])
    [(7, 12, 'arnold schwarzenegger'), (21, 26, 'clint eastwood')]

    Args:
        text: A message.
        taken: Spans that are something else.
        people: Folded full names of who was named before, the latest first.
    """
    found: list[tuple[int, int, str]] = []
    for match in words_of(text):
        start, end = match.span()
        word = _SEVERAL.sub("", fold(match.group()))
        names = {word, *_short_forms().get(word, ())}
        who = next((key for key in people if " " in key and names.intersection((key.split()[0], key.split()[-1]))), "")
        if who and not meets((start, end), taken) and _is_name(text, start, end, word):
            found.append((start, end, who))
    return found


def _is_name(text: str, start: int, end: int, word: str) -> bool:
    """Tell whether a word is somebody's first name here: "no will" is, "will do" and "Tom Smith" are not."""
    if word in EXCLAIMED and not _LED.search(text[:start]):
        return False
    if re.match(r"\s+[A-Z]", text[end:]) and text[start].isupper():
        return False
    begins = re.search(r"(?:^|[.?!:])\W*$", text[:start]) is not None
    if frequency(word) < _RARE or (text[start].isupper() and not begins):
        return True
    return word not in FUNCTION and (_LED.search(text[:start]) or _FOLLOWED.match(text, end)) is not None


def is_womans(name: str) -> bool:
    """Tell whether a full name begins as women's names do.

    >>> is_womans("meg ryan"), is_womans("tom hanks")
    (True, False)

    Args:
        name: Folded.
    """
    return name.split()[0] in _womens()


@cache
def _womens() -> frozenset[str]:
    return frozenset(table("womens_names")["names"])


@cache
def _short_forms() -> MappingProxyType[str, tuple[str, ...]]:
    """Return by short form the names that it stands for."""
    forms: dict[str, tuple[str, ...]] = {}
    for name, short in table("first_names").items():
        for word in short:
            forms[word] = (*forms.get(word, ()), name)
    return MappingProxyType(forms)
