"""What a person takes back in words: "any colour is fine", "forget the price limit", "it needn't be waterproof".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from types import MappingProxyType

from pecrs.linking.fields import FieldNames, alternatives
from pecrs.linking.quantities import Quantity
from pecrs.linking.values import FacetValue

_THE = r"(?:\s+(?:about|the|my|your|any|that|this|of|what|which))*\s+"
_LIMIT = r"(?:\s+(?:limits?|filters?|things?|requirements?|constraints?|restrictions?|range|preferences?))?"
_BEFORE = (
    r"\b(?:any|whatever|whichever|no matter|regardless of|forget|ignore|drop|remove|never ?mind|skip|scrap|lose|"
    r"don['’]?t (?:care|mind|worry)|do not (?:care|mind|worry))"
)
_AFTER = (
    r"\s+(?:(?:really )?(?:does ?n['’]?o?t|does not|do not|don['’]?t) matter|is ?n['’]?t (?:important|needed|necessary)"
    r"|is not (?:important|needed|necessary|required)|(?:is|are) (?:irrelevant|unimportant|up to you|no issue)|"
    r"no longer matters?|can be any(?:thing)?)"
)
_NEED_NOT = re.compile(
    r"(?:\b(?:needn['’]?t|need not)(?: to)? be|(?:n['’]?t|\bnot)\s+(?:have to|need to|necessarily|really have to)"
    r"(?: be| have)?|\bnot necessarily|\bno need (?:for|to be)|n['’]?t need)(?:\s+(?:a|an|the|any|to be|in))*\s*$",
    re.IGNORECASE,
)
_BEFORE_VALUE = re.compile(rf"{_BEFORE.replace('any|', '').replace('skip|', '')}{_THE}$", re.IGNORECASE)
_AFTER_VALUE = re.compile(rf"{_LIMIT}{_AFTER}", re.IGNORECASE)


_WHOEVER = re.compile(
    r"\b(?:any(?:one|body)|who(?:so)?ever|no matter who|(?:n['’]?t|not) (?:matter|care|mind) who|regardless of who)"
    r"(?:['’]?s| is| was| may| might| else)*\s+"
    r"(?P<does>direct|made|make|mak|plays?\b|playing|stars?\b|starring|acts?\b|acting|in (?:it|them)\b|"
    r"wrote|write|writ)\w*",
    re.IGNORECASE,
)
"""What says that it does not matter who made an item, or who is in it: "anyone directing"."""

_DOES = MappingProxyType({"direct": "director", "ma": "director", "w": "writer"})
"""By the beginning of what somebody does, what they are called; all others play."""


_FORGETS = re.compile(r"\b(?:forget|ignore|drop|scrap|lose|never ?mind)(?: (?:about|the|my|that|any))*\s*$", re.I)


def forgets(text: str, start: int) -> bool:
    """Tell whether words take back what begins at a place: "forget German", "never mind the pirates"."""
    return _FORGETS.search(text[:start]) is not None


class Removals:
    """Finds what is taken back, in one catalogue's words."""

    def __init__(self, fields: FieldNames) -> None:
        """Put the names of the columns together.

        Args:
            fields: What the catalogue's columns are called.
        """
        self._fields = fields
        names = rf"(?P<name>{alternatives(fields.names)})"
        self._patterns = (
            re.compile(rf"{_BEFORE}{_THE}{names}\b(?!\s+(?:under|below|over|above|between|at|up|max))", re.IGNORECASE),
            re.compile(rf"\b{names}{_LIMIT}{_AFTER}", re.IGNORECASE),
            re.compile(
                rf"\bwithout\s+(?:the|a|any)\s+{names}\s+(?:limits?|filters?|requirements?|constraints?)\b", re.I
            ),
        )

    def read(
        self, text: str, values: Iterable[FacetValue | Quantity]
    ) -> tuple[tuple[str, ...], tuple[FacetValue | Quantity, ...]]:
        """Return the columns that no longer matter, and the values that are named only to take them back.

        Args:
            text: One message.
            values: What was found in it.
        """
        found = [
            self._fields.names[_words(match["name"])] for pattern in self._patterns for match in pattern.finditer(text)
        ]
        found += (name for match in _WHOEVER.finditer(text) if (name := self._whoever(match["does"].lower())))
        back = tuple(
            value
            for value in values
            if _NEED_NOT.search(text[: value.start])
            or _BEFORE_VALUE.search(text[: value.start])
            or _AFTER_VALUE.match(text[value.end :])
        )
        for value in back:
            found += () if self._is_one_of_many(text, value) else self._columns(value)
        return tuple(dict.fromkeys(name for own in found for name in self._kinds(own))), back

    def _whoever(self, does: str) -> str:
        """Return the column of those who do something; empty if there is none."""
        who = next((who for start, who in _DOES.items() if does.startswith(start)), "actor")
        return self._fields.names.get(who, "")

    @staticmethod
    def _is_one_of_many(text: str, value: FacetValue | Quantity) -> bool:
        """Tell whether a value is taken back alone, and what else is said of its column still holds."""
        return isinstance(value, FacetValue) and not value.scaled and forgets(text, value.start)

    def _columns(self, value: FacetValue | Quantity) -> Sequence[str]:
        return (value.kind,) if isinstance(value, Quantity) else value.fields

    def _kinds(self, name: str) -> Iterable[str]:
        """Yield a column and the kind of quantity that it stands for."""
        yield name
        facets = self._fields.facets
        yield from (kind for kind in ("money", "minutes") if facets.number_field(kind) == name)


def _words(name: str) -> str:
    return " ".join(re.split(r"[\s-]+", name.lower()))
