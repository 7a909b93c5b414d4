"""Whom a message means without a name: "him", "the same director", "the author of that one".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

from pecrs.data.catalogue import Item
from pecrs.data.dialogue import Speaker, Turn
from pecrs.inference.understanding.pointing import pronoun
from pecrs.inference.understanding.reading import OTHER
from pecrs.linking.facets import Facets, value_key
from pecrs.linking.first_names import called, is_womans
from pecrs.linking.makers import ARTISTS, DIRECTORS, MAKERS, PERFORMERS, WRITERS
from pecrs.linking.spans import spans_of
from pecrs.linking.values import FacetValue, ValueFinder, is_of

_ROLES = MappingProxyType(
    {
        **dict.fromkeys(("direct", "guy", "same"), DIRECTORS),
        "made": MAKERS,
        **dict.fromkeys(("wrote", "writ", "author"), WRITERS),
        **dict.fromkeys(("played", "was in", "act", "star", "lead"), PERFORMERS),
        **dict.fromkeys(("artist", "band"), ARTISTS),
        "brand": ("brand",),
        "language": ("language", "languages"),
        "country": ("country", "countries"),
        **dict.fromkeys(("series", "franchise"), ("series",)),
    }
)
"""By the beginning of a word for what somebody does, the fields that may hold who does it."""

_WHO = (
    r"director|actor|actress|writer|author|guy|lead(?: actor| actress)?|star|artist|band|brand|series|franchise|"
    r"language|country"
)
_SAME = re.compile(
    rf"\b(?:the |by |its )*(?:(?:same|that|this)\s+(?P<same>{_WHO})|"
    rf"(?:the|its|it['’]?s)\s+(?P<of>{_WHO})(?=\s+of\s+(?:that|this|it|the)\b|['’]s other)|"
    r"(?P<person>same (?:man|woman|lady|dude|bloke|chap|fella|person|name))|"
    r"(?:(?:other|another|more|else)\b.{0,24}?)?\bby the (?P<plain>director|author|writer|artist)|"
    r"what else (?:did|has|does|have) (?:the|this|that) (?P<maker>director|author|writer|artist|actor|actress))\b",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"\b(?P<who>(?:the (?:same )?(?:{_WHO}|man|woman|lady|dude|person|people|one|ones)|who(?:so)?ever)\s+"
    r"(?:(?:who|that)\s+)?(?:also\s+)?"
    r"(?:made|did|wrote|directed|shot|created|starred in|played in|was in|behind|of|as(?: in)?))"
    r"\s+(?:the (?:film|movie|book)\s+)?[\"'“‘]?$",
    re.IGNORECASE,
)
"""Before an item: somebody by what they did for it, "the guy who made", "the same director as"."""
_WHO_IS = re.compile(
    r"\b(?:who(?:['’]?s| is| was| are)?|name of|name|tell me|(?:is|was) (?:he|she|that))\s*$", re.IGNORECASE
)
_DOING = re.compile(r"\b(?:wrote|writer|author|starred|star|played|actor|actress|was in|lead)\b", re.IGNORECASE)
_DIRECTS = re.compile(r"\bdirect(?:ed|s|or)?\b", re.IGNORECASE)
_BY, _BESIDE = re.compile(r"\bby\s*$", re.IGNORECASE), re.compile(r"\b(?:with|w/?|starring)\s*$", re.IGNORECASE)
_MAKES = re.compile(r"\s+(?:also |ever )?(?:ma[dk]e|do(?:ne)?|did|shot|wr[io]te|written)\b", re.IGNORECASE)
_ACTS = re.compile(r"\W*(?:\w+ly\s+|also\s+|ever\s+|is\s+|was\s+|been\s+)*(?:in\b|star|play|act|appear)", re.IGNORECASE)


def people_meant(
    text: str, named: Sequence[tuple[int, int, str]], before: Sequence[Turn], finder: ValueFinder, facets: Facets
) -> Iterator[FacetValue]:
    """Yield whom a message means by what they did for an item, or by a pronoun.

    Args:
        text: The message.
        named: Items that it names, with their spans.
        before: The turns before it.
        finder: Finds people in what was said.
        facets: Of the catalogue.
    """
    for start, _, behind in named:
        told = _BEHIND.search(text[:start])
        if told is not None and not _WHO_IS.search(text[: told.start()]) and behind in facets.catalogue:
            did = _DOING.search(told["who"])
            yield from _of_item(facets.catalogue[behind], told.span("who"), did.group().lower() if did else "made")
            return
    match = _SAME.search(text)
    item = _item(_nearest(named, match.start() if match else 0), before, facets)
    if match is not None and match["of"] and _WHO_IS.search(text[: match.start("of")].removesuffix("the ")):
        match = None if OTHER.search(text) is None else match
    if match is not None and item is not None:
        role = next(filter(None, (match["same"], match["person"], match["of"], match["plain"], match["maker"]))).lower()
        span = match.span(match.lastgroup or 0)
        asked = None if match["of"] or role.startswith("direct") else _asked_for(item, before, finder, facets)
        yield from _of_item(item, span, role) if asked is None else [replace(asked, start=span[0], end=span[1])]
        return
    if (both := _THOSE.search(text)) is not None:
        several = _both(both.span("those"), before, finder, facets)
        made = not several and item is not None and _BY.search(text[: both.start("those")]) is not None
        yield from _of_item(item, both.span("those"), "made") if made and item is not None else several
        return
    place = _asked_of(text) or pronoun(text)
    if place is None:
        return
    directs = _DIRECTS.search(text) is not None or _BY.search(text[: place[0]]) is not None
    acts = not directs and (_BESIDE.search(text[: place[0]]) or _ACTS.match(text, place[1])) is not None
    own = _suiting(text[slice(*place)], list(_people_in(text[: place[0]], (), finder, facets))[::-1])
    if own and _suits(text[slice(*place)], own[0]):  # "she adores Gene Kelly! One more with him?"
        yield from [replace(own[0], start=place[0], end=place[1])] if _LED.search(text[: place[0]]) else ()
        return
    said = _suiting(text[place[0] : place[1]], list(_people_said(before, finder, facets)))
    person = _who_acts(said, facets) if acts else next(iter(said), None)
    if person is not None and (not directs or facets.count(["directors"], person.key)):
        fields = ("directors",) if directs and "directors" in facets.fields else _mostly(person, facets)
        fields = tuple(name for name in PERFORMERS if acts and name in facets.fields) or fields
        yield replace(person, start=place[0], end=place[1], fields=fields)
    elif item is not None and not acts and (directs or _MAKES.match(text, place[1])):
        yield from _of_item(item, place, "director" if directs else "made")


_LED = re.compile(r"\b(?:with|by|of|from|starring|featuring)\s*$", re.IGNORECASE)
_OF_HIS = re.compile(
    r"\b(?:ones?|another|more|anything|something|any|else|films?|movies?|books?)\b(?: \w+)? "
    r"(?:(?:with|w/?|by|from|starring) (?P<him>him|her)|(?:of|by) (?P<his>his|hers))\b",
    re.IGNORECASE,
)


def _asked_of(text: str) -> tuple[int, int] | None:
    """Return where somebody's works are asked for by a pronoun: "she is over him now. One of his"."""
    match = _OF_HIS.search(text)
    return match.span(match.lastgroup or 0) if match else None


