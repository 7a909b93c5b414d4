"""Single words that stand for a longer name: "Hitchcock", "Denzel", a "Bond film".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from pecrs.linking.first_names import EXCLAIMED
from pecrs.linking.lexicon import frequency
from pecrs.linking.misspelt import nearest_name

_KNOWN, _MAKING = 4, 4
"""Somebody of so many items may be meant by the last name alone; each that a maker made counts so many more."""

_MAKES = 3
"""Who made so many items is a maker, however often they act or write."""

_NAMESAKES = 3
"""At most so many people of one last name are meant together, where all are nearly as well known as the first."""

_RARE = 3.5
"""Frequency from which a word may be no name where it has no capital, or one only because a sentence begins."""


def unique_words(values: Mapping[str, int], place: int, *, least: int, summed: bool = False) -> dict[str, str]:
    """Return the words at one place of some values that mean one of them: no other has half as many items.

    >>> unique_words({"roger moore": 9, "demi moore": 3, "al moore": 1}, -1, least=3)
    {'moore': 'roger moore'}

    Args:
        values: Folded values and how many items each has.
        place: Of the word in the value.
        least: How many items the value must have.
        summed: Whether it must have twice as many as the others together, not as the next.
    """
    by_word: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for key, count in values.items():
        by_word[key.split()[place]].append((count, key))
    found: dict[str, str] = {}
    for word, own in by_word.items():
        (most, key), *others = sorted(own, reverse=True)
        counts = [count for count, _ in others]
        if most >= max(least, 2 * (sum(counts) if summed else max(counts, default=0))):
            found[word] = key
    return found


def most_items(names: Iterable[Mapping[str, str]], count: Callable[[str], int]) -> dict[str, str]:
    """Return short names, each with the value of most items that it may mean.

    Args:
        names: Values by short name.
        count: How many items a value has.
    """
    found: dict[str, str] = {}
    for short, key in (pair for some in names for pair in some.items()):
        if short not in found or count(key) > count(found[short]):
            found[short] = key
    return found


def nicknames(people: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    """Return names of several words that somebody has beside the own one, with the name that the catalogue has.

    These are names within longer ones, names without an initial, and last names of two words.

    >>> nicknames({"dwayne johnson": 25, "dwayne the rock johnson": 1, "the rock": 3})
    {'the rock': ('dwayne johnson',)}
    >>> nicknames({"alan j pakula": 2})
    {'alan pakula': ('alan j pakula',)}
    >>> nicknames({"robert de niro": 40, "drena de niro": 2})
    {'de niro': ('robert de niro',)}

    Args:
        people: Folded names and how many items each has.
    """
    found: dict[str, tuple[str, ...]] = {}
    for first, initial, last in (key.split() for key in people if key.count(" ") == 2):
        if len(initial) == 1 and len(first) > 1 and f"{first} {last}" not in people:
            found[f"{first} {last}"] = (f"{first} {initial} {last}",)
    found |= {short: (key,) for short, key in _double_names(people).items()}
    for first, *middle, last in (key.split() for key in people if key.count(" ") > 2):
        own, other = f"{first} {last}", " ".join(middle)
        if people.get(own, 0) > people.get(other, 0) > 0:
            found[other] = (own,)
    return found


def _double_names(people: Mapping[str, int]) -> dict[str, str]:
    """Return the last two words of names that mean one person: no other one has half as many items."""
    by_words: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for key, count in people.items():
        words = key.split()
        if len(words) > 2 and min(map(len, words[-2:])) > 1:
            by_words[" ".join(words[-2:])].append((count, key))
    found: dict[str, str] = {}
    for name, own in by_words.items():
        (most, key), *others = sorted(own, reverse=True)
        if name not in people and most >= max([_KNOWN, *(2 * count for count, _ in others)]):
            found[name] = key
    return found


class LastNames:
    """Whom the last name alone means that several people have."""

    def __init__(
        self,
        people: Mapping[str, int],
        last_name: Callable[[str], str],
        made: Callable[[str], int],
        name_alone: Callable[[str], bool],
    ) -> None:
        """Sort people by last name, the best known first; who makes items is called by it sooner than who acts.

        Args:
            people: Folded names and how many items each has.
            last_name: Returns the folded last name of somebody as it is spelt, "rogers" of "mimi roger".
            made: Returns how many items somebody made.
            name_alone: Tells whether a word may name somebody on its own; another one must be led by "by" or "with".
        """
        self._name_alone, self._items = name_alone, people
        self._fame: dict[str, int] = {}
        self._few: defaultdict[str, list[str]] = defaultdict(list)
        self._makers: set[str] = set()
        self._makers_only: set[str] = set()
        for key, items in people.items():
            own = made(key)
            fame = items + _MAKING * own if 2 * own >= items else items
            if " " not in key:
                continue
            if fame < _KNOWN:
                self._few[last_name(key)].append(key)
            else:
                self._fame[key] = fame
                self._makers.update((key,) if 2 * own >= items or own >= _MAKES else ())
                self._makers_only.update((key,) if 4 * own > 3 * items else ())
        self._bearers: defaultdict[str, list[str]] = defaultdict(list)
        for key in sorted(self._fame, key=lambda key: -self._fame[key]):
            self._bearers[last_name(key)].append(key)

    def bearer(
        self, text: str, word: tuple[int, int, str], named: bool, near: Collection[str], *, meant: str
    ) -> tuple[str, ...]:
        """Return whom a word of a text means: somebody spoken of, else the best known ones; empty if nobody.

        Args:
            text: The message.
            word: Its first character, one past its last, and the word folded.
            named: Whether a capital or the word before lets one expect a name; a rare word needs neither.
            near: Folded names of people who were spoken of.
            meant: What the word means already; empty if nothing. Only somebody spoken of is meant instead, or who
                makes items where "by" stands before.
        """
        start, end, key = word
        form = next((form for form in (key, key.removesuffix("s")) if form in self._bearers), None)
        if form is None:
            return self._little_known(text, word)
        if key in EXCLAIMED and not (_BY.search(text[:start]) or _WITH.search(text[:start])):
            return ()
        bearers = self._bearers[form]
        spoken = [bearer for bearer in bearers if bearer in near]
        if len(spoken) == 1:
            return (spoken[0],)
        if _AT.search(text[:start]):
            return ()
        by, beside = _BY.search(text[:start]), _WITH.search(text[:start])
        likely = [key for key in bearers if by and key in self._makers] or [
            key for key in bearers if beside and key not in self._makers_only
        ]
        if not self._name_alone(form):
            return _best(likely, self._fame, 0.5) if text[start].isupper() and key == form else ()
        begins = _BEGINS.search(text[:start]) and not re.match(r"\W*(?:$|[.?!])", text[end:])
        expected = frequency(form) < _RARE or (named and not begins)
        if not expected or (meant and not (by and likely and meant not in self._makers)):
            return ()
        if by and likely:
            return _best(likely, self._fame, nearly=0.5)
        return _best(likely or [key for key in bearers if self._items[key] >= _KNOWN], self._fame)

    def _little_known(self, text: str, word: tuple[int, int, str]) -> tuple[str, ...]:
        """Return the one of few items whom a rare last name means behind "by" or "with"."""
        start, _, key = word
        led = _BY.search(text[:start]) or _WITH.search(text[:start])
        own = self._few.get(key, ()) if led and frequency(key) < _RARE else ()
        return tuple(own) if len(own) == 1 else ()

    def nearest(self, word: str) -> str:
        """Return the best known of those whose last name a word nearly is; empty if nobody."""
        name = nearest_name(list(self._bearers), word)
        return self._bearers[name][0] if name else ""

    def rather(self, text: str, word: tuple[int, int, str], items: int) -> tuple[str, ...]:
        """Return whom a word means rather than the theme of a few items: "some Carpenter", "an old hitchcock".

        A capital inside a sentence says so, and of a rare word and somebody who makes items how works are spoken of.

        Args:
            text: The message.
            word: Its first character, one past its last, and the word folded.
            items: How many items have the theme.
        """
        start, end, key = word
        bearers = self._bearers.get(key, ())
        if not bearers or self._items[bearers[0]] < _TIMES * items or _AT.search(text[:start]):
            return ()
        named = text[start].isupper() and _BEGINS.search(text[:start]) is None
        works = _WORKS_OF.search(text[:start]) is not None or _ITS_WORKS.match(text, end) is not None
        made = works and frequency(key) < _RARE and bearers[0] in self._makers_only
        return _best(bearers, self._fame) if named or made else ()


_TIMES = 3
"""Somebody of so many times the items of a theme is rather meant by a name."""

_BEGINS = re.compile(r"(?:^|[.?!:])\W*$")
_WORKS_OF = re.compile(
    r"\b(?:(?:old|older|early|late|later|classic|good|great|vintage|recent|new)|(?:some|any|more|another))\s+$",
    re.IGNORECASE,
)
_ITS_WORKS = re.compile(r"(?:['’]?s)?\s+(?:films?|movies?|flicks?|pictures?|books?|works?|classics?)\b", re.IGNORECASE)
_AT = re.compile(r"\b(?:in|near|around|outside|to)\s+$", re.IGNORECASE)
"""Before a place, which is nobody's last name: "it rains in Leeds"."""

