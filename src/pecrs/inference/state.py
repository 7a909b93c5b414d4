"""What the person wants so far: a value that each message changes, that can be printed, and that the person can edit.

Pure functions. The newest value of a kind replaces the old one, a refusal holds until it is asked for, questions and
small talk change nothing. Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pecrs.inference.reading import Reading, ReadValue
from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS, YEAR
from pecrs.linking.quantities import Quantity
from pecrs.linking.values import POPULARITY, FacetValue

_REQUESTS = ("ask_recommendation", "ask_more", "ask_list", "refine", "change_mind", "give_preference", "reject")
_QUESTIONS = (
    "ask_fact", "ask_why", "compare", "small_talk", "off_topic", "thanks", "goodbye", "greeting", "ask_help", "clarify",
)  # fmt: skip


ITEM_PARTS: Mapping[str, str] = MappingProxyType(
    {"like": "liked", "dislike": "disliked", "seen": "seen", "reject": "rejected"}
)
"""From the key of a part to the field of the state that holds such items."""


@dataclass(frozen=True, slots=True)
class Option:
    """One value that fulfils a constraint: some field has it, or a number lies within the bounds.

    Attributes:
        fields: Where to look; one of them is enough.
        label: As it is shown.
        key: The folded value; empty for numbers.
        low: Least number, or None.
        high: Largest number, or None.
    """

    fields: tuple[str, ...]
    label: str
    key: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Constraint:
    """Something an item should have, or must not have.

    Attributes:
        options: At least one of these.
        soft: A taste rather than a request: given up first.
    """

    options: tuple[Option, ...]
    soft: bool = False

    @property
    def slot(self) -> str:
        """What a newer constraint of the same kind replaces."""
        return slot_of(self.options[0].fields)

    def __str__(self) -> str:
        """Return the values in a few words."""
        return " or ".join(option.label for option in self.options)


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
        count: How many items the last request asked for; None where it did not say.
    """

    wanted: tuple[Constraint, ...] = ()
    avoided: tuple[Constraint, ...] = ()
    liked: tuple[str, ...] = ()
    disliked: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    popularity: int = 0
    count: int | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is known that a choice could follow."""
        return not (self.wanted or self.avoided or self.liked or self.disliked or self.popularity)

    def parts(self) -> tuple[tuple[str, str], ...]:
        """Return (key, words) of each constraint, and of popularity; see :meth:`without`."""
        shown = [(f"want:{entry}", str(entry)) for entry in self.wanted]
        shown += [(f"avoid:{entry}", f"not {entry}") for entry in self.avoided]
        if self.popularity:
            shown.append(("popularity", "well known" if self.popularity > 0 else "little known"))
        return tuple(shown)

    def without(self, key: str) -> DialogueState:
        """Return the state without one part; an unknown key changes nothing.

        Args:
            key: ``want:`` or ``avoid:`` with the words of a constraint; ``like:``, ``dislike:``, ``seen:`` or
                ``reject:`` with an item's identifier; ``popularity`` or ``count``.
        """
        kind, _, name = key.partition(":")
        if key == "popularity":
            return replace(self, popularity=0)
        if key == "count":
            return replace(self, count=None)
        if kind == "want":
            return replace(self, wanted=tuple(entry for entry in self.wanted if str(entry) != name))
        if kind == "avoid":
            return replace(self, avoided=tuple(entry for entry in self.avoided if str(entry) != name))
        changed: dict[str, Any] = {
            field: without(getattr(self, field), (name,)) for part, field in ITEM_PARTS.items() if part == kind
        }
        return replace(self, **changed)

    def __str__(self) -> str:
        """Return one line: ``comedy, 1990-1999, not Adam Sandler``; empty where nothing is known."""
        return ", ".join(words for _, words in self.parts())


@dataclass(frozen=True, slots=True)
class Edit:
    """A part of the state that the person took out by hand.

    Attributes:
        turns: How many turns there were then; what is said later may bring the part back.
        key: The part, as :meth:`DialogueState.without` names it.
    """

    turns: int
    key: str


def slot_of(fields: Sequence[str]) -> str:
    """Return the kind of constraint that some fields make; kinds and themes have one slot each."""
    return "kind" if fields[0] in KIND_FIELDS else "theme" if fields[0] in THEME_FIELDS else fields[0]


def update(state: DialogueState, reading: Reading, offered: Sequence[str], years: tuple[int, int]) -> DialogueState:
    """Return the state after one more message.

    Args:
        state: Before it.
        reading: The message.
        offered: Items of the latest reply that named any, in its order; what "no" and "seen it" refer to.
        years: First and last year of the catalogue, which "new" and "old" are relative to.
    """
    state = _with_items(state, reading, offered)
    if reading.has("no_preference") or (reading.has("change_mind") and _replaces(reading)):
        state = replace(state, wanted=(), popularity=0)
    asks_only = reading.has(*_QUESTIONS) and not reading.has(*_REQUESTS)
    count = next((int(q.low or 0) for q in _quantities(reading) if q.kind == "count"), None)
    if asks_only:
        return replace(state, count=count)
    state = _with_values(state, reading, years)
    return replace(state, count=count)


def _replaces(reading: Reading) -> bool:
    return any(read.role in ("want", "like") for read in reading.values) or bool(reading.roles("want", "like"))


def _with_items(state: DialogueState, reading: Reading, offered: Sequence[str]) -> DialogueState:
    liked, disliked = reading.roles("like", "want"), reading.roles("dislike", "avoid")
    seen, rejected = reading.roles("seen"), tuple(item for item in disliked if item in offered)
    if not reading.items and offered:  # "no", "seen it", "loved it": about what was offered last
        seen += tuple(offered) if reading.has("seen") else ()
        rejected += tuple(offered) if reading.has("reject") and not reading.has("seen") else ()
        enjoyed = reading.has("seen") and reading.has("praise") and not reading.has("reject")
        liked += tuple(offered[:1]) if enjoyed else ()
    return replace(
        state,
        liked=_merged(without(state.liked, disliked), liked),
        disliked=_merged(without(state.disliked, liked), disliked),
        seen=_merged(state.seen, seen),
        rejected=_merged(without(state.rejected, liked), rejected),
    )


def without(items: Iterable[str], removed: Sequence[str]) -> tuple[str, ...]:
    """Return items in order, without some."""
    return tuple(item for item in items if item not in removed)


def _merged(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return (*(item for item in old if item not in new), *dict.fromkeys(new))


def _with_values(state: DialogueState, reading: Reading, years: tuple[int, int]) -> DialogueState:
    wanted = _constraints(reading, ("want", "like"), years)
    avoided = _constraints(reading, ("avoid", "dislike"), years)
    popularity = state.popularity
    for read in reading.values:
        if isinstance(read.value, FacetValue) and read.value.fields[0] == POPULARITY and read.role != "incidental":
            sign = 1 if read.value.key == "popular" else -1
            popularity = -sign if read.role in ("avoid", "dislike") else sign
    slots = {entry.slot for entry in wanted}
    if _is_new_request(reading, slots):
        slots |= {entry.slot for entry in state.wanted}
    elif "kind" in slots and not reading.has("refine"):
        slots.add("theme")  # a theme of the last kind would hardly fit another one
    refused = {option for entry in avoided for option in entry.options}
    asked = {option for entry in wanted for option in entry.options}
    kept = [entry for entry in state.wanted if entry.slot not in slots]
    kept = [entry for entry in kept if not refused.intersection(entry.options)]
    still = [entry for entry in state.avoided if not asked.intersection(entry.options) and entry not in avoided]
    return replace(state, wanted=(*kept, *wanted), avoided=(*still, *avoided), popularity=popularity)


def _is_new_request(reading: Reading, slots: set[str]) -> bool:
    """Tell whether a message says all that is wanted, so that nothing of an earlier request is left.

    It names a kind and more, or asks for a kind without refining, or names an item that others should be like.
    """
    if reading.roles("like") and reading.has("ask_recommendation", "ask_more", "refine", "change_mind"):
        return True
    asks = reading.has("ask_recommendation", "ask_list") and not reading.has("refine")
    return "kind" in slots and (len(slots) > 1 or asks)


def _constraints(reading: Reading, roles: Sequence[str], years: tuple[int, int]) -> tuple[Constraint, ...]:
    """Return the constraints of a message; values of one slot with "or" between them are alternatives."""
    found: list[Constraint] = []
    end, slot = 0, ""
    for read in reading.values:
        option = _option(read, years)
        if option is None or read.role not in roles:
            continue
        between = reading.text[end : read.value.start].lower()
        either = " or " in between or " and/or " in between
        refused = read.role in ("avoid", "dislike")
        if found and either and slot_of(option.fields) == slot and not refused:
            found[-1] = replace(found[-1], options=(*found[-1].options, option))
        elif all(option not in entry.options for entry in found):
            found.append(Constraint((option,), soft=read.role == "like"))
        end, slot = read.value.end, slot_of(option.fields)
    return tuple(found)


def _option(read: ReadValue, years: tuple[int, int]) -> Option | None:
    value = read.value
    if isinstance(value, Quantity):
        return None if value.kind == "count" else Option((value.kind,), _range(value), low=value.low, high=value.high)
    if value.fields[0] == POPULARITY:
        return None
    if value.fields[0] == YEAR:
        first, last = years
        if value.key == "new":
            return Option((YEAR,), "recent", low=last - 5)
        return Option((YEAR,), "older", high=max(first, last - 30))
    return Option(value.fields, value.label, value.key)


def _quantities(reading: Reading) -> Iterable[Quantity]:
    return (read.value for read in reading.values if isinstance(read.value, Quantity))


def _range(quantity: Quantity) -> str:
    low, high = quantity.low, quantity.high
    shown = [None if value is None else f"{value:g}" for value in (low, high)]
    unit = {"minutes": " minutes", "money": ""}.get(quantity.kind, "")
    if quantity.kind == "money":
        shown = [None if value is None else f"${value}" for value in shown]
    if low is not None and high is not None:
        return (shown[0] or "") + unit if low == high else f"{shown[0]}-{shown[1]}{unit}"
    if low is None:
        return f"up to {shown[1]}{unit}"
    return f"{shown[0]} or later" if quantity.kind == "year" else f"at least {shown[0]}{unit}"
