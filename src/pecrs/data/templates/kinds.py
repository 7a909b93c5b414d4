"""Kinds of messages: what they do, where they are said, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pecrs.data.templates.grammar import Wording, parse, slots
from pecrs.data.templates.values import Values, read_wordings

FILES = ("requests", "tastes", "feedback", "objections", "reactions", "turns", "facts", "chat", "foreign")


@dataclass(frozen=True, slots=True)
class Kind:
    """Messages that do the same.

    Attributes:
        name: Its key in the file.
        acts: What the messages do.
        facts: The kinds of facts asked for.
        contexts: After what they are said; names of ``contexts.yaml``, or "any".
        role: The role of spans that state none.
        weight: How often the kind is drawn, relative to others.
        wordings: Ways to say it.
    """

    name: str
    acts: frozenset[str]
    facts: frozenset[str]
    contexts: tuple[str, ...]
    role: str
    weight: float
    wordings: tuple[Wording, ...]


def read_kinds(values: Values, held_out: bool) -> dict[str, Kind]:
    """Return the kinds that can be said of a catalogue, by name.

    Args:
        values: The catalogue's values; wordings with slots that it cannot fill are left out.
        held_out: Whether to take the wordings that are kept for validation, or the others.
    """
    kinds = {}
    for file in FILES:
        for name, record in read_wordings(file).items():
            if not _fits(record, values):
                continue
            wordings = usable(record["held_out" if held_out else "wordings"], values)
            if wordings:
                kinds[name] = Kind(
                    name,
                    frozenset(record["acts"]),
                    frozenset(record.get("facts", ())),
                    tuple(record["contexts"]),
                    record.get("role", "want"),
                    record.get("weight", 1.0),
                    wordings,
                )
    return kinds


def _fits(record: Mapping[str, Any], values: Values) -> bool:
    return values.domain in record.get("domains", [values.domain]) and values.fields.issuperset(record.get("needs", ()))


def usable(lines: str, values: Values) -> tuple[Wording, ...]:
    """Parse wordings, one a line, and keep those whose slots have values.

    Args:
        lines: A line may begin with ``@`` and the domains, joined by commas, that it is for.
        values: The catalogue's values.
    """
    wordings = []
    for line in filter(None, map(str.strip, lines.splitlines())):
        domains, text = line[1:].split(" ", 1) if line.startswith("@") else (values.domain, line)
        wording = parse(text)
        if values.domain in domains.split(",") and all(map(values.has, slots(wording))):
            wordings.append(wording)
    return tuple(wordings)
