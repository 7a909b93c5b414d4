"""Which dialogues are for validation: the latest, or those of people (shops, languages, ...) that training never meets.

The hash of :mod:`pecrs.data.splits` spreads the dialogues of one person over training and validation. What a model then
learns of a person's habits counts on validation, and not with strangers.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self

from pecrs.data.splits import Reading
from pecrs.data.values import identifier_of
from pecrs.errors import ConfigError, DataError, suggestion

TIME_FIELD = "time"
"""Where a dialogue says when it was held."""

RULES: tuple[str, ...] = ("random", "time", "group:<field>")
"""The rules that :meth:`Rule.parse` knows."""

_SHARE = 10


class HeldOut(NamedTuple):
    """Dialogues by split, and in words by which rule they were split and what it left out."""

    readings: dict[str, list[Reading]]
    said: str


@dataclass(frozen=True, slots=True)
class Rule:
    """How dialogues are chosen for validation.

    Attributes:
        name: ``random``, ``time`` or ``group``.
        field: The field of a dialogue that it goes by; None for ``random``.
    """

    name: str
    field: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the rule of a text.

        Args:
            text: One of :data:`RULES`, with the name of a field in place of ``<field>``.

        Raises:
            ConfigError: If it is none.

        >>> Rule.parse("group:customer")
        Rule(name='group', field='customer')
        """
        name, _, field = text.partition(":")
        if name == "group" and field.strip():
            return cls(name, field.strip())
        if text not in ("random", "time"):
            near = suggestion(text, ("random", "time", "group"))
            raise ConfigError(f"validation: one of {', '.join(RULES)} is expected, not {text!r}{near}")
        return cls(text, TIME_FIELD if text == "time" else None)

    def moment(self, record: Mapping[str, Any]) -> float | None:
        """Return when a dialogue was held, in seconds since 1970; None where the rule does not ask for it.

        Raises:
            DataError: Naming the field, if it is missing or no time.
        """
        return _moment(record.get(TIME_FIELD)) if self.name == "time" else None

    def groups(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the groups of a dialogue; none where the rule does not ask for them.

        Raises:
            DataError: Naming the field, if it is missing or neither text, number nor a list of them.
        """
        if self.name != "group" or self.field is None:
            return ()
        value = record.get(self.field)
        values = value if isinstance(value, list) else [value]
        groups = tuple(dict.fromkeys(identifier_of(member, self.field) for member in values))
        if not groups or "" in groups:
            raise DataError("a group is expected, since validation goes by this field", field=self.field)
        return groups


def hold_out_latest(readings: Sequence[Reading]) -> HeldOut:
    """Hold the latest tenth out; dialogues of one moment stay together.

    Args:
        readings: With their moments, in any order.

    Raises:
        DataError: If all are of one moment.
    """
    moments = sorted(reading.moment or 0.0 for reading in readings)
    later = [moment for moment in moments if moment > moments[0]]
    if not later:
        raise DataError("dialogues of at least two times are expected", field=TIME_FIELD)
    first = max(later[0], moments[-max(1, len(moments) // _SHARE)])
    train, valid = _divided(readings, lambda reading: (reading.moment or 0.0) >= first)
    said = f"the latest {len(valid):,} of {len(readings):,} dialogues are for validation"
    return HeldOut({"train": train, "valid": valid}, said)


def hold_out_groups(readings: Sequence[Reading], field: str) -> HeldOut:
    """Hold about a tenth of the groups out, by the SHA-256 of a group's name.

    Training never meets a group of a validation dialogue: a dialogue that belongs to groups of both sides is left out.
    A group's side depends on its name alone; where that leaves one side empty, the groups are put in the order of the
    hash, and the first, the eleventh and so on are held out.

    Args:
        readings: With their groups, in any order.
        field: What the source calls the groups.

    Raises:
        DataError: If there is but one group, or no dialogue is left for training or for validation.
    """
    digests = {group: hashlib.sha256(group.encode()).digest() for reading in readings for group in reading.groups}
    if len(digests) < 2:
        raise DataError(f"dialogues of at least two groups are expected, not {len(digests)}", field=field)
    held_out = {group for group, digest in digests.items() if int.from_bytes(digest[:8], "big") % _SHARE == 0}
    if not 0 < len(held_out) < len(digests):
        held_out = set(sorted(digests, key=digests.__getitem__)[::_SHARE])
    train, others = _divided(readings, lambda reading: not held_out.isdisjoint(reading.groups))
    valid, dropped = without_groups_of(train, others)
    if not train or not valid:
        lacking = "validation" if train else "training"
        raise DataError(f"nothing is left for {lacking}: each dialogue shares a group with others", field=field)
    left_out = f"; {len(dropped):,} dialogues of groups of both sides are left out" if dropped else ""
    said = f"{len(held_out):,} of {len(digests):,} groups by field '{field}' are held out for validation{left_out}"
    return HeldOut({"train": train, "valid": valid}, said)


def without_groups_of(train: Iterable[Reading], others: Iterable[Reading]) -> tuple[list[Reading], list[Reading]]:
    """Part dialogues into those none of whose groups occurs in training, and the rest.

    Args:
        train: Training dialogues with their groups.
        others: Candidates for validation.
    """
    known = {group for reading in train for group in reading.groups}
    met, unmet = _divided(others, lambda reading: known.isdisjoint(reading.groups))
    return unmet, met


def _divided(readings: Iterable[Reading], held_out: Callable[[Reading], bool]) -> tuple[list[Reading], list[Reading]]:
    """Return those that a test does not hold out, and those that it does, each in order."""
    sides: tuple[list[Reading], list[Reading]] = ([], [])
    for reading in readings:
        sides[held_out(reading)].append(reading)
    return sides


def _moment(value: object) -> float:
    """Return a time as seconds since 1970; one without a zone is of UTC."""
    reason = "seconds since 1970 or a time as 2026-01-31T18:30:00 is expected, since validation goes by this field"
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise DataError(reason, field=TIME_FIELD) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
