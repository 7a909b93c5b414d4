"""Known words written otherwise: "water proof", "head lamp" and "backpak" for "waterproof", "headlamp" and "backpack".

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process

from pecrs.linking.facets import stem, value_key

_SHORTEST = 6
_ALIKE = 86
"""How alike, of a hundred, a misspelt word is to the right one at least."""


class Respelling:
    """The phrases of one catalogue, found in other spellings."""

    def __init__(self, phrases: Iterable[str], guessed: Iterable[str]) -> None:
        """Index phrases without their spaces.

        Args:
            phrases: Folded.
            guessed: Those of them that a misspelt word may stand for, if they are of one word.
        """
        self._phrases = frozenset(phrases)
        self._joined = {phrase.replace(" ", ""): phrase for phrase in self._phrases if " " in phrase}
        self._single = sorted({phrase for phrase in guessed if " " not in phrase and len(phrase) >= _SHORTEST - 1})

    def respaced(self, words: Sequence[str]) -> str:
        """Return words with the spaces of a known phrase; where there is none, as they are.

        Args:
            words: Folded; one word may be two, and two may be one.
        """
        said, joined = " ".join(words), "".join(words)
        forms = (joined, stem(joined))
        if len(joined) < _SHORTEST or len(words) > 2 or said in self._phrases or value_key(said) in self._phrases:
            return said
        if len(words) == 2:
            return next((form for form in forms if form in self._phrases), said)
        return next((self._joined[form] for form in forms if form in self._joined), said)

    def nearest(self, word: str) -> str:
        """Return the phrase of one word that is most like a misspelt one; empty where none is like it."""
        best = process.extractOne(word, self._single, scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return best[0] if best else ""
