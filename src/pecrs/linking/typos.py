"""Typing mistakes in everyday words, put right before a message is read: "whats it abuot", "hav you anyting".

Names of the catalogue are left to the linker, which knows them. A word is changed only where English does not have it,
the catalogue does not either, and a frequent word is one mistake away. Source: design section 4.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from types import MappingProxyType

from pecrs.linking.lexicon import CHATTER, FUNCTION, fold, frequency, rare_words, words_of
from pecrs.linking.spans import meets

_SHORTEST = 3
_FREQUENT, _FREQUENT_LONG, _LONG = 5.5, 4.0, 5
"""How frequent the right word must be, and from how many letters on less is enough."""

_SLANG = MappingProxyType(
    {"u": "you", "ur": "your", "wen": "when", "dat": "that", "dis": "this", "da": "the", "w": "with", "wat": "what"}
    | {"wot": "what", "smth": "something", "sth": "something", "sumthin": "something", "sumthing": "something"}
    | {
        "pls": "please",
        "plz": "please",
        "hav": "have",
        "ppl": "people",
        "bout": "about",
        "luv": "love",
        "gud": "good",
        "abt": "about",
    }
    | {
        "anythin": "anything",
        "somethin": "something",
        "obvs": "obviously",
        "prob": "probably",
        "probs": "probably",
        **dict.fromkeys(("nothin", "nuthin", "nuttin", "nuffin", "nuffink", "nowt", "noting"), "nothing"),
        **dict.fromkeys(("anyfin", "anyfink", "anythink", "owt"), "anything"),
        **dict.fromkeys(("summat", "sumfin", "somefin", "somethink", "sumtin"), "something"),
        "cuz": "because",
        "coz": "because",
        **dict.fromkeys(("2nite", "2night", "tonite"), "tonight"),
        **dict.fromkeys(("b4", "bfore"), "before"),
        **dict.fromkeys(("tmrw", "2moro", "2morrow"), "tomorrow"),
        **dict.fromkeys(("fave", "fav"), "favourite"),
        **dict.fromkeys(("wut", "wht"), "what"),
        "rly": "really",
        "srsly": "seriously",
        "innit": "isn't it",
        "ofc": "of course",
        **dict.fromkeys(("kiddies", "kiddy", "kiddie", "kiddos"), "kids"),
        "mornin": "morning",
        "n": "and",
        "rn": "now",
        "idk": "i don't know",
        "nite": "night",
        "tho": "though",
        "gr8": "great",
        "thru": "through",
    }
)
"""Short forms that people type, and what they mean."""

_MARKED = re.compile(
    r"\b(?:(?P<without>w/o(?:ut)?)|(?P<colourless>b ?& ?w|b/w)|(?P<whatever>w/e))\b|\b(?P<with>w/) ?(?=\w)",
    re.IGNORECASE,
)
_OF_MARKS = {"without": "without", "colourless": "black and white", "whatever": "whatever", "with": "with "}
"""Short forms that marks are part of: "w/o", "b&w"."""

_IN_FOR_ING = frozenset({"thin", "raisin", "darin", "hardin", "riskin"})
"""Words that are no short forms of those with a "g"."""

_WITH = re.compile(r"\b(?:something|sth|anything|ones?|films?|movies?|flicks?|books?)\s+$", re.IGNORECASE)
_A_WORD = re.compile(r"\s+(?!(?:and|or|like|please|instead|that)\b)\w", re.IGNORECASE)
"""Around "wit" where it means "with": "something wit fish", and not "something with wit"."""

_VERBS = frozenset("bores irks grates bugs annoys irritates creeps grosses freaks weirds sickens".split())
"""Forms of common verbs that lists of frequent words lack."""

_LIKELY = 1.0
"""By how much of the logarithm of frequency a likely slip is preferred."""


def corrected(
    text: str, kept: Sequence[tuple[int, int]], known: Callable[[str], bool]
) -> tuple[str, Callable[[int], int]]:
    """Return a text with its typing mistakes put right, and where a place of the old text is in it.

    Args:
        text: One message.
        kept: Spans that are left as they are.
        known: Tells whether a folded word is the catalogue's.
    """
    parts: list[str] = []
    shifts: list[tuple[int, int]] = []
    end = 0
    for match, marked in _words(text):
        word = match.group()
        if word == "wit" and _WITH.search(text[: match.start()]) and _A_WORD.match(text, match.end()):
            word = "w"  # another short form
        if meets(match.span(), kept) or not (marked or (word.isascii() and word[1:].lower() == word[1:])):
            continue
        if word[0].isupper() and not marked and text[: match.start()].rstrip()[-1:] not in ("", ".", "!", "?"):
            continue  # a name: "Downton Abbey"
        said = marked or _SLANG.get(word) or ("" if _ends_name(text, match.start(), known) else _with_its_g(word))
        if not said and (known(fold(word)) or not word.isalpha()):
            continue
        right = said or _noun_of(word.lower(), known) or _right(word.lower())
        if right != word.lower():
            parts += [text[end : match.start()], right.capitalize() if word[0].isupper() else right]
            end = match.end()
            shifts.append((end, len(right) - len(match.group())))
    if not shifts:
        return text, lambda place: place
    return "".join([*parts, text[end:]]), lambda place: place + sum(by for after, by in shifts if after <= place)


def _words(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the words of a text in order, and what short forms with marks mean."""
    marked = [(match, _OF_MARKS[match.lastgroup or ""]) for match in _MARKED.finditer(text)]
    spans = [match.span() for match, _ in marked]
    plain = [(match, "") for match in words_of(text) if not meets(match.span(), spans)]
    yield from sorted([*marked, *plain], key=lambda pair: pair[0].start())


