"""Other words for themes, and themes that are nearly the same: "female cop" for policewoman, female detective near it.

Written by a large language model for the themes of the package's films (docs/film_notes.md); any catalogue that has
such a theme is asked for it in these words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from importlib import resources

from pecrs.linking.facets import value_key


def theme_phrases(is_theme: Callable[[str], bool]) -> Mapping[str, tuple[str, ...]]:
    """Return phrases and the themes that they mean, what they say first and what is near to it behind.

    Args:
        is_theme: Whether the catalogue has a folded value as a theme.
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for theme, (words, near) in _table().items():
        if is_theme(theme):
            meant = [theme, *filter(is_theme, near)]
            for phrase in (theme, *words):
                found[phrase] += meant
    return {phrase: tuple(dict.fromkeys(meant)) for phrase, meant in found.items()}


@cache
def _table() -> Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return by theme its other words and the themes near to it, all folded."""
    text = (resources.files("pecrs.linking") / "theme_words.tsv").read_text(encoding="utf-8")
    found: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for theme, words, near in (line.split("\t") for line in text.splitlines()):
        known = found.get(value_key(theme), ((), ()))  # a plural is the same theme
        found[value_key(theme)] = ((*known[0], *_keys(words)), (*known[1], *_keys(near)))
    return found


def _keys(cell: str) -> tuple[str, ...]:
    return tuple(value_key(part) for part in cell.split("; ") if part)
