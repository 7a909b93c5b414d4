"""How people type: in lower case, without punctuation or apostrophes, in short forms, with mistakes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random

from pecrs.data.templates.grammar import Piece

_MISTAKES, _MISTAKES_IN_NAMES = 0.1, 0.04
STYLES: tuple[str, ...] = ("neat", "lower", "plain", "hasty")
"""Habits: with capitals and full stops, in lower case, without punctuation too, and in short forms with slips."""
_SHARES = (0.36, 0.28, 0.2, 0.16)
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {key: row[max(0, i - 1) : i] + row[i + 1 : i + 2] for row in _ROWS for i, key in enumerate(row)}
_QUESTION = re.compile(
    r"(?:and |so |but |ok |hm+ )?(?:what|whats|which|who|whose|where|when|why|how|is|are|am|was|were|do|does|did|can|"
    r"could|would|will|should|have|has|any|anything|got|isn't|wanna)\b",
    re.IGNORECASE,
)

Pieces = Sequence[Piece]


def draw_style(rng: Random) -> str:
    """Draw one of :data:`STYLES`, as often as people have it."""
    return rng.choices(STYLES, _SHARES)[0]


def typed(pieces: Pieces, rng: Random, shortened: Mapping[str, Sequence[str]], style: str | None = None) -> Pieces:
    """Return a message as one of many people would type it.

    Args:
        pieces: The message.
        rng: Chooses the person, or where the style is given, the slips.
        shortened: Short forms and common misspellings by word.
        style: One of :data:`STYLES`; None draws one.
    """
    if not any(piece.text.strip(" ?!.") for piece in pieces):
        return pieces
    style = style or draw_style(rng)
    if style == "neat":
        return _finished(_sentence_case(pieces), rng)
    if rng.random() < 0.9:
        pieces = _changed(pieces, str.lower)
    else:
        pieces = [piece if piece.kind else replace(piece, text=piece.text.lower()) for piece in pieces]
    if style == "plain" or (style == "hasty" and rng.random() < 0.5):
        pieces = _words_changed(pieces, _without_punctuation)
    if style == "hasty":
        pieces = _words_changed(pieces, lambda text: _short(text, rng, shortened))
        pieces = [_mistyped(piece, rng) for piece in pieces]
    return _changed(pieces, str.upper) if rng.random() < 0.03 else pieces


def _changed(pieces: Pieces, change: Callable[[str], str]) -> Pieces:
    return [replace(piece, text=change(piece.text)) for piece in pieces]


def _words_changed(pieces: Pieces, change: Callable[[str], str]) -> Pieces:
    """Change what is not a span."""
    return [piece if piece.kind else replace(piece, text=change(piece.text)) for piece in pieces]


def _sentence_case(pieces: Pieces) -> Pieces:
    cased, begins = [], True
    for piece in pieces:
        text = piece.text
        if begins and text:
            text = text[0].upper() + text[1:]
        text = re.sub(r"([.?!]\s+)([a-z])", lambda match: match[1] + match[2].upper(), text)
        cased.append(replace(piece, text=text))
        begins = re.search(r"[.?!]\s+$", text) is not None
    return cased


def _finished(pieces: Pieces, rng: Random) -> Pieces:
    if not pieces[-1].text[-1].isalnum() or rng.random() > 0.7:
        return pieces
    last = re.split(r"[.?!]\s+", "".join(piece.text for piece in pieces))[-1]
    return [*pieces, Piece("?" if _QUESTION.match(last) else rng.choices(".!", (0.85, 0.15))[0])]


def _without_punctuation(text: str) -> str:
    text = re.sub(r"[?.!,;:]+(?=\s|$)", "", text)
    return re.sub(r"(?<=\w)['’](?=\w)", "", text)


def _short(text: str, rng: Random, shortened: Mapping[str, Sequence[str]]) -> str:
    for word, forms in shortened.items():
        if rng.random() < 0.4:
            text = re.sub(rf"\b{re.escape(word)}\b", rng.choice(forms), text)
    return text


def _mistyped(piece: Piece, rng: Random) -> Piece:
    share = _MISTAKES_IN_NAMES if piece.kind else _MISTAKES

    def change(match: re.Match[str]) -> str:
        return _mistake(match[0], rng) if rng.random() < share else match[0]

    return replace(piece, text=re.sub(r"[a-z]{4,}", change, piece.text))


def _mistake(word: str, rng: Random) -> str:
    """Hit a neighbouring key, double, leave out or swap letters; the first letter stays."""
    at = rng.randrange(1, len(word) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    neighbour = word[:at] + rng.choice(_NEIGHBOURS[word[at]]) + word[at + 1 :]
    return rng.choice((swapped, neighbour, word[:at] + word[at] + word[at:], word[:at] + word[at + 1 :]))
