"""Values said together that a catalogue may also have as one tag: "french comedy", "horror comedy", "teen comedy".

Who asks for a French comedy wants a comedy, and in French, whatever few items are tagged so. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pecrs.linking.descriptions import spellings
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS, stem
from pecrs.linking.tones import ORIGIN

Words = Sequence[tuple[int, int, str]]
"""Words of a text: first character, one past the last, folded."""

NATIONAL = frozenset({"language", "country"})
"""Fields of where an item is from."""

_TOLD_OF = frozenset({"history", "war", "music", "sport", "news", "family", "short", "fiction"})
"""Kinds that are rather told of behind another word: "American history", "a crime family"."""

_NOT_APART = re.compile(
    r"(?:\babout|\b(?:no|not|nothing|never|without|hates?|other than|except)\b[^.,;:!?]*|n['’]t\b[^.,;:!?]*)\s*$",
    re.IGNORECASE,
)
"""Before words that mean one thing together: "about American crime", "no teen comedies"."""

_NAMED_SHORT = re.compile(
    r"\s+(?:(?:animated|animation|live[- ]action)\s+)?(?:films?|movies?|subjects?|stor(?:y|ies))\b", re.IGNORECASE
)


class Compounds:
    """Tells words apart that a catalogue has as one theme too."""

    def __init__(self, phrases: Mapping[str, Sequence[str]], fields: Mapping[str, Sequence[str]]) -> None:
        """Keep what the catalogue's words mean.

        Args:
            phrases: Folded phrases with the folded values that they mean, the likeliest first.
            fields: Folded values with the fields that have them.
        """
        self._phrases, self._fields = phrases, fields

    def apart(self, text: str, words: Words, keys: Sequence[str]) -> tuple[int, list[tuple[int, int, str]]]:
        """Return how many of some words still say what they say together, and the values of the others.

        None do where each is a kind or a nationality; the last one does not where it alone is a kind.

        Args:
            text: A message.
            words: Some of its words, next to each other.
            keys: The folded values that they mean together.
        """
        whole = len(words), list[tuple[int, int, str]]()
        if len(words) < 2 or self._field(keys[0]) not in THEME_FIELDS or _NOT_APART.search(text[: words[0][0]]):
            return whole
        said = [self._kind(word) for *_, word in words]
        if self._field(said[-1]) not in KIND_FIELDS or said[-1] in _TOLD_OF:
            return whole
        if all(said) and "family" not in said:
            return 0, [(start, end, key) for (start, end, _), key in zip(words, said, strict=True)]
        return len(words) - 1, [(*words[-1][:2], said[-1])]

    def is_length(self, text: str, words: Words, keys: Sequence[str]) -> bool:
        """Tell whether "short" says how long an item is, and not that it is a short film.

        Args:
            text: A message.
            words: Some of its words.
            keys: The folded values that they mean.
        """
        alone = len(words) == 1 and words[0][2] == "short" and self._field(keys[0]) in KIND_FIELDS
        return alone and not _NAMED_SHORT.match(text, words[0][1])

    def _kind(self, word: str) -> str:
        """Return the kind or the nationality that a word names; empty if it names none, or only what is like one."""
        for form in (word, stem(word)):
            key = next(iter(self._phrases.get(form, ())), "")
            field = self._field(key)
            if field in (*NATIONAL, ORIGIN) or (field in KIND_FIELDS and form in (key, *spellings(key))):
                return key
        return ""

    def _field(self, key: str) -> str:
        return next(iter(self._fields.get(key, ())), "")
