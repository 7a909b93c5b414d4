"""How surely a value of a message is meant, so that of constraints that cannot all hold the doubtful one is given up.

Source: design section 4.
"""

from __future__ import annotations

from pecrs.inference.understanding.reading import Reading, ReadValue
from pecrs.inference.understanding.surroundings import tells_at
from pecrs.linking.facets import TEXT, THEME_FIELDS
from pecrs.linking.tones import TONE
from pecrs.linking.value_words import FOR_WHOM
from pecrs.linking.values import FacetValue, described

DOUBTFUL = 0.6
"""Below this, a value was likely never meant: nothing else is given up for it, and no word is lost about it."""

TOLD = 0.4
"""What is left of it for a theme of somebody's life, which leads to nothing where anything surer is wanted."""

_WORDS, _OTHER_WORD, _SINGLE, _ASIDE = 0.5, 0.6, 0.75, 0.75
"""What is left for words that no field has, for a theme in another word than its own, for one of a single word, and for
what is no theme where somebody's life is told or a part of a name is said."""


def confidence(reading: Reading, read: ReadValue) -> float:
    """Return how surely a value is meant, from 0 to 1: by the model, by its clause, and by how plainly it is said.

    Args:
        reading: The message.
        read: One of its values, which is wanted.
    """
    value, sure = read.value, (1 + read.chance) / 2
    if isinstance(value, FacetValue) and not {*THEME_FIELDS, TEXT}.isdisjoint(value.fields[:1]):
        return sure * _of_theme(reading, value)
    if isinstance(value, FacetValue) and value.key in FOR_WHOM:
        return sure
    sure *= _ASIDE if tells_at(reading, value.start) else 1
    plain = not isinstance(value, FacetValue) or value.scaled or value.exact or value.fields[0] == TONE
    return sure if plain or " " in reading.text[value.start : value.end].strip() else sure * _ASIDE


def _of_theme(reading: Reading, value: FacetValue) -> float:
    """Return how plainly a theme is said to be one of an item."""
    if described(reading.text, value):
        return 1.0
    sure = TOLD if tells_at(reading, value.start) else 1.0
    if value.fields[0] == TEXT:
        return sure * _WORDS
    several = " " in reading.text[value.start : value.end].strip()
    return sure * (1 if several else _SINGLE) * (1 if value.exact else _OTHER_WORD)
