"""Where items are from, in adjectives: "Iranian" is from Iran, and "Hungarian" in Hungarian or from Hungary.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pecrs.linking.descriptions import table
from pecrs.linking.facets import value_key

COUNTRY, LANGUAGE = "country", "language"

_FEW = 20
"""A language of fewer items leaves out many that are from where it is spoken."""


def demonyms(fields: Mapping[str, Sequence[str]], items: Callable[[str], int]) -> dict[str, tuple[str, ...]]:
    """Return adjectives with the folded values that they mean: a language, a country, or both.

    Args:
        fields: Folded values with the fields that have them.
        items: How many items have one.
    """
    found: dict[str, tuple[str, ...]] = {}
    for country, words in table("nationalities").items():
        key = value_key(country)
        for word in map(value_key, words) if COUNTRY in fields.get(key, ()) else ():
            spoken = LANGUAGE in fields.get(word, ())
            if not spoken or items(word) < _FEW:
                found[word] = (word, key) if spoken else (key,)
    return found
