"""What was read in one message: its acts, and what the things it names mean to the person.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from pecrs.linking.quantities import Quantity
from pecrs.linking.values import FacetValue


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
    """

    value: FacetValue | Quantity
    role: str


@dataclass(frozen=True)
class Reading:
    """One message, read.

    Attributes:
        text: The message.
        acts: Probability of each act.
        items: Items named or pointed at, in order.
        values: Catalogue values and quantities, in order.
        facts: Kinds of facts asked for, the most likely first.
        thresholds: From which probability on an act is taken to hold; one half where it is not given.
        dropped: Columns and kinds of numbers that no longer matter to the person.
        missing: Kinds of things asked for that the catalogue does not have, in the person's words.
    """

    text: str
    acts: Mapping[str, float] = field(default_factory=dict)
    items: tuple[ReadItem, ...] = ()
    values: tuple[ReadValue, ...] = ()
    facts: tuple[str, ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    dropped: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def has(self, *acts: str) -> bool:
        """Tell whether at least one of some acts holds."""
        return any(self.acts.get(act, 0.0) >= self.thresholds.get(act, 0.5) for act in acts)

    def roles(self, *roles: str) -> tuple[str, ...]:
        """Return the items with one of some roles."""
        return tuple(entry.item for entry in self.items if entry.role in roles)


def answering_offer(reading: Reading) -> Reading:
    """Return what a message means right after an offer: a bare "no" turns it down, a bare "yes" takes it.

    >>> answering_offer(Reading("no", {"negate": 0.9})).has("reject")
    True
    """
    content = ("ask_recommendation", "ask_more", "ask_list", "refine", "change_mind", "ask_fact", "ask_why", "compare",
               "give_preference", "seen", "not_seen", "reject", "accept", "praise")  # fmt: skip
    if reading.has(*content):
        return reading
    meant = [answer for act, answer in (("negate", "reject"), ("affirm", "accept")) if reading.has(act)]
    return replace(reading, acts={**reading.acts, **dict.fromkeys(meant, 1.0)})


_NEGATED = re.compile(
    r"(?:\b(?:not|less|no|nothing|never|without)|\b(?:do|does|is|did|was|are|ca|wo|could|should|would|has|have)n['’]?t)"
    r"(?: (?:a|an|so|too|very|that|the|quite|really|any|another|anything|something|want|to|see|watch|read|with|by|"
    r"from|starring|about|movies?|films?|books?))*\s*$",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"\?|\b(?:wh(?:o|os|ose|at|ats|en|ere|ich|y)|how|is|are|was|were|does|do|did|has|have|can|could|would|tell|know|"
    r"explain|describe|info|plot|cast|director|writer|author|rating|runtime|length|year|story|more about)\b",
    re.IGNORECASE,
)
_TAKES = re.compile(
    r"^(?:(?:ok|okay|great|fine|good|cool|perfect|yes|alright|then|hm+|thanks|so)\W+)*"
    r"(?:i['’]?ll|we['’]?ll|let['’]?s|i will|we will|i|we)\s+(?:take|go with|go for|pick|choose|watch|try)\b"
    r"(?! (?:something|anything|a|an|some)\b)",
    re.IGNORECASE,
)
_BOUNDED = re.compile(r"not?\b|at (?:least|most)\b", re.IGNORECASE)
_REFUSING = re.compile(
    r"\b(?:no|not|nothing|never|without|except|minus|too|less|hate|dislike|avoid|sick|tired|stand)\b|n['’]?t\b",
    re.IGNORECASE,
)
_TOO = re.compile(r"\btoo\s*$", re.IGNORECASE)
_ANSWERED = ("ask_fact", "ask_why", "compare")
_ASKED = ("ask_recommendation", "ask_more", "ask_list", "refine", "change_mind")


def grounded(reading: Reading, people: Collection[str] = ()) -> Reading:
    """Return a reading whose roles agree with its acts and with words that leave no doubt.

    Nothing is asked about where no question was read; a person named in a request is asked for, not named by the way;
    "not too long" and "too old" refuse what is long and old. A person asked about, where no item is, is one whose
    items are asked for.

    Args:
        reading: As the model read it.
        people: Fields that hold people.
    """
    reading = _plainly(reading)
    question, request = reading.has(*_ANSWERED), reading.has(*_ASKED)
    such = _asks_for_such(reading)
    values: list[ReadValue] = []
    for read in reading.values:
        role, value = read.role, read.value
        person = isinstance(value, FacetValue) and value.fields[0] in people
        works = person and not reading.items and _WORKS.search(reading.text)
        if role == "ask" and (not question or such or works):
            role = "want"
        if role == "incidental" and person and (request or not question):
            role = "want"
        before = reading.text[: value.start]
        if isinstance(value, Quantity) and role in ("avoid", "dislike") and not _refused(reading, value):
            role = "want"
        if isinstance(value, FacetValue) and value.scaled:
            refused = _NEGATED.search(before) or _TOO.search(before) or _TOO.match(reading.text[value.start :][:4])
            role = "avoid" if refused and role != "incidental" else role
        elif isinstance(value, FacetValue) and role in ("want", "like") and _NEGATED.search(before):
            role = "avoid"
        values.append(ReadValue(value, role))
    changed = any(new.role == "want" and old.role == "ask" for new, old in zip(values, reading.values, strict=True))
    acts = dict(reading.acts)
    if changed and question:
        acts |= {"ask_fact": 0.0, "ask_recommendation" if such else "ask_list": 1.0}
    return replace(reading, values=tuple(values), acts=acts)


def _refused(reading: Reading, number: Quantity) -> bool:
    """Tell whether a number is refused: a word between it and the value before it, or the clause's start, says so."""
    begin = max([read.value.end for read in reading.values if read.value.end <= number.start], default=0)
    clause = re.split(r"[,.;:!?]", reading.text[begin : number.start])[-1]
    return bool(_REFUSING.search(clause)) and not _BOUNDED.match(reading.text[number.start :])


def _plainly(reading: Reading) -> Reading:
    """Return a reading whose acts agree with plain words: no question without any word of one, "I'll take it"."""
    acts = dict(reading.acts)
    named = bool(reading.values or reading.items)
    if reading.has("ask_fact") and named and not _QUESTION.search(reading.text):
        acts |= {"ask_fact": 0.0, "refine": 1.0}
    wants = any(read.role == "want" for read in reading.values if isinstance(read.value, FacetValue))
    if _TAKES.match(reading.text) and not wants:
        acts |= {"accept": 1.0} | dict.fromkeys(_ASKED, 0.0)
    items = tuple(
        replace(entry, role="avoid")
        if entry.role in ("want", "like", "incidental") and _NEGATED.search(reading.text[: entry.start])
        else replace(entry, role=_judged(reading.text, entry.start, entry.end, entry.role))
        for entry in reading.items
    )
    values = tuple(
        replace(read, role=_judged(reading.text, read.value.start, read.value.end, read.role))
        for read in reading.values
    )
    return replace(reading, acts=acts, items=items, values=values)


_BETWEEN = (
    r"(?: (?:the|a|an|all|any|both|watching|reading|seeing|movies?|films?|books?|series|like|such as|with|by|of))*\s*$"
)
_LIKED = re.compile(rf"\b(?:love[ds]?|liked?|enjoy(?:ed|s)?|adore[ds]?|fan of|obsessed with){_BETWEEN}", re.IGNORECASE)
_HATED = re.compile(
    r"(?:\b(?:hate[ds]?|dislike[ds]?|detest(?:ed)?|despise[ds]?|loathe[ds]?)|"
    r"(?:\bnot|n['’]?t) (?:really )?(?:a )?(?:big )?(?:stand|bear|like|love|enjoy|fan of))"
    rf"{_BETWEEN}",
    re.IGNORECASE,
)
_NO = re.compile(r"(?:\b(?:not|never|no|nothing|none)|n['’]?t)\b(?:(?!\bbut\b|\band\b)[^,.;:!?])*$", re.IGNORECASE)
_IS = (
    r"\W*(?:\(\d{4}\))?\W*(?:is|was|are|were)"
    r"(?: (?:just|so|such|really|very|pretty|quite|kind of|a bit|absolutely|a|my))*"
)
_GOOD = re.compile(
    rf"{_IS} (?:great|good|amazing|awesome|fantastic|brilliant|excellent|wonderful|favou?rites?|perfect|hilarious)\b",
    re.IGNORECASE,
)
_BAD = re.compile(
    rf"{_IS} (?:bad|boring|terrible|awful|horrible|dull|stupid|overrated|disappointing|annoying|lame|trash|rubbish)\b",
    re.IGNORECASE,
)


def _judged(text: str, start: int, end: int, role: str) -> str:
    """Return the role of a span where the verb before it, or what is said of it right after, leaves no doubt.

    >>> _judged("I hate Cats", 7, 11, "like"), _judged("I like Cats", 7, 11, "dislike"), _judged("Cats?", 0, 4, "want")
    ('dislike', 'like', 'want')
    """
    before, after = text[:start], text[end:]
    if role in ("like", "want") and (_HATED.search(before) or _BAD.match(after)):
        return "dislike"
    if role == "dislike" and ((_LIKED.search(before) and not _NO.search(before)) or _GOOD.match(after)):
        return "like"
    return role


def _asks_for_such(reading: Reading) -> bool:
    """Tell whether a message asks if there is an item of some kind: "is there one about robots?"."""
    about = reading.items or points_back(reading.text) or reading.facts[:1] == ("series",)
    return not about and _SUCH.search(reading.text) is not None


_SOME = r"(?:one|any|anything|something|a|an|some)\b"
_SUCH = re.compile(rf"\b(?:is|are) there {_SOME}|\b(?:have|got) (?:you )?{_SOME}", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?:with|by|from|of|like)\s+(?P<object>him|her)\b|"
    r"\b(?P<owner>his|her)\s+(?:other|best|newest|latest|first|last|early|movies?|films?|books?|works?|songs?)\b|"
    r"\b(?:has|have|did|does|was|is)\s+(?P<subject>he|she)\b",
    re.IGNORECASE,
)


