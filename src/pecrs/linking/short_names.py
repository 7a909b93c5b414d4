"""Single words that stand for a longer name: "Hitchcock", "Denzel", a "Bond film".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

from pecrs.linking.lexicon import frequency

_KNOWN, _MAKING = 4, 4
"""Somebody of so many items may be meant by the last name alone; each that a maker made counts so many more."""

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
    """Return names of several words that somebody has beside the own one, with the name of more items.

    >>> nicknames({"dwayne johnson": 25, "dwayne the rock johnson": 1, "the rock": 3})
    {'the rock': ('dwayne johnson',)}

    Args:
        people: Folded names and how many items each has.
    """
    found: dict[str, tuple[str, ...]] = {}
    for first, *middle, last in (key.split() for key in people if key.count(" ") > 2):
        own, other = f"{first} {last}", " ".join(middle)
        if people.get(own, 0) > people.get(other, 0) > 0:
            found[other] = (own,)
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
            name_alone: Tells whether a word may name somebody on its own.
        """
        fame = {}
        for key, items in people.items():
            if " " in key and items >= _KNOWN and name_alone(last_name(key)):
                own = made(key)
                fame[key] = items + _MAKING * own if 2 * own >= items else items
        self._bearers: defaultdict[str, list[str]] = defaultdict(list)
        for key in sorted(fame, key=lambda key: -fame[key]):
            self._bearers[last_name(key)].append(key)

    def bearer(
        self, text: str, word: tuple[int, int, str], named: bool, near: Collection[str], *, unique: bool
    ) -> tuple[str, ...]:
        """Return whom a word of a text means: somebody spoken of, else the best known; empty if nobody.

        Args:
            text: The message.
            word: Its first character, one past its last, and the word folded.
            named: Whether a capital or the word before lets one expect a name; a rare word needs neither.
            near: Folded names of people who were spoken of.
            unique: Whether the word means something already, so that only somebody spoken of is meant instead.
        """
        start, end, key = word
        form = next((form for form in (key, key.removesuffix("s")) if form in self._bearers), None)
        if form is None:
            return ()
        spoken = [bearer for bearer in self._bearers[form] if bearer in near]
        if len(spoken) == 1:
            return (spoken[0],)
        begins = re.search(r"(?:^|[.?!:])\W*$", text[:start]) and not re.match(r"\W*(?:$|[.?!])", text[end:])
        expected = frequency(form) < _RARE or (named and not begins)
        return (self._bearers[form][0],) if expected and not unique else ()
