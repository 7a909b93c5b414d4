"""Labelled messages from wordings and a catalogue's facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import accumulate
from random import Random
from typing import Any

from pecrs.data.acts import ACTS, LabelledMessage, LabelledSpan
from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Speaker
from pecrs.data.templates.grammar import Piece, Wording, render, tidy
from pecrs.data.templates.grammar import slots as slots_of
from pecrs.data.templates.kinds import Kind, read_kinds, usable
from pecrs.data.templates.noise import typed
from pecrs.data.templates.slots import Slots, UnavailableError, asked_key
from pecrs.data.templates.values import Values, read_wordings

SOURCE = "templates"

_JOINED = 0.25
_ANY = ("opening", "offer", "chatter", "closing")
_CONNECTORS = (". ", ". ", ", ", ", ", "! ", " - ", "... ", " ")

Context = tuple[tuple[Speaker, str], ...]


def generate(
    catalogue: Catalogue, count: int, seed: int, held_out: bool = False, domain: str | None = None
) -> Iterator[LabelledMessage]:
    """Write labelled messages about a catalogue, as many different people would.

    Args:
        catalogue: Where titles, people, genres, keywords, series and years come from.
        count: How many.
        seed: The same seed gives the same messages.
        held_out: Whether to use the wordings that are kept for validation instead of the others.
        domain: What the items are: a key of ``domains`` in ``wordings/values.yaml``; by default guessed from the
            catalogue's fields.

    Yields:
        Messages whose acts, spans and facts are all known; of one in another language only that it is.

    Raises:
        ConfigError: If the domain is unknown.
    """
    writer = _Writer(Values(catalogue, domain), held_out)
    rng = Random(seed)
    for _ in range(count):
        yield writer.message(rng)


@dataclass(frozen=True, slots=True)
class _Setting:
    """A kind of context: what the recommender says last, what precedes it, and how often nothing does.

    ``asked`` are requests for what the message says that it asked for.
    """

    lines: tuple[Wording, ...]
    asked: tuple[Wording, ...]
    before: tuple[str, ...]
    empty: float


class _Writer:
    def __init__(self, values: Values, held_out: bool) -> None:
        self._values = values
        self._kinds = read_kinds(values, held_out)
        self._drawn = tuple(self._kinds.values())
        self._weights = tuple(accumulate(kind.weight for kind in self._drawn))
        self._named: dict[str, list[Kind]] = {}
        self._shortened: Mapping[str, Sequence[str]] = read_wordings("values")["shortened"]
        contexts: Mapping[str, Any] = read_wordings("contexts")
        self._settings = {
            name: _Setting(
                usable(record["lines"], values),
                usable(record.get("asked", ""), values),
                tuple(record["before"]),
                record.get("empty", 0.0),
            )
            for name, record in contexts.items()
        }
        joins: Mapping[str, Any] = read_wordings("joins")
        self._joins = [(context, join) for context, several in joins.items() for join in several]

    def message(self, rng: Random) -> LabelledMessage:
        while True:
            try:
                return self._message(rng)
            except UnavailableError:
                continue

    def _message(self, rng: Random) -> LabelledMessage:
        slots = Slots(self._values, rng)
        if rng.random() < _JOINED:
            setting, parts = self._join(rng)
        else:
            kind = rng.choices(self._drawn, cum_weights=self._weights)[0]
            setting, parts = rng.choice(kind.contexts), [kind]
        kinds = [part for part in parts if isinstance(part, Kind)]
        foreign = any("foreign" in kind.acts for kind in kinds)
        pieces = self._said(parts, slots, rng)
        context, question = self._context(rng.choice(_ANY) if setting == "any" else setting, slots, rng)
        acts = frozenset[str]().union(*(kind.acts for kind in kinds))
        facts = frozenset[str]().union(*(kind.facts for kind in kinds))
        text, spans = assembled(pieces if foreign else typed(pieces, rng, self._shortened))
        return LabelledMessage(
            context=context,
            text=text,
            acts=acts,
            known=frozenset({"foreign"} if foreign else ACTS),
            spans=spans,
            facts=facts or (question if "ask_fact" in acts else facts),
            facts_known=not foreign,
            source=SOURCE,
        )

    def _join(self, rng: Random) -> tuple[str, list[Kind | str]]:
        """Draw a context, and kinds (with connectors) that are said in it as one message."""
        context, join = rng.choice(self._joins)
        parts: list[Kind | str] = []
        for part in join:
            if part != part.strip():
                parts.append(part)
                continue
            fitting = [kind for kind in self._matching(part) if kind not in parts]
            if not fitting:
                raise UnavailableError(part)
            parts.append(rng.choice(fitting))
        return context, parts

    def _matching(self, pattern: str) -> list[Kind]:
        if pattern not in self._named:
            self._named[pattern] = [kind for name, kind in self._kinds.items() if fnmatchcase(name, pattern)]
        return self._named[pattern]

    def _said(self, parts: Sequence[Kind | str], slots: Slots, rng: Random) -> list[Piece]:
        pieces: list[Piece] = []
        connector = ""
        for part in parts:
            if isinstance(part, str):
                connector = part
                continue
            said = render(rng.choice(part.wordings), rng, slots, part.role)
            pieces = _connected(pieces, said, connector or rng.choice(_CONNECTORS)) if pieces else said
            connector = ""
        return pieces

    def _context(self, name: str, slots: Slots, rng: Random) -> tuple[Context, frozenset[str]]:
        """Draw what was said before, and the kinds of facts that were asked for in it."""
        setting = self._settings[name]
        if rng.random() < setting.empty:
            return (), frozenset()
        last = (Speaker.RECOMMENDER, _plain(render(rng.choice(setting.lines), rng, slots, "want")))
        before = rng.choice(setting.before)
        if before == "nothing":
            return (last,), frozenset()
        if before == "hello":
            return (self._seeker("greeting", rng), last), frozenset()
        if before == "question":
            asked, facts = self._question(slots, rng)
            return (asked, last), facts
        asked = self._asked(setting, slots, rng) if before == "asked" else self._seeker("request_*", rng)
        if before in ("request", "asked"):
            return (asked, last), frozenset()
        hello = rng.choice(self._settings["opening"].lines)
        greeted = (Speaker.RECOMMENDER, _plain(render(hello, rng, Slots(self._values, rng), "want")))
        return (greeted, asked, last), frozenset()

    def _asked(self, setting: _Setting, slots: Slots, rng: Random) -> tuple[Speaker, str]:
        """Ask for what the message says that was asked for; for anything where it says nothing of that."""
        keys = [set(filter(None, map(asked_key, slots_of(wording)))) for wording in setting.asked]
        fitting = [wording for wording, own in zip(setting.asked, keys, strict=True) if own <= slots.asked.keys()]
        if not fitting:
            return self._seeker("request_*", rng)
        said = render(rng.choice(fitting), rng, slots, "want")
        return Speaker.SEEKER, _plain(typed(said, rng, self._shortened))

    def _question(self, slots: Slots, rng: Random) -> tuple[tuple[Speaker, str], frozenset[str]]:
        """Ask for a fact, about the title that the message says was asked about."""
        kind, own = rng.choice(self._matching("*fact_*")), Slots(self._values, rng)
        said = render(
            rng.choice(kind.wordings), rng, lambda slot: slots("askedtitle") if slot == "title" else own(slot), "ask"
        )
        return (Speaker.SEEKER, _plain(typed(said, rng, self._shortened))), kind.facts

    def _seeker(self, pattern: str, rng: Random) -> tuple[Speaker, str]:
        kind = rng.choice(self._matching(pattern))
        said = render(rng.choice(kind.wordings), rng, Slots(self._values, rng), kind.role)
        return Speaker.SEEKER, _plain(typed(said, rng, self._shortened))


def _plain(pieces: Sequence[Piece]) -> str:
    text = "".join(piece.text for piece in pieces).strip()
    return text[0].upper() + text[1:] if text.endswith((".", "!", "?")) else text


def _connected(before: list[Piece], said: list[Piece], connector: str) -> list[Piece]:
    """Put two parts of a message together; after a comma the second begins small."""
    if before[-1].text[-1] in ".?!)":
        connector = " "
    first = said[0]
    if not first.kind and connector.rstrip()[-1:] not in (".", "!") and not re.match(r"I\b", first.text):
        said = [Piece(first.text[0].lower() + first.text[1:]), *said[1:]]
    return tidy([*before, Piece(connector), *said])


def assembled(pieces: Sequence[Piece]) -> tuple[str, tuple[LabelledSpan, ...]]:
    """Return the text and the spans; white space at its ends is dropped."""
    text, spans = "", []
    for piece in pieces:
        start = len(text)
        text += piece.text if text else piece.text.lstrip()
        if piece.kind:
            spans.append(LabelledSpan(start, len(text), piece.kind, piece.role))
    return text.rstrip(), tuple(spans)
