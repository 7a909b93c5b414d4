"""Wordings: texts with slots, alternatives and labelled words.

``[can you|could you] find a {kind} with {actor=avoid}, <newer:year>?`` holds two alternatives, a slot, a slot with a
role, and words that are a span of kind ``year``. Alternatives and spans may hold slots.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from pecrs.data.acts import KINDS, ROLES
from pecrs.errors import DataError

_OPENING = re.compile(r"[\[{<]")
_DETERMINER = re.compile(r"\b(?:the|an?|another|any|every|first|new) $", re.IGNORECASE)
_VOWEL = re.compile(r"(?!one\b|once\b|uni|use|euro)[aeiou]", re.IGNORECASE)
_CLOSING = {"[": "]", "{": "}", "<": ">"}
_SLOT = re.compile(r"(?P<name>[a-z]+\d?)(?:=(?P<role>[a-z]+))?")
_SPAN = re.compile(r"(?P<inside>.+):(?P<kind>[a-z]+)(?:=(?P<role>[a-z]+))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a message.

    Attributes:
        text: Its words.
        kind: What it names, of :data:`pecrs.data.acts.KINDS`, or None outside spans.
        role: The span's role.
    """

    text: str
    kind: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a value of the catalogue; the role is None where the message's own holds."""

    name: str
    role: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """Words that are a span."""

    inside: Wording
    kind: str
    role: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternatives, one of which is said."""

    options: tuple[Wording, ...]


Wording = tuple["str | Slot | Span | Choice", ...]


def parse(text: str) -> Wording:
    """Read a wording.

    Raises:
        DataError: If a bracket is not closed, or a kind or role is unknown.
    """
    nodes: list[str | Slot | Span | Choice] = []
    position = 0
    while match := _OPENING.search(text, position):
        end = _closing(text, match.start())
        if match.start() > position:
            nodes.append(text[position : match.start()])
        nodes.append(_node(match[0], text[match.end() : end]))
        position = end + 1
    return (*nodes, text[position:]) if position < len(text) else tuple(nodes)


def _closing(text: str, start: int) -> int:
    bracket, depth = text[start], 0
    for position in range(start, len(text)):
        depth += (text[position] == bracket) - (text[position] == _CLOSING[bracket])
        if depth == 0:
            return position
    raise DataError(f"{bracket} is not closed in {text!r}", field="wordings")


def _node(bracket: str, inside: str) -> Slot | Span | Choice:
    if bracket == "[":
        return Choice(tuple(parse(option) for option in _options(inside)))
    match = (_SLOT if bracket == "{" else _SPAN).fullmatch(inside)
    if match is None or match["role"] not in (None, *ROLES):
        raise DataError(f"{bracket}{inside}{_CLOSING[bracket]} cannot be read", field="wordings")
    if bracket == "{":
        return Slot(match["name"], match["role"])
    if match["kind"] not in KINDS:
        raise DataError(f"{match['kind']!r} is none of {', '.join(KINDS)}", field="wordings")
    return Span(parse(match["inside"]), match["kind"], match["role"])


def _options(inside: str) -> Iterator[str]:
    """Split alternatives at the bars that are not inside further brackets."""
    depth = start = 0
    for position, character in enumerate(inside):
        depth += (character in "[{<") - (character in "]}>")
        if character == "|" and depth == 0:
            yield inside[start:position]
            start = position + 1
    yield inside[start:]


def slots(wording: Wording) -> frozenset[str]:
    """Return the names of the slots that a wording may need."""
    names: set[str] = set()
    for node in wording:
        if isinstance(node, Slot):
            names.add(node.name)
        elif isinstance(node, Span):
            names |= slots(node.inside)
        elif isinstance(node, Choice):
            names.update(*(slots(option) for option in node.options))
    return frozenset(names)


def render(wording: Wording, rng: Random, fill: Callable[[str], Sequence[Piece]], role: str) -> list[Piece]:
    """Say a wording.

    Args:
        wording: What to say.
        rng: Chooses among alternatives.
        fill: Gives the pieces of a slot; the roles of those that have a kind are set here.
        role: The role of spans that state none.
    """
    pieces: list[Piece] = []
    for node in wording:
        if isinstance(node, str):
            pieces.append(Piece(node))
        elif isinstance(node, Slot):
            filled = fill(node.name)
            pieces += [replace(piece, role=node.role or role) if piece.kind else piece for piece in filled]
        elif isinstance(node, Span):
            text = "".join(piece.text for piece in render(node.inside, rng, fill, role))
            pieces.append(Piece(text, node.kind, node.role or role))
        else:
            pieces += render(rng.choice(node.options), rng, fill, role)
    return tidy(pieces)


def tidy(pieces: Sequence[Piece]) -> list[Piece]:
    """Put spaces and articles right where pieces meet, and drop empty ones: "a action", "any The Ring" are not said."""
    tidied: list[Piece] = []
    for piece in pieces:
        text = re.sub(r" {2,}", " ", piece.text)
        if not tidied or tidied[-1].text.endswith((" ", "\n")):
            text = text.lstrip(" ")
        if tidied and piece.kind and _DETERMINER.search(tidied[-1].text):
            text = text.removeprefix("The ")
        if tidied and piece.kind is None and tidied[-1].kind is None and re.match(r"[?.!,;]", text):
            tidied[-1] = replace(tidied[-1], text=tidied[-1].text.rstrip(" "))
        if not text:
            continue
        if tidied and _VOWEL.match(text) and re.search(r"\b[aA] $", tidied[-1].text):
            tidied[-1] = replace(tidied[-1], text=f"{tidied[-1].text[:-1]}n ")
        tidied.append(replace(piece, text=text))
    return [piece for piece in tidied if piece.text]
