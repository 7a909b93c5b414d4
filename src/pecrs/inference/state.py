"""What the person wants so far: a value that each message changes, that can be printed, and that the person can edit.

Pure functions. The newest value of a kind replaces the old one, a refusal holds until it is asked for, questions and
small talk change nothing. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from pecrs.data.acts import QUESTIONS, REQUESTS
from pecrs.inference.constraints import (
    NO_NUMBERS,
    NO_SCALES,
    Constraint,
    Order,
    Scales,
    order_of,
)
from pecrs.inference.renewal import (
    asks_for_such_alone,
    compares_kinds,
    is_new_request,
    outgrown,
    starts_over,
    wants_different,
)
from pecrs.inference.said_constraints import quantities, said_constraints
from pecrs.inference.understanding.allowances import added_to, allowed, allowing, unneeded_of
from pecrs.inference.understanding.examples import enjoyed, for_somebody_else, named_examples
from pecrs.inference.understanding.pointing import points_back
from pecrs.inference.understanding.reading import Reading, further_from
from pecrs.inference.understanding.settling import taken_item
from pecrs.inference.understanding.works import asks_works
from pecrs.linking.facets import YEAR
from pecrs.linking.makers import PEOPLE
from pecrs.linking.tones import ORIGIN
from pecrs.linking.value_words import POPULARITY
from pecrs.linking.values import FacetValue, is_of

_ASKS = (*REQUESTS, "give_preference", "reject")
_ASKS_NOTHING = (
    *QUESTIONS, "small_talk", "off_topic", "thanks", "goodbye", "greeting", "ask_help", "clarify",
    "praise", "accept",
)  # fmt: skip

_ANEW = re.compile(
    r"\b(?:forget|scrap|drop|ignore) (?:all(?: (?:of )?(?:that|this|it|the above))?\b(?! \w)|everything|"
    r"what i (?:said|asked)|the (?:above|rest))|\bstart(?:ing)? (?:all )?(?:over|again|afresh|anew|fresh)\b|"
    r"\bfrom scratch\b|\b(?:clean|blank) slate\b|\breset\b|"
    r"\b(?:nvm|never ?mind|scratch that)\b"
    r"(?=.{0,40}\b(?:wants?|needs?|feel like|fancy|let['’]?s|how about|what about)\b)",
    re.IGNORECASE,
)
"""Words after which nothing said before holds."""

_ELSE = re.compile(
    r"\b(?:what|anything|something|films?|movies?|books?)\b.{0,20}\b(?:else|other)\b"
    r"(?!\W+(?:is there )?(?:one|something|anything)\b)|\bother\b", re.I
)  # fmt: skip
_AUDIENCE = frozenset({"family"})
"""Kinds that say for whom an item is: they come beside others."""

_WHOEVER = frozenset({"language", "country", "rating"})
"""What stays where another thing is wanted instead: "a comedy instead" is still to be Korean."""

_PLACE = frozenset({"language", "country", ORIGIN})
"""Where an item is from, which is said by either: something British is no longer in Korean."""

_PEOPLE_STAY = frozenset({"kind", "tone", "language", "country"})
ITEM_PARTS: Mapping[str, str] = MappingProxyType(
    {"like": "liked", "dislike": "disliked", "seen": "seen", "reject": "rejected"}
)
"""From the key of a part to the field of the state that holds such items."""


@dataclass(frozen=True, slots=True)
class DialogueState:
    """What is known of the person's wants, by now.

    Attributes:
        wanted: What an item should have.
        avoided: What it must not have.
        liked: Items that the person likes or names as examples, oldest first.
        disliked: Items that the person does not like.
        seen: Items that the person knows already.
        rejected: Items that were offered and turned down.
        popularity: 1 asks for well-known items, -1 for little-known ones, 0 says nothing.
        order: What comes first, where the most or the least of something is asked for.
        count: How many items the last request asked for; None where it did not say.
        examples: Items that what is asked for now should be like.
        taken: The item that the person settled on last; empty before.
        messages: How many messages were read.
    """

    wanted: tuple[Constraint, ...] = ()
    avoided: tuple[Constraint, ...] = ()
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    popularity: int = 0
    order: Order | None = None
    count: int | None = None
    examples: tuple[str, ...] = ()
    taken: str = ""
    messages: int = field(default=0, compare=False)

    @property
    def empty(self) -> bool:
        """Whether nothing is known that a choice could follow."""
        return not (self.wanted or self.avoided or self.liked or self.disliked or self.popularity or self.order)

    def parts(self) -> tuple[tuple[str, str], ...]:
        """Return (key, words) of each constraint, of popularity and of the order; see :meth:`without`."""
        shown = [(f"want:{entry}", str(entry)) for entry in self.wanted]
        shown += [(f"avoid:{entry}", f"not {entry}") for entry in self.avoided]
        if self.popularity:
            shown.append(("popularity", "well known" if self.popularity > 0 else "little known"))
        if self.order is not None:
            shown.append(("order", self.order.label))
        return tuple(shown)

    def without(self, key: str) -> DialogueState:
        """Return the state without one part; an unknown key changes nothing.

        Args:
            key: ``want:`` or ``avoid:`` with the words of a constraint; ``like:``, ``dislike:``, ``seen:`` or
                ``reject:`` with an item's identifier; ``popularity``, ``order`` or ``count``.
        """
        kind, _, name = key.partition(":")
        if key == "popularity":
            return replace(self, popularity=0)
        if key in ("order", "count"):
            return replace(self, order=None) if key == "order" else replace(self, count=None)
        if kind == "want":
            return replace(self, wanted=tuple(entry for entry in self.wanted if str(entry) != name))
        if kind == "avoid":
            return replace(self, avoided=tuple(entry for entry in self.avoided if str(entry) != name))
        changed: dict[str, Any] = {
            held: without(getattr(self, held), (name,)) for part, held in ITEM_PARTS.items() if part == kind
        }
        if kind == "like":
            changed["examples"] = without(self.examples, (name,))
        return replace(self, **changed)

    def __str__(self) -> str:
        """Return one line: ``comedy, 1990-1999, not Adam Sandler``; empty where nothing is known."""
        return ", ".join(words for _, words in self.parts())


def update(
    state: DialogueState,
    reading: Reading,
    offered: Sequence[str] = (),
    scales: Scales = NO_SCALES,
    beside: Mapping[str, float] = NO_NUMBERS,
    has: Callable[[str, Constraint], bool] = lambda item, entry: False,
) -> DialogueState:
    """Return the state after one more message.

    Args:
        state: Before it.
        reading: The message.
        offered: Items of the latest reply that named any, in its order; what "no" and "seen it" refer to.
        scales: Numbers of the catalogue, which "new" and "short" are relative to.
        beside: Numbers of the first of the items offered, which "newer" and "too long" are relative to.
        has: Whether an item fulfils a constraint; what is wanted already and holds of an example still is.
    """
    if _ANEW.search(reading.text):
        state = replace(state, wanted=(), avoided=(), liked=(), popularity=0, order=None, examples=())
    if wants_different(reading.text):
        state = replace(state, wanted=(), popularity=0, order=None, examples=())
    state = replace(state, wanted=tuple(e for e in state.wanted if not outgrown(reading.text, str(e))))
    state = replace(_with_items(state, reading, offered), messages=state.messages + 1)
    anything, changes = reading.has("no_preference") and not reading.dropped, starts_over(reading)
    if anything or changes:
        stay = frozenset() if anything else _WHOEVER
        kept = tuple(entry for entry in state.wanted if entry.slot in stay)
        state = replace(state, wanted=kept, popularity=0, order=None)
    others = [part for part in reading.parts if part not in reading.questions and part.has(*_ASKS)]
    told = any(read.role in ("want", "avoid", "dislike") for part in others for read in part.values)
    told = told or any(read.role == "dislike" for read in reading.values) or for_somebody_else(reading)
    asks_only = reading.has(*_ASKS_NOTHING) and not reading.has(*_ASKS) and not told
    count = next((int(q.low or 0) for q in quantities(reading) if q.kind == "count"), None)
    if asks_only:
        return replace(state, count=count)
    state = _with_values(_without_columns(state, reading.dropped), reading, scales, beside, has)
    return replace(state, count=count, examples=_examples(state, reading, offered))


def _examples(state: DialogueState, reading: Reading, offered: Sequence[str]) -> tuple[str, ...]:
    """Return what items should be like: examples of this message, or those before unless it asks for something new."""
    refused = (*state.disliked, *state.rejected)
    named = without(named_examples(reading, offered), refused)
    if named and reading.has(*_ASKS):
        return tuple(dict.fromkeys(named))
    new = reading.has("ask_recommendation", "ask_list", "change_mind") and not reading.has("refine", "ask_more")
    new = (new and any(read.role == "want" for read in reading.values)) or for_somebody_else(reading)
    return () if new else without(state.examples, refused)


def _without_columns(state: DialogueState, columns: Sequence[str]) -> DialogueState:
    """Return the state without constraints and orders of some columns."""
    wanted, avoided = (
        tuple(entry for entry in constraints if not set(columns).intersection(entry.options[0].fields))
        for constraints in (state.wanted, state.avoided)
    )
    order = None if state.order is not None and state.order.field in columns else state.order
    return replace(state, wanted=wanted, avoided=avoided, order=order)


def _with_items(state: DialogueState, reading: Reading, offered: Sequence[str]) -> DialogueState:
    state = _without_unmeant(state, reading.unmeant)
    liked, disliked = reading.roles("like", "want"), reading.roles("dislike", "avoid")
    seen = reading.roles("seen")
    against = (*disliked, *(reading.roles("incidental") if reading.has("reject") else ()))
    rejected = tuple(item for item in against if item in offered)
    if (
        not reading.items and not reading.unknown and offered
    ):  # "no", "seen it", "loved it": about what was offered last
        new = without(offered, state.liked)  # the reply may have named what the new one is like
        seen += new if reading.has("seen") else ()
        rejected += new if reading.has("reject") and not reading.has("seen") else ()
        praised = reading.has("praise") and enjoyed(reading.text)
        liked += tuple(offered[:1]) if praised and not reading.has("reject") else ()
    elif offered and any(_says_seen(part) for part in reading.parts):
        seen += tuple(item for item in offered if item not in liked)
    return replace(
        state,
        liked=_merged(() if for_somebody_else(reading) else without(state.liked, disliked), liked),
        disliked=_merged(without(state.disliked, liked), disliked),
        seen=_merged(state.seen, seen),
        rejected=_merged(without(state.rejected, liked), rejected),
        taken=_taken(state, reading, offered),
    )


def _taken(state: DialogueState, reading: Reading, offered: Sequence[str]) -> str:
    """Return the item that was settled on last; who asks for others that are not like it has not settled yet."""
    spoken_of = {*(entry.item for entry in reading.items), *named_examples(reading, offered)}
    if reading.has(*REQUESTS) and state.taken not in spoken_of:
        return ""
    return taken_item(reading, offered) or state.taken


def _without_unmeant(state: DialogueState, items: Sequence[str]) -> DialogueState:
    return replace(
        state,
        liked=without(state.liked, items),
        disliked=without(state.disliked, items),
        seen=without(state.seen, items),
        rejected=without(state.rejected, items),
        examples=without(state.examples, items),
        taken="" if state.taken in items else state.taken,
    )


def _says_seen(part: Reading) -> bool:
    """Tell whether a sentence says of what was offered that it is known, beside others that name something."""
    return part.has("seen") and not part.items and not part.unknown and points_back(part.text)


def without(items: Iterable[str], removed: Sequence[str]) -> tuple[str, ...]:
    """Return items in order, without some."""
    return tuple(item for item in items if item not in removed)


def _merged(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return (*(item for item in old if item not in new), *dict.fromkeys(new))


def _with_values(
    state: DialogueState,
    reading: Reading,
    scales: Scales,
    beside: Mapping[str, float],
    has: Callable[[str, Constraint], bool],
) -> DialogueState:
    reading = allowing(reading)
    wanted, avoided = (
        said_constraints(reading, roles, state.messages, scales, beside)
        for roles in (("want", "like"), ("avoid", "dislike", "seen"))
    )
    avoided, refused = _refusals(reading, avoided, wanted, _values_of((*state.wanted, *wanted)))
    fine, unneeded = allowed(reading), unneeded_of(reading)
    told = ((entry, _values_of([entry])) for entry in wanted)
    wanted = tuple(e for e, own in told if unneeded.isdisjoint(own) and not refused.issuperset(own))
    slots = {entry.slot for entry in wanted}
    order = _order(reading, slots, state.order)
    works = asks_works(reading.text) and any(entry.slot in PEOPLE for entry in wanted)
    kinds = {option.key for entry in wanted if entry.slot == "kind" for option in entry.options}
    beside_settling = reading.has("accept", "thanks", "praise") and further_from(reading) is not None
    if kinds and kinds <= _AUDIENCE and not (reading.has("change_mind") or beside_settling):
        slots.remove("kind")
    elif works:
        slots |= {entry.slot for entry in state.wanted}
    elif _works_of_somebody(reading, wanted):
        slots |= {entry.slot for entry in state.wanted} - _PEOPLE_STAY
    elif is_new_request(reading, slots):
        examples = reading.roles("like")
        shared = [entry for entry in state.wanted if examples and all(has(item, entry) for item in examples)]
        slots |= {entry.slot for entry in state.wanted if entry not in shared}
        order = _order(reading, slots, None)
    elif asks_for_such_alone(reading, slots):
        slots |= {*PEOPLE, "series"}
    elif "kind" in slots and compares_kinds(reading):
        slots.remove("kind")  # "something funnier" is still what it was
    elif "kind" in slots and not reading.has("refine") and any(entry.slot == "kind" for entry in state.wanted):
        slots.add("theme")  # a theme of the last kind would hardly fit another one
    slots |= _PLACE if slots & _PLACE else set()
    slots -= added_to(reading)
    asked = _values_of(wanted)
    said = asked | refused | unneeded
    slots |= _PLACE if {entry.slot for entry in avoided} & _PLACE else set()  # "enough of Korea": of Korean as well
    stays = (e for e in state.wanted if e.slot not in slots and not _set_elsewhere(e, wanted))
    kept = [entry for entry in stays if said.isdisjoint(_values_of([entry]))]
    still = [entry for entry in state.avoided if (asked | refused | fine).isdisjoint(_values_of([entry]))]
    anew = {entry.slot for entry in wanted if not entry.options[0].key} | ({YEAR} if works else set())
    still = [entry for entry in still if entry.slot not in anew]  # "too old" is over where years are asked for
    popular = _popularity(reading, state.popularity)
    return replace(state, wanted=(*kept, *wanted), avoided=(*still, *avoided), popularity=popular, order=order)


def _refusals(
    reading: Reading, avoided: Sequence[Constraint], wanted: Sequence[Constraint], asked_for: set[object]
) -> tuple[tuple[Constraint, ...], set[object]]:
    """Return what a message does refuse, and its values: not what it asks for a little of, or for after all."""
    mild = {
        read.value.key
        for read in reading.values
        if isinstance(read.value, FacetValue) and not read.value.exact and _TOO.search(reading.text[: read.value.start])
    }
    again = (
        _values_of(wanted) & _asked_last(reading) if reading.has("reject") else set()
    )  # "that's no comedy, I said comedy"
    avoided = tuple(entry for entry in avoided if not _values_of([entry]) <= (asked_for & mild) | again)
    refused = _values_of(avoided) - _asked_after_all(reading)
    avoided = tuple(entry for entry in avoided if _values_of([entry]) <= refused)
    return avoided, refused


def _asked_after_all(reading: Reading) -> set[object]:
    """Return what a message refuses and then wants: the later word holds."""
    against = {
        r.value.key for r in reading.values if isinstance(r.value, FacetValue) and r.role in ("avoid", "dislike")
    }
    return _asked_last(reading) & against


def _asked_last(reading: Reading) -> set[object]:
    """Return what a message wants by its last word on it."""
    last: dict[object, str] = {}
    for read in reading.values:
        if isinstance(read.value, FacetValue) and read.role not in ("incidental", "ask"):
            last[read.value.key] = "want" if read.role in ("want", "like") else "avoid"
    return {key for key, role in last.items() if role == "want"}


_TOO = re.compile(r"\b(?:too|so|very|that|overly|super)\s+$", re.IGNORECASE)
"""Before what is wanted only a little: "a horror film, not too scary"."""


def _set_elsewhere(entry: Constraint, wanted: Sequence[Constraint]) -> bool:
    """Tell whether a constraint says where or when a story happens and a newer one says otherwise."""
    old, new = ({name for e in some for o in e.options for name in o.fields} & _SETTINGS for some in ([entry], wanted))
    return not old.isdisjoint(new)


_SETTINGS = frozenset({"setting", "period"})


def _order(reading: Reading, slots: set[str], before: Order | None) -> Order | None:
    """Return the order after a message: a new one, or the old one unless its numbers are now asked for otherwise."""
    found = [order for read in reading.values if (order := order_of(read, reading.text)) is not None]
    return found[-1] if found else None if before is None or before.field in slots else before


def _values_of(constraints: Iterable[Constraint]) -> set[object]:
    """Return what constraints are about; a value is the same in whatever fields it is looked for."""
    return {option.key or option for entry in constraints for option in entry.options}


def _popularity(reading: Reading, before: int) -> int:
    for read in reading.values:
        if is_of(read.value, POPULARITY) and read.role != "incidental":
            sign = 1 if read.value.key == "popular" else -1
            before = -sign if read.role in ("avoid", "dislike") else sign
    return before


def _works_of_somebody(reading: Reading, wanted: Sequence[Constraint]) -> bool:
    """Tell whether a message asks what else somebody made: earlier years, themes and people do not count then."""
    people = bool(wanted) and all(entry.slot in PEOPLE for entry in wanted)
    return people and _ELSE.search(reading.text) is not None