_LISTED = r"\s+(?:[\w'’.-]+\s+){0,2}?(?:[\w'’.-]+,?\s+(?:or|and)\s+)?(?:(?:either|both|mr\.?|ms\.?)\s+)?$"
_BY = re.compile(rf"\b(?:by|directed|director|author)(?:{_LISTED})", re.IGNORECASE)
_WITH = re.compile(rf"\b(?:with|w/?|starring|featuring|actor|actress)(?:{_LISTED})", re.IGNORECASE)
"""Before a name, with another one of the same list between."""


_ADDRESSED = re.compile(r"\b(?:mr|mrs|miss|ms|mister|dr|doctor|professor|captain|lady|lord)\b\.?\s+$", re.IGNORECASE)


def is_character(text: str, word: tuple[int, int, str]) -> bool:
    """Tell whether a word is rather the name of a character, or a part of a title: "mr bean", but not "with Mr. Bean".

    >>> is_character("a mr bean thing", (5, 9, "bean")), is_character("a film by Mr. Lee", (14, 17, "lee"))
    (True, False)

    Args:
        text: A message.
        word: Its first character, one past its last, and the word folded.
    """
    start, _, key = word
    addressed = frequency(key) >= _RARE and _ADDRESSED.search(text[:start])
    return bool(addressed) and not any(led.search(text[:start]) for led in (_BY, _WITH))


