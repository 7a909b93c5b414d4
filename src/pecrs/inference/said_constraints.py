"""What one message asks for, or refuses, as constraints. Source: design section 4."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from pecrs.data.acts import REQUESTS
from pecrs.inference.confidence import confidence
from pecrs.inference.constraints import Constraint, Option, Scales, option_of, order_of, slot_of
from pecrs.inference.understanding.reading import Reading, ReadValue
from pecrs.linking.facets import KIND_FIELDS
from pecrs.linking.makers import PEOPLE
from pecrs.linking.quantities import Quantity
from pecrs.linking.tones import TONE
from pecrs.linking.value_words import FOR_WHOM
from pecrs.linking.values import FacetValue, is_of

_EITHER = re.compile(r"\bor\b|/")
_TOGETHER = re.compile(r"\b(?:both|together|one with|at once|as well as)\b", re.IGNORECASE)
_PAIR = re.compile(r"\b(?:both|them|two|pair|those)\b", re.IGNORECASE)
_EITHER_OF = re.compile(r"\b(?:either|any|one) (?:of )?(?:the )?$", re.IGNORECASE)
_TASTES = re.compile(
    r"\b(?:he|she|they|who|dad|mom|mum|son|daughter|kids?|wife|husband|friends?)\b[^.?!]*"
    r"\b(?:likes?|loves?|into|enjoys?)\b[^.?!]*$",
    re.IGNORECASE,
)
"""Before what somebody else likes, of which one is enough: "my dad likes boats and submarines"."""


def said_constraints(
    reading: Reading, roles: Sequence[str], asked: int, scales: Scales, beside: Mapping[str, float]
) -> tuple[Constraint, ...]:
    """Return the constraints of a message; values of one slot with "or" between them are alternatives.

    Args:
        reading: The message.
        roles: Of the values that count.
        asked: Which of the person's messages it is.
        scales: Numbers of the catalogue.
        beside: Numbers of the item that was offered last.
    """
    found: list[Constraint] = []
    perhaps: list[Constraint] = []
    end, slot, chain, head = 0, "", 1, (-1, -1)
    asks = reading.has(*REQUESTS) or any(read.role == "want" for read in reading.values)
    numbers = {q.value.kind for q in reading.values if isinstance(q.value, Quantity) and q.role in (*roles, "want")}
    for read in reading.values:
        option = None if order_of(read, reading.text) else option_of(read, reading.text, scales, beside)
        if option is not None and option.near:  # whatever its own role, it goes with the value that it is near to
            if head == (read.value.start, read.value.end):
                found[-1] = replace(found[-1], options=(*found[-1].options, option))
            continue
        if option is None or read.role not in roles or (read.role == "seen" and slot_of(option.fields) == "kind"):
            continue
        if is_of(read.value, *numbers) or _is_said_better(reading, read):
            continue  # "something short, at most 90 minutes": the number says it better
        between = reading.text[end : read.value.start].lower()
        again = bool(found) and read.value.start < end and not _are_several(reading.text, read.value)
        if again and slot_of(option.fields) == TONE and read.role not in ("avoid", "dislike"):
            continue  # "scary" asks for horror, and refuses whatever frightens
        alike = _are_alike({slot_of(option.fields), slot})
        same = bool(found) and (again or alike) and read.role not in ("avoid", "dislike")
        tastes = alike and _one_is_enough(reading.text, read.value.start)
        listed = between.strip() in ("and", "&", ",", "or", ", or", ", and")
        if same and (again or _EITHER.search(between) or (listed and (tastes or slot in _ONE_OF))):
            merged = replace(found[-1], options=tuple(dict.fromkeys((*_options(found[-chain:]), option))))
            perhaps += [merged] if set(perhaps).intersection(found[-chain:]) else []
            found[-chain:], chain = [merged], 1
        elif all(option not in entry.options for entry in found):
            taste = read.role == "like" and not asks
            found.append(Constraint((option,), taste, asked, confidence(reading, read)))
            perhaps += found[-1:] if _is_perhaps(reading.text, read.value.start, read.value.end) else []
            chain = chain + 1 if same and between.strip() == "," else 1
        else:  # said again, perhaps more plainly
            found = [_surer(entry, option, confidence(reading, read)) for entry in found]
        end, slot, head = read.value.end, slot_of(option.fields), (read.value.start, read.value.end)
    if len(perhaps) < len(found) or asked > 1 or len(reading.text.split()) > _ALONE:
        found = [replace(entry, soft=entry.soft or entry in perhaps) for entry in found]
    return tuple(found)


def _are_alike(slots: Collection[str]) -> bool:
    """Tell whether values of some slots may be alternatives: people in any part, places as countries or languages."""
    return len(slots) == 1 or PEOPLE.issuperset(slots) or _ONE_OF.issuperset(slots)


def _is_said_better(reading: Reading, read: ReadValue) -> bool:
    """Tell whether words for children are beside their ages, which say better whom an item must suit."""
    kind = isinstance(read.value, FacetValue) and read.value.key in FOR_WHOM and not read.value.exact
    if not (kind and is_of(read.value, *KIND_FIELDS)):
        return False
    return any(is_of(other.value, TONE) and other.value.key in FOR_WHOM for other in reading.values)


_ONE_OF = frozenset({"language", "country"})
"""Of what an item has one as a rule several are a choice: "in Spanish, French, Korean, whatever"."""


def _are_several(text: str, value: FacetValue | Quantity) -> bool:
    """Tell whether words that stand for several values mean all of them ("with them both"), not one or the other."""
    several = _PAIR.search(text, value.start, value.end) is not None
    return several and _EITHER_OF.search(text[: value.start]) is None


def _surer(entry: Constraint, option: Option, sure: float) -> Constraint:
    return replace(entry, confidence=max(entry.confidence, sure)) if option in entry.options else entry


def _one_is_enough(text: str, start: int) -> bool:
    """Tell whether a value is one of several that somebody likes, and that need not come together."""
    return _TASTES.search(text[:start]) is not None and _TOGETHER.search(text) is None


def _is_perhaps(text: str, start: int, end: int) -> bool:
    """Tell whether words say of a value that it would be nice, and need not be: "maybe German", "if possible"."""
    return _PERHAPS_BEFORE.search(text[:start]) is not None or _PERHAPS_BEHIND.match(text, end) is not None


_ALONE = 4
"""In messages of so few words what is said with "maybe" is what is wanted: "maybe a comedy?"."""

_PERHAPS = r"(?:maybe|perhaps|possibly|ideally|preferably|if possible|if you can)"
_PERHAPS_BEFORE = re.compile(
    rf"\b{_PERHAPS}\W+(?:(?:from|in|with|by|set|a|an|the|something|one|some|more|also)\W+)*$", re.IGNORECASE
)
_PERHAPS_BEHIND = re.compile(rf"(?:\s+(?:one|film|movie|book))?,?\s+{_PERHAPS}\b(?!\s+\w)", re.IGNORECASE)


def _options(constraints: Sequence[Constraint]) -> Iterable[Option]:
    return (option for entry in constraints for option in entry.options)


def quantities(reading: Reading) -> Iterable[Quantity]:
    """Return the numbers of a message."""
    return (read.value for read in reading.values if isinstance(read.value, Quantity))