def pronoun(text: str) -> tuple[int, int] | None:
    """Return where a message means a person named before: "anything else by him"; None where it does not.

    >>> pronoun("what else has she made?"), pronoun("she likes comedies")
    ((14, 17), None)
    """
    match = _PRONOUN.search(text)
    return match.span(match.lastgroup or 0) if match else None


_WORKS = re.compile(
    r"\b(?:made|make|done|do|did|directed|written|write|wrote|been in|acted|starred|known for|famous for|"
    r"who(?:'s| is| was)|movies|films|books|songs|works|products)\b",
    re.IGNORECASE,
)


def likeliest(acts: Mapping[str, float], thresholds: Mapping[str, float], least: float = 0.3) -> Mapping[str, float]:
    """Return acts of which at least one holds: the likeliest where none does, if it is not too unlikely.

    >>> likeliest({"ask_fact": 0.4, "thanks": 0.1}, {})["ask_fact"]
    1.0
    """
    if any(chance >= thresholds.get(act, 0.5) for act, chance in acts.items()):
        return acts
    best = max(acts, key=lambda act: acts[act] / thresholds.get(act, 0.5))
    return {**acts, best: 1.0} if acts[best] >= least else acts


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_ORDINAL = re.compile(
    rf"\b(?:(?:number|no\.?|option|#)\s*(?P<number>\d{{1,2}})|(?:the\s+)?(?:(?P<word>{'|'.join(_ORDINALS)})|(?P<short>\d{{1,2}})(?:st|nd|rd|th))"
    r"(?:\s+(?:one|movie|film|book|title|option|item|choice|suggestion|of (?:these|those|them)))|"
    r"the (?P<last>last|latter) (?:one|option|movie|film|of (?:these|those|them))|"
    r"(?:^|\bthe\s+)(?P<alone>first|second|third|fourth|fifth|last)(?: one)?\W*$|"
    r"\bthe (?P<start>first|second|third|fourth|fifth)(?: one)?(?=,| is\b| then\b| please\b| sounds\b| looks\b))",
    re.IGNORECASE,
)
_THEM = re.compile(
    r"\b(?:all of (?:them|these|those)|(?:any|either|neither|none|which) of (?:them|these|those|the two)|"
    r"which one(?= is\b| has\b| was\b)|the two|them both|both)\b",
    re.IGNORECASE,
)
_NOUNS = "movie|film|book|one|title|product|album|song"
_IT = re.compile(rf"\b(?:it|this|that|this one|that one|(?:the|this|that) (?:{_NOUNS}))\b", re.IGNORECASE)


