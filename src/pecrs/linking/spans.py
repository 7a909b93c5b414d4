"""Spans of a text, each from its first character to behind its last: which meet, and what is left without them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

Span = tuple[int, int]


class _Placed(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def spans_of(found: Iterable[_Placed]) -> list[Span]:
    """Return where what was found in a text stands."""
    return [(one.start, one.end) for one in found]


def meets(span: Span, others: Iterable[Span]) -> bool:
    """Tell whether a span shares characters with one of some others.

    >>> meets((0, 4), [(3, 9)]), meets((0, 4), [(4, 9)])
    (True, False)
    """
    return any(span[0] < end and start < span[1] for start, end in others)


def inside(span: Span, others: Iterable[Span]) -> Span | None:
    """Return the first of some others that holds all of a span; None where none does.

    >>> inside((2, 4), [(3, 9), (0, 4)]), inside((2, 4), [(3, 9)])
    ((0, 4), None)
    """
    return next(((start, end) for start, end in others if start <= span[0] and span[1] <= end), None)


def without_spans(text: str, spans: Iterable[Span], instead: str = "") -> str:
    """Return a text without some spans, which may meet each other.

    >>> without_spans("a slow sad film", [(2, 10), (7, 11), (2, 10)])
    'a film'

    Args:
        text: Any text.
        spans: What is left out of it.
        instead: Stands in the place of each of them.
    """
    kept, reached = "", 0
    for start, end in sorted(spans):
        if start >= reached:
            kept += text[reached:start] + instead
        reached = max(reached, end)
    return kept + text[reached:]


def masked(text: str, spans: Iterable[Span]) -> str:
    """Return a text of the same length in which what stands in some spans is no word.

    >>> masked("The Other Woman with", [(0, 15)])
    '############### with'
    """
    letters = list(text)
    for start, end in spans:
        letters[start:end] = "#" * (end - start)
    return "".join(letters)