def _ends_name(text: str, start: int, known: Callable[[str], bool]) -> bool:
    """Tell whether a word stands behind one of the catalogue's names: "peter askin"."""
    before = fold(text[:start].split()[-1]) if text[:start].endswith(" ") and text[:start].split() else ""
    return before.isalpha() and before not in FUNCTION | CHATTER and known(before)


def _with_its_g(word: str) -> str:
    """Return the form of a verb that a word is without its last letter: "askin", "robbin"; empty where it is none."""
    if len(word) < _SHORTEST + 1 or not word.endswith("in") or word in _IN_FOR_ING or not word.islower():
        return ""
    stem, full = word[:-2], f"{word}g"
    verb = max(map(frequency, (stem, f"{stem}e", stem[:-1] if stem[-1] == stem[-2] else "")))
    often = frequency(full)
    return full if verb >= _A_VERB and often >= max(_LEAST_FULL, frequency(word) + _OFTENER) else ""


_A_VERB, _LEAST_FULL, _OFTENER = 4.0, 3.3, 1.2
"""How frequent a verb is at least, its form with the "g", and by how much more than what is written."""


def _noun_of(word: str, known: Callable[[str], bool]) -> str:
    """Return what something is like, of a word that lists of frequent ones lack: "witchy" is like a witch."""
    noun = word.removesuffix("y")
    return noun if len(noun) > _SHORTEST and noun != word and not frequency(word) and known(noun) else ""


@lru_cache(maxsize=8192)
def _right(word: str) -> str:
    if len(word) < _SHORTEST or frequency(word) or word in _VERBS or _is_derived(word):
        return word
    least = _FREQUENT_LONG if len(word) >= _LONG else _FREQUENT
    slips = _one_mistake_away(word)
    chance = {
        other: frequency(other) + _LIKELY * likely
        for other, likely in slips
        if frequency(other) and (likely or word not in rare_words())  # "ducky" is no "lucky", but "thier" is "their"
    }
    best = max(chance, key=lambda other: chance[other], default=word)
    return best if frequency(best) >= least else word


_FORMS = ("s", "ed", "ing", "er", "ers")
_OWN = 3.3
"""Endings of forms of a word, and how frequent the word must be."""


def _is_derived(word: str) -> bool:
    """Tell whether a word is made of another one, as lists of frequent words lack many: "stillness", "faints"."""
    if any(
        len(word) > len(end) + 3 and frequency(word.removesuffix(end)) >= _OWN for end in _FORMS if word.endswith(end)
    ):
        return True
    return any(word.endswith(end) and frequency(word.removesuffix(end)) for end in ("ness", "less", "like", "ish"))


def _one_mistake_away(word: str) -> Iterator[tuple[str, bool]]:
    """Yield words that a slip makes of one, and whether it is a likely slip: swapped, doubled or missing letters."""
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        if tail:
            yield head + tail[1:], head[-1:] == tail[0]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:], True
        for letter in string.ascii_lowercase:
            yield head + letter + tail, True
            if tail:
                yield head + letter + tail[1:], False