def _asked_for(item: Item, before: Sequence[Turn], finder: ValueFinder, facets: Facets) -> FacetValue | None:
    """Return who was named last by the person, of those who made an item or are in it: "the same guy"."""
    for turn in reversed(before):
        if turn.speaker is Speaker.SEEKER:
            for value in _people_in(turn.text, spans_of(turn.mentions), finder, facets):
                did = tuple(f for f in facets.people if value.key in map(value_key, item.values(f)))
                if did:
                    return replace(value, fields=tuple(f for f in value.fields if f in did) or did)
    return None


def _suiting(word: str, said: Sequence[FacetValue]) -> Sequence[FacetValue]:
    """Return people, those first whom a pronoun suits: "her" means Meg Ryan where Tom Hanks was named as well."""
    return sorted(said, key=lambda value: not _suits(word, value))


def _suits(word: str, person: FacetValue) -> bool:
    return is_womans(person.key) == (word.lower() in ("she", "her", "hers"))


def _who_acts(said: Sequence[FacetValue], facets: Facets) -> FacetValue | None:
    """Return the latest person that is rather an actor than a director, else the latest that acts at all."""
    acting = [value for value in said if facets.count(PERFORMERS, value.key)]
    rather = (v for v in acting if facets.count(PERFORMERS, v.key) > facets.count(["directors"], v.key))
    return next(rather, acting[0] if acting else None)


_THOSE = re.compile(
    r"\b(?:with|without|by|starring|featuring|w/o?|from)\s+(?:either |both |any |all |neither )?(?:of )?"
    r"(?P<those>them both|both|them|those two|these two|the two|the pair|those guys|"
    r"those actors)\b(?! (?:films?|movies?|books?))",
    re.IGNORECASE,
)


def _both(place: tuple[int, int], before: Sequence[Turn], finder: ValueFinder, facets: Facets) -> list[FacetValue]:
    """Return the people of the latest message of the person that named at least two, else the two named last."""
    latest: dict[str, FacetValue] = {}
    for turn in reversed(before):
        if turn.speaker is Speaker.SEEKER:
            named = {v.key: v for v in _people_in(turn.text, spans_of(turn.mentions), finder, facets)}
            latest |= {key: value for key, value in named.items() if key not in latest}
            found = named if len(named) > 1 else latest if len(latest) > 1 else {}
            if found:
                return [replace(value, start=place[0], end=place[1]) for value in found.values()]
    return []


