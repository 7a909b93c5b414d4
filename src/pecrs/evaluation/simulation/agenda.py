"""Users with an agenda: what they say follows from their wants and the last reply, in one of many wordings.

Source: Schatzmann et al., "Agenda-Based User Simulation for Bootstrapping a POMDP Dialogue System", NAACL 2007.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from random import Random
from typing import Any

import yaml

from pecrs.data.catalogue import Catalogue
from pecrs.data.templates.grammar import Piece, parse, render, tidy
from pecrs.data.templates.noise import typed
from pecrs.data.templates.values import Values, read_wordings
from pecrs.evaluation.simulation.conversation import Exchange, Message, Verdict
from pecrs.evaluation.simulation.facets import DECADE, Facet
from pecrs.evaluation.simulation.judging import FACTS, fact_answers
from pecrs.evaluation.simulation.users import Profile

_KINDS = {"genre": "genre", "keyword": "keyword", DECADE: "year"}
_LIKED_FIRST = 0.6
_WITH_MORE = 0.6


@cache
def read_said() -> Mapping[str, Any]:
    """Return the wordings by act, and where they differ by what is told, by slot."""
    text = resources.files("pecrs.evaluation.simulation").joinpath("wordings.yaml").read_text(encoding="utf-8")
    said: Mapping[str, Any] = yaml.safe_load(text)
    return said


@dataclass
class AgendaUsers:
    """Speaks for users; the same profile, dialogue and catalogue give the same words.

    Attributes:
        catalogue: What the users know of items.
    """

    catalogue: Catalogue
    at_once: int = 1
    _values: Values = field(init=False)

    def __post_init__(self) -> None:
        """Collect how values are said."""
        self._values = Values(self.catalogue)

    def speak(self, dialogues: Sequence[tuple[Profile, Sequence[Exchange]]]) -> list[Message]:
        """Return each user's next message.

        Args:
            dialogues: Users, and what was said so far.
        """
        return [self._message(profile, before) for profile, before in dialogues]

    def end(self, profile: Profile, accepted: bool) -> str:
        """Return a user's last words, which nobody answers."""
        speech = _Speech(self._values, profile, -1)
        speech.say("accept" if accepted else "leave")
        return speech.typed()

    def _message(self, profile: Profile, before: Sequence[Exchange]) -> Message:
        speech = _Speech(self._values, profile, len(before))
        asked = self._question(profile, before, speech.lot)
        if asked is not None:
            speech.say("ask", asked)
            return Message(speech.typed(), asks=asked, about=before[-1].judgement.item)
        said = {facet for exchange in before for facet in exchange.message.disclosed}
        left = [facet for facet in profile.wants if facet not in said]
        disclosed, liked = self._react(speech, profile, before, left)
        return Message(speech.typed(), disclosed, liked)

    def _question(self, profile: Profile, before: Sequence[Exchange], lot: Random) -> str | None:
        """Return a fact that the user asks for before going on, once a conversation."""
        if not before or before[-1].judgement.verdict not in (Verdict.FITS, Verdict.MISFIT):
            return None
        last = before[-1].judgement
        if last.item is None or any(exchange.message.asks for exchange in before) or lot.random() >= profile.curious:
            return None
        item = self.catalogue[last.item]
        known = [fact for fact in FACTS if fact_answers(item, fact)]
        return lot.choice(known) if known else None

    def _react(
        self, speech: _Speech, profile: Profile, before: Sequence[Exchange], left: Sequence[Facet]
    ) -> tuple[tuple[Facet, ...], tuple[str, ...]]:
        """Say what follows from the last reply; return what that tells: facets and liked items."""
        if not before:
            liked = profile.liked if profile.liked and speech.lot.random() < _LIKED_FIRST else ()
            if liked:
                speech.say("liked", title=" and ".join(self.catalogue[item].title for item in liked))
            return speech.tell("open", left[:1]) + self._eagerly(speech, profile, left[1:]), liked
        rated = [exchange.judgement for exchange in before if exchange.message.asks is None]
        last, lot = rated[-1], speech.lot
        if last.verdict is Verdict.ASKED:
            if not left:
                speech.say("unsure")
            return speech.tell("refine", left[:1]) + self._eagerly(speech, profile, left[1:]), ()
        if last.verdict is Verdict.VIOLATES and last.facet is not None:
            speech.again(last.facet)
            return (), ()
        if last.verdict is Verdict.MISFIT and last.facet is not None:
            if lot.random() < _WITH_MORE:
                speech.say("miss")
            return speech.tell("refine", [last.facet]), ()
        speech.say({Verdict.SEEN: "seen", Verdict.REPEAT: "repeat"}.get(last.verdict, "miss"))
        if left and lot.random() < _WITH_MORE:
            return speech.tell("refine", left[:1]), ()
        speech.say("another")
        return (), ()

    def _eagerly(self, speech: _Speech, profile: Profile, left: Sequence[Facet]) -> tuple[Facet, ...]:
        return speech.tell("refine", left[:1]) if left and speech.lot.random() < profile.eager else ()


