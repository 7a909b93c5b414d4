"""Clauses that are a name as a whole, because the words beside them ask if there is such a title, in whatever case.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pecrs.linking.around import HAVE_IT, IN_LIST, LEAD
from pecrs.linking.lexicon import CHATTER, FUNCTION, KINDS, NAMING, SEEN, TASTES, WORKS, fold, folded, words_of

_LONGEST = 7
_CLAUSE = re.compile(rf"(?:^|(?<=[.?!,;])\s+)\W*{LEAD}(?P<name>\w[^.?!,;]{{1,60}}?)(?=\s*[,.;?!–-])", re.IGNORECASE)
_THERE = re.compile(
    rf"(?:^|(?<=[.?!,;])\s+)\W*{LEAD}(?:is|are)(?:n['’]?t)?\s+(?P<name>\w[^.?!,;]{{1,60}}?)"
    r"(?:,[^.?!,;]{2,40},|(?: the one)? (?:from|with|by)\b[^.?!,;]{2,30})?\s+"
    rf"{IN_LIST}",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\W*(?P<name>\d+(?: [A-Z][\w'’]*)+)(?=\?)")
_COMMA = re.compile(
    r"\b(?i:is there|(?:don['’]?t|do) you (?:have|know)|have you got)\s+"
    r"(?P<name>[A-Z][\w'’]*(?: [A-Z][\w'’]*)*, [A-Z][\w'’]*(?: [A-Z][\w'’]*)*)(?=\s*\?)"
)
_NO_NAME = frozenset(
    "a an some any something anything one ones more another other others i we you he she they it that this these those "
    "there who what which where when why how is are do does did have has can could would will should if like not no "
    "yes also please from with by about in on my your".split()
)


_TELLERS = frozenset(
    "i ive im we weve he she they people everybody everyone somebody someone nobody my our his her their".split()
)
_DONE = SEEN | TASTES | NAMING | frozenset("saw see watch mentioned recommended about suggested heard".split())


def asked_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of clauses that are a name and are asked for.

    >>> text = "maybe the umbrellas of cherbourg, do you have it?"
    >>> [text[start:end] for start, end in asked_names(text)]
    ['the umbrellas of cherbourg']
    >>> text = "everybody on the plane was watching Parasite, do you have that one?"
    >>> [text[start:end] for start, end in asked_names(text)]
    ['Parasite']
    >>> list(asked_names("a film about dogs, do you have that?"))
    []
    """
    for match in _CLAUSE.finditer(text):
        start = match.start("name") + _told_before(match["name"])
        if HAVE_IT.match(text, match.end("name")) and _is_name(text[start : match.end("name")]):
            yield start, match.end("name")
    for pattern in (_THERE, _NUMBERED, _COMMA):
        yield from (match.span("name") for match in pattern.finditer(text) if _is_name(match["name"]))


def _told_before(clause: str) -> int:
    """Return where a name begins in a clause that says who did something with it: "everybody was watching Parasite"."""
    words = list(words_of(clause))
    if not words or fold(words[0].group()) not in _TELLERS:
        return 0
    verbs = [place for place, word in enumerate(words[:-1]) if fold(word.group()) in _DONE]
    return words[verbs[-1] + 1].start() if verbs else 0


def _is_name(words: str) -> bool:
    keys = folded(words)
    if not 0 < len(keys) <= _LONGEST or keys[0] in _NO_NAME:
        return False
    if any(key.removesuffix("s") in KINDS | WORKS or key in KINDS for key in keys):
        return False
    return not (CHATTER | FUNCTION).issuperset(keys) or (keys[0] == "the" and len(keys) > 2)
