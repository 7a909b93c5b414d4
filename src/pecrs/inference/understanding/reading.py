"""What was read in one message: its acts, and what the things it names mean to the person.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from pecrs.data.acts import QUESTIONS, REQUESTS
from pecrs.inference.understanding.exclaiming import exclaims
from pecrs.inference.understanding.further import further_start
from pecrs.inference.understanding.pointing import points_back
from pecrs.inference.understanding.refusals import refused as refused_in
from pecrs.linking.lexicon import OPENING
from pecrs.linking.quantities import Quantity
from pecrs.linking.spans import masked, spans_of
from pecrs.linking.unknown import UnknownName
from pecrs.linking.values import FacetValue, is_of


@dataclass(frozen=True, slots=True)
class ReadItem:
    """An item that a message names, or points at ("the second one").

    Attributes:
        item: Its identifier.
        role: What the person says of it, of :data:`pecrs.data.acts.ROLES`.
        start: First character of the words.
        end: One past the last.
    """

    item: str
    role: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class ReadValue:
    """A catalogue value or a quantity that a message says.

    Attributes:
        value: What was found.
        role: What the person says of it.
        chance: How likely it is, to the model, that it is not said by the way.
    """

    value: FacetValue | Quantity
    role: str
    chance: float = field(default=1.0, compare=False)

    def as_said(self, role: str) -> ReadValue:
        """Return it in the role that plain words give it; what they want is meant, whatever the model made of it."""
        return replace(self, role=role, chance=1.0 if self.role == "incidental" != role else self.chance)

    def as_wanted(self) -> ReadValue:
        """Return it as wanted where it is only asked about or said by the way."""
        return self.as_said("want") if self.role in ("ask", "incidental") else self

    @property
    def start(self) -> int:
        """The first character of its words."""
        return self.value.start

    @property
    def end(self) -> int:
        """One past the last."""
        return self.value.end


@dataclass(frozen=True)
class Reading:
    """One message, read.

    Attributes:
        text: The message.
        acts: Probability of each act.
        items: Items named or pointed at, in order.
        values: Catalogue values and quantities, in order.
        facts: Kinds of facts asked for, the most likely first.
        unknown: Names that the catalogue lacks, in order.
        thresholds: From which probability on an act is taken to hold; one half where it is not given.
        dropped: Columns and kinds of numbers that no longer matter to the person.
        missing: Kinds of things asked for that the catalogue does not have, in the person's words.
        parts: Its sentences, read one by one, where it has several.
        about: Whether what its item is about is to be told, whatever else was read as the fact asked for.
        unmeant: Items that were taken for what the person means, and are not.
    """

    text: str
    acts: Mapping[str, float] = field(default_factory=dict)
    items: tuple[ReadItem, ...] = ()
    values: tuple[ReadValue, ...] = ()
    facts: tuple[str, ...] = ()
    unknown: tuple[UnknownName, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    dropped: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    parts: tuple[Reading, ...] = ()
    about: bool = False
    unmeant: tuple[str, ...] = ()

    @property
    def questions(self) -> tuple[Reading, ...]:
        """The sentences that ask something about an item."""
        return tuple(
            part
            for part in self.parts
            if part.has(*QUESTIONS)
            and _questions(part)
            and not (asks_for_items(part) or (len(self.parts) > 1 and exclaims(part.text)))
        )

    def has(self, *acts: str) -> bool:
        """Tell whether at least one of some acts holds."""
        return any(self.acts.get(act, 0.0) >= self.thresholds.get(act, 0.5) for act in acts)

    def roles(self, *roles: str) -> tuple[str, ...]:
        """Return the items with one of some roles."""
        return tuple(entry.item for entry in self.items if entry.role in roles)

    def asking(self, *instead_of: str) -> Reading:
        """Return it as a question about the items that it names; it asks for none, and does none of some other acts."""
        acts = {**self.acts, **dict.fromkeys((*REQUESTS, *instead_of), 0.0), "ask_fact": 1.0}
        return replace(self, acts=acts, items=tuple(replace(entry, role="ask") for entry in self.items))


def _questions(part: Reading) -> bool:
    """Tell whether a sentence is a question, a title before it set aside: "Fargo, who wrote it"."""
    rest = part.text[part.items[-1].end :].lstrip(" ,:–-") if part.items else ""
    return is_question(part.text) or opens_question(rest)


SWALLOWING = ("accept", "thanks", "praise", "goodbye", "small_talk", "inform", "affirm")
"""Acts beside which a request is easily overheard."""


_DEMANDS = re.compile(
    r"\b(?:but|only|except)\b[^.!?]*?\b(?:gotta|got to|ha(?:s|ve) to|must|needs? to|should|rather)\b", re.IGNORECASE
)
"""What settles on nothing, however it begins: "looks cute, but it has to be from before 2000"."""


def further_from(reading: Reading) -> int | None:
    """Return where a message begins to ask for one more item, titles set aside: "The Other Woman with" asks none."""
    return further_start(masked(reading.text, spans_of(reading.items)))


def asking_further(reading: Reading) -> Reading:
    """Return a reading in which who settles, thanks or praises, and asks for one more item, asks for it.

    What those words name is wanted; what was asked of an item before them is still asked.

    Args:
        reading: As its plain words put it right.
    """
    demand = _DEMANDS.search(reading.text)
    if demand and any(read.role == "want" and read.value.start >= demand.start() for read in reading.values):
        reading = replace(reading, acts={**reading.acts, "accept": 0.0, "refine": 1.0})
    start = further_from(reading)
    alone = reading.has("ask_fact") and not (reading.items or points_back(reading.text))
    if start is None:
        return reading
    owed = reading.text[start:].lower().startswith(("you ", "u "))
    if not (alone or owed or reading.has(*SWALLOWING) or not reading.has(*reading.acts)):
        return reading
    doubtless = refused_in(reading.text, [(read.start, read.end) for read in reading.values])
    values = tuple(
        replace(read, role="avoid" if no else "want")
        if read.value.start >= start and read.role in ("ask", "incidental")
        else read
        for read, no in zip(reading.values, doubtless, strict=True)
    )
    anew = any(
        isinstance(read.value, FacetValue) and not read.value.scaled and read.role in ("want", "like")
        for read in values
        if read.value.start >= start
    )
    acts = {**reading.acts, "small_talk": 0.0, "goodbye": 0.0, "ask_recommendation" if anew else "ask_more": 1.0}
    acts |= {} if is_question(reading.text[: start + 1]) else {"ask_fact": 0.0}
    acts |= {"reject": 0.0} if owed else {"refine": 0.0} if anew else {}
    return replace(reading, acts=acts, values=values)


def said_once(values: Iterable[ReadValue], people: Collection[str]) -> tuple[ReadValue, ...]:
    """Return values without those that name again, in the same role, whom another one names more exactly.

    Args:
        values: As they were read.
        people: Fields that hold people.
    """
    kept: list[ReadValue] = []
    for read in values:
        own = read.value
        same = [other for other in kept if is_of(own, *people) and _names_again(other, read)]
        if same and isinstance(own, FacetValue):
            other = same[0].value
            if isinstance(other, FacetValue) and len(own.fields) < len(other.fields):
                kept[kept.index(same[0])] = read
        else:
            kept.append(read)
    return tuple(kept)


def _names_again(read: ReadValue, other: ReadValue) -> bool:
    one, two = read.value, other.value
    if not (isinstance(one, FacetValue) and isinstance(two, FacetValue)) or read.role != other.role:
        return False
    if read.role == "incidental" and one.start != two.start:
        return False  # it may still be asked for in one of the places
    return one.key == two.key and bool(set(one.fields) & set(two.fields)) and one.start != two.start


def key_of(value: FacetValue | Quantity) -> object:
    """Return what a value is, wherever it stands."""
    return value.key if isinstance(value, FacetValue) else (value.kind, value.low, value.high)


def asks_for_items(reading: Reading) -> bool:
    """Tell whether a sentence asks for items, and its words say so or say which."""
    says = any(read.role == "want" for read in reading.values) or reading.roles("like", "want")
    further = OTHER.search(reading.text) is not None or further_from(reading) is not None
    plainly = _DESIRES.match(reading.text) is not None and any(r.role in ("want", "avoid") for r in reading.values)
    return plainly or (reading.has(*REQUESTS) and (bool(says) or further))


_DESIRES = re.compile(
    rf"^\W*{OPENING}(?:(?:something|anything|give me|show me|find me|"
    r"rather)\b|(?:i|we)(?:['’]?d)? (?:want|need|prefer|would like|like(?= to (?:see|watch|read))|rather)\b)",
    re.IGNORECASE,
)
"""Beginnings of a request, whatever the sentences before it ask."""


OTHER = re.compile(r"\b(?:another|else|others?|more (?:options|choices|like)|next|different)\b", re.IGNORECASE)
"""Words that ask for something not named yet."""

_AUXILIARY = r"(?:is|are|was|were|does|do|did|has|have|can|could|would|will)"
_ASKS = re.compile(
    r"\?|\b(?:wh(?:o|os|ose|at|ats|en|ens|ere|eres|ich|y)|hows?|tell|know|"
    rf"{_AUXILIARY} (?:it|its|that|this|he|she|they|there|any\w*|some\w*|you|u|ya|i|we|the|my|people)|right\W*$|"
    r"explain|describe|info|plot|cast|director|writer|author|rating|runtime|length|year|story|more about)\b"
    r"(?! (?:does|is|need)(?:n['’]?t| not)\b)|"
    rf"(?:^|[.,;:!–-]\s*|\b(?:and|but|so|or|n)\s+)\W*{OPENING}{_AUXILIARY}\b",
    re.IGNORECASE,
)
_OPENS_QUESTION = re.compile(
    rf"(?:^|\s[-–—]+\s|:\s)\W*{OPENING}"
    r"(?:(?:who|what|when|where|how)s?|(?:who|what|when|where|how)['’]s|whose|which|why|is|are|was|were|does|do|did|"
    r"has|have|tell me|the \w+,? please)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\?\W*$")


def opens_question(text: str) -> bool:
    """Tell whether a sentence begins as a question does, whatever its end."""
    return _OPENS_QUESTION.search(text) is not None


def is_question(text: str) -> bool:
    """Tell whether a sentence has the form of a question."""
    return _ASKED.search(text) is not None or opens_question(text)


def asks(text: str) -> bool:
    """Tell whether words may ask something at all."""
    return _ASKS.search(text) is not None


def likeliest(acts: Mapping[str, float], thresholds: Mapping[str, float], least: float = 0.3) -> Mapping[str, float]:
    """Return acts of which at least one holds: the likeliest where none does, if it is not too unlikely.

    >>> likeliest({"ask_fact": 0.4, "thanks": 0.1}, {})["ask_fact"]
    1.0
    """
    if any(chance >= thresholds.get(act, 0.5) for act, chance in acts.items()):
        return acts
    best = max(acts, key=lambda act: acts[act] / thresholds.get(act, 0.5))
    return {**acts, best: 1.0} if acts[best] >= least else acts