def _best(people: Sequence[str], fame: Mapping[str, int], nearly: float = 0.8) -> tuple[str, ...]:
    """Return the best known of some people and those who are nearly as well known, as a share of the best."""
    return tuple(key for key in people[:_NAMESAKES] if fame[key] > nearly * fame[people[0]])


def short_names(
    people: Collection[str], others: Mapping[str, bool], items: Callable[[str], int], free: Callable[[str], bool]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return single words that mean a person or a longer value, and first names, which need a cue.

    Args:
        people: Folded names.
        others: Other values of several words, and whether each is a series.
        items: How many items have a value.
        free: Whether a word is rare enough to name something on its own.
    """
    full = {key: items(key) for key in people if 1 < len(key.split()) < 4}
    series = {key: items(key) for key, is_series in others.items() if is_series and len(key.split()) == 2}
    found = (
        unique_words(full, -1, least=3),
        {word: key for word, key in unique_words(full, -1, least=1).items() if not frequency(word)},
        unique_words({key: items(key) for key in others}, 0, least=5, summed=True),
        unique_words(series, -1, least=4),
    )
    named = [{word: key for word, key in own.items() if free(word)} for own in found]
    first_names = {word: key for word, key in unique_words(full, 0, least=8).items() if free(word)}
    return most_items(named, items), first_names