class _Speech:
    """A message in the making."""

    def __init__(self, values: Values, profile: Profile, place: int) -> None:
        self.lot = Random(f"{profile.seed} message {place}")
        self._values, self._style = values, profile.style
        self._noun, self._nouns = Random(profile.seed).choice(values.speech["nouns"])
        self._pieces: list[Piece] = []

    def say(self, *names: str, facet: Facet | None = None, title: str = "") -> None:
        """Add a sentence of the wordings under some keys."""
        lines: Any = read_said()
        for name in names:
            lines = lines[name]
        wording = parse(self.lot.choice(lines.strip().splitlines()).strip())
        said = render(wording, self.lot, lambda slot: self._fill(slot, facet, title), "want")
        gap = [Piece(self.lot.choice((". ", ". ", ", ")))] if self._pieces else []
        if gap and self._pieces[-1].text[-1] in ".?!":
            gap = [Piece(" ")]
        self._pieces = tidy([*self._pieces, *gap, *said])

    def tell(self, act: str, facets: Sequence[Facet]) -> tuple[Facet, ...]:
        """Add a sentence about each facet, and return them."""
        for facet in facets:
            self.say("refine" if facet.refused else act, "refused" if facet.refused else facet.slot, facet=facet)
        return tuple(facets)

    def again(self, facet: Facet) -> None:
        """Say once more what was said before."""
        self.say("again", "refused" if facet.refused else "wanted", facet=facet)

    def typed(self) -> str:
        """Return the message as the user types it."""
        pieces = typed(self._pieces, self.lot, read_wordings("values")["shortened"], self._style)
        return "".join(piece.text for piece in pieces).strip()

    def _fill(self, slot: str, facet: Facet | None, title: str) -> list[Piece]:
        if slot in ("noun", "nouns"):
            return [Piece(self._noun if slot == "noun" else self._nouns)]
        if slot == "title":
            return [Piece(title, "title")]
        if slot in self._values.speech:
            return [Piece(self.lot.choice(self._values.speech[slot]))]
        assert facet is not None
        if slot == "value":
            return [Piece(self._value(facet), _KINDS.get(facet.slot, "person"))]
        _, before, one, several = self._values.genre_forms(facet.value.lower())
        alone = several if slot == "kinds" else one
        if alone and self.lot.random() < _WITH_MORE:
            return [Piece(self.lot.choice(alone), "genre")]
        return [Piece(self.lot.choice(before), "genre"), Piece(f" {self._nouns if slot == 'kinds' else self._noun}")]

    def _value(self, facet: Facet) -> str:
        if facet.slot == DECADE:
            return self.lot.choice(self._values.decade_forms(facet.value))
        if facet.slot == "genre":
            return self.lot.choice(self._values.genre_forms(facet.value.lower())[0])
        return facet.value