def references(text: str, offered: Sequence[str], listed: Sequence[str] = ()) -> tuple[tuple[int, int, str], ...]:
    """Return the spans of a message that point at items of the last list, with these items.

    >>> references("who is in the second one?", ["a", "b"])
    ((10, 24, 'b'),)

    Args:
        text: The message.
        offered: Items of the latest reply that named any, in its order.
        listed: Items of the latest reply that named several, which may have been before that one.
    """
    found: list[tuple[int, int, str]] = []
    if not offered:
        return ()
    listed = listed or offered
    for match in _ORDINAL.finditer(text):
        place = _place(match, len(listed))
        if 0 <= place < len(listed):
            found.append((match.start(), match.end(), listed[place]))
    if not found and len(offered) > 1:
        found = [(m.start(), m.end(), item) for m in list(_THEM.finditer(text))[:1] for item in offered]
    return tuple(found)


def points_back(text: str) -> bool:
    """Tell whether a message speaks of "it" or "that one"."""
    return _IT.search(text) is not None


def _place(match: re.Match[str], count: int) -> int:
    said = (match["word"] or match["alone"] or match["start"] or "").lower()
    if match["last"] or said == "last":
        return count - 1
    if said:
        return _ORDINALS.index(said)
    return int(match["number"] or match["short"]) - 1