def _mostly(person: FacetValue, facets: Facets) -> tuple[str, ...]:
    """Return the field in which somebody has most items; who often directs what they write is a director."""
    counts = {name: facets.count([name], person.key) for name in facets.fields if name in facets.people}
    made, most = counts.get("directors", 0), max(counts, key=lambda name: counts[name])
    share = 0.5 if most in WRITERS else 0.9
    return ("directors",) if made and made >= share * counts[most] else (most,)


def _nearest(named: Sequence[tuple[int, int, str]], place: int) -> list[str]:
    """Return the items that a message names, the one right before a place first."""
    return [item for *_, item in sorted(named, key=lambda span: (span[1] > place, abs(place - span[1])))]


def _item(named: Sequence[str], before: Sequence[Turn], facets: Facets) -> Item | None:
    """Return the item that a message is about: one it names, else what was offered last."""
    offered = [turn.items[0] for turn in before if turn.speaker is Speaker.RECOMMENDER and turn.items]
    about = next((key for key in (*named[:1], *reversed(offered)) if key in facets.catalogue), None)
    return None if about is None else facets.catalogue[about]


def _of_item(item: Item, span: tuple[int, int], role: str) -> Iterator[FacetValue]:
    names = next(fields for start, fields in _ROLES.items() if role.startswith(start))
    for name in names:
        for value in item.values(name)[:1]:
            yield FacetValue(*span, (name,), value_key(value), value, False)
            return


def _people_said(before: Sequence[Turn], finder: ValueFinder, facets: Facets) -> Iterator[FacetValue]:
    """Yield the people named before, the latest first; of a message and its reply the person's words go first."""
    turns = list(before)
    beside: set[str] = set()
    while turns:
        own = [turns.pop()]
        if own[0].speaker is Speaker.RECOMMENDER and turns and turns[-1].speaker is Speaker.SEEKER:
            own.insert(0, turns.pop())
        for turn in own:
            titles = spans_of(turn.mentions)
            found = list(_people_in(turn.text, titles, finder, facets))
            if turn.speaker is Speaker.SEEKER:
                found += _called_in(turn.text, found, turns, finder, facets)
            if turn.speaker is Speaker.SEEKER and _BESIDE_ANOTHER.search(turn.text):
                beside.update(value.key for value in found)
            yield from (value for value in found if value.key not in beside)


def _called_in(
    text: str, found: Sequence[FacetValue], before: Sequence[Turn], finder: ValueFinder, facets: Facets
) -> list[FacetValue]:
    """Return whom a message calls by the first name, of those that the person named in full before it."""
    own = [turn for turn in reversed(before) if turn.speaker is Speaker.SEEKER]
    known = [v.key for turn in own for v in _people_in(turn.text, spans_of(turn.mentions), finder, facets)]
    return [finder.value(text, *call) for call in called(text, spans_of(found), list(dict.fromkeys(known)))]


_BESIDE_ANOTHER = re.compile(r"\b(?:did|has|have|was|is|does) (?:he|she)\b", re.IGNORECASE)
"""A message in which a pronoun means one person, and so a name another: "did she act with Tom Hanks?"."""


def _people_in(
    text: str, titles: Sequence[tuple[int, int]], finder: ValueFinder, facets: Facets
) -> Iterator[FacetValue]:
    return (value for value in finder.find(text, titles) if is_of(value, *facets.people))


class CalledByName:
    """Finds whom a message calls by the first name, of those whom the person named before."""

    def __init__(self, finder: ValueFinder, people: Collection[str]) -> None:
        """Keep what finds names.

        Args:
            finder: Finds the catalogue's values.
            people: Fields that hold people.
        """
        self._finder, self._people = finder, people
        self._named = lru_cache(4096)(self._names)

    def __call__(
        self, text: str, taken: Sequence[tuple[int, int]], found: Sequence[FacetValue], before: Sequence[Turn]
    ) -> list[FacetValue]:
        """Return the people whom a message calls by the first name, or a short form of it.

        Args:
            text: The message.
            taken: Spans that are something else.
            found: Values found in it.
            before: The turns before it.
        """
        held = [*taken, *spans_of(value for value in found if not self._is_short(text, value))]
        said = [turn.text for turn in reversed(before) if turn.speaker is Speaker.SEEKER]
        known = list(dict.fromkeys(key for earlier in said for key in self._named(earlier)))
        return [self._finder.value(text, *own) for own in called(text, held, known)]

    def _is_short(self, text: str, value: FacetValue) -> bool:
        """Tell whether somebody is named by one word, which may be the first name of another one."""
        return is_of(value, *self._people) and " " not in text[value.start : value.end].strip()

    def _names(self, text: str) -> tuple[str, ...]:
        return tuple(value.key for value in self._finder.find(text) if is_of(value, *self._people))
