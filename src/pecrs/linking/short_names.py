"""Single words that stand for a longer name: "Hitchcock", "Denzel", a "Bond film".

Source: design section 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping


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
