"""What a person takes back in words: "any colour is fine", "forget the price limit", "it needn't be waterproof".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from types import MappingProxyType

from pecrs.inference.understanding.refusals import misses
from pecrs.linking.fields import FieldNames, alternatives
from pecrs.linking.quantities import Quantity
from pecrs.linking.values import FacetValue

SAID = r"(?:(?:what|all|everything|whatever|that|the (?:bit|part|thing)) )?i(?:['’]ve| have)? (?:said|told you|asked)"
"""What somebody said before: "forget what I said about horror"."""

_THE = rf"(?:\s+(?:about|against|{SAID}|the|my|your|any|that|this|of|what|which))*\s+"
_LIMIT = r"(?:\s+(?:limits?|filters?|things?|requirements?|constraints?|restrictions?|range|preferences?))?"
_BEFORE = (
    r"\b(?:any|whatever|whichever|no matter|regardless of|forget|(?:give|gave|given|giving) up on|"
    r"ignore|drop|remove|never ?mind|skip|scrap|lose|"
    r"don['’]?t (?:care|mind|worry)|do not (?:care|mind|worry))"
)
_NOT = r" ?n['’]?o?t"
_AFTER = (
    rf"\s+(?:(?:really )?(?:do|does){_NOT} matter|"
    rf"(?:is|are){_NOT} (?:required|necessary|needed|a must|important|essential|mandatory)|"
    r"(?:is|are) (?:optional|irrelevant|unimportant|up to you|(?:of )?no (?:issue|matter|object|concern|importance))|"
    r"(?:can|may) be (?:dropped|ignored|forgotten)|"
    r"no longer (?:matters?|counts?|applies|apply)|makes? no difference|can be any(?:thing)?)\b"
)
_NEED_NOT = (
    r"(?:\bneed(?:n['’]?t| not)(?: to)? (?:be|have|star)|"
    r"(?:n['’]?t|\bnot) (?:really |always )?(?:have to|need to|necessarily)(?: be| have| star)?|"
    r"\bno need (?:for|to be)|n['’]?t need|\b(?:can|could|may) be without|\bwith or without)"
    r"(?: (?:a|an|the|any|to|be|in|it|all|so|very|from|set|with|by|about))*\s*"
)
_AND = r"\s*(?:,|\band\b|\bor\b|\bnor\b|&)\s*(?:the |its |any )?"
_BEFORE_VALUE = re.compile(rf"(?:{_BEFORE.replace('any|', '').replace('skip|', '')}{_THE}|{_NEED_NOT})$", re.IGNORECASE)
_NOT_NEEDED = r"(?:\s+(?:is|are|was))?(?:n['’]?t|\s+not)\s+(?:really\s+)?(?:needed|necessary|required|essential)\b"
_AFTER_VALUE = re.compile(rf"{_NOT_NEEDED}|{_LIMIT}{_AFTER}", re.IGNORECASE)


_LIMITS = re.compile(
    r"\b(?:forget|drop|ignore|scrap|lift|lose|remove|raise|never ?mind|no(?: more)?|without)(?: about)? "
    r"(?:(?:the|that|this|my|our|any|time) )*limits?\b(?! (?:of|on|to)\b)|"
    r"\blimits? (?:is|are) (?:off|gone|lifted|no longer)\b",
    re.IGNORECASE,
)
"""What takes back every bound of length or price: "forget the limit"."""

_WHOEVER = re.compile(
    r"\b(?:(?<!has )(?<!have )(?<!had )(?<!is )(?<!was )(?<!does )(?<!did )any(?:one|body)|who(?:so)?ever|"
    r"no matter who|(?:n['’]?t|not) (?:matter|care|mind) who|regardless of who)"
    r"(?:['’]?s| is| was| may| might| else)*\s+"
    r"(?P<does>direct|made|make|mak|plays?\b|playing|stars?\b|starring|acts?\b|acting|in (?:it|them)\b|"
    r"wrote|write|writ)\w*",
    re.IGNORECASE,
)
"""What says that it does not matter who made an item, or who is in it: "anyone directing"."""

_DOES = MappingProxyType({"direct": "director", "ma": "director", "w": "writer"})
"""By the beginning of what somebody does, what they are called; all others play."""


def takes_back(text: str, value: FacetValue | Quantity) -> bool:
    """Tell whether the words around a value take it back: "forget German", "not necessarily a comedy".

    Args:
        text: One message.
        value: Found in it.
    """
    if misses(text, value.start):
        return False
    before = _BEFORE_VALUE.search(text[: value.start]) is not None
    return before or _AFTER_VALUE.match(text, value.end) is not None


_MAY_BE = re.compile(
    r"\b(?:may|might|can|could) (?:(?:also|even|well|now|easily) )*be (?:(?:a|bit|little|somewhat|much|any) )*$",
    re.IGNORECASE,
)
_IS_FINE = re.compile(
    r"(?: (?:ones?|films?|movies?|books?))?\s+(?:is|are|would be|r) (?:(?:also|all|totally|just|now|quite) )*"
    r"(?:fine|ok|okay|alright|all right|no problem|allowed)\b",
    re.IGNORECASE,
)


_LASTING = ("length", "duration", "running time", "run time", "runtime")
"""What people call how long something lasts, whatever its column is called."""


def _may_be(text: str, value: FacetValue | Quantity) -> bool:
    """Tell whether words allow what was ruled out by a bound: "it may be longer", "a bit older is fine"."""
    compares = isinstance(value, FacetValue) and text[value.start : value.end].lower().endswith("er")
    return compares and (_MAY_BE.search(text[: value.start]) or _IS_FINE.match(text, value.end)) is not None


class Removals:
    """Finds what is taken back, in one catalogue's words."""

    def __init__(self, fields: FieldNames) -> None:
        """Put the names of the columns together.

        Args:
            fields: What the catalogue's columns are called.
        """
        self._fields = fields
        lasting = fields.facets.number_field("minutes")
        self._names = {**dict.fromkeys(_LASTING if lasting else (), lasting or ""), **fields.names}
        name = f"(?:{alternatives(self._names)})"
        names = rf"\b(?P<names>{name}(?:{_AND}{name})*)\b"
        self._name = re.compile(rf"\b{name}\b", re.IGNORECASE)
        self._patterns = (
            re.compile(rf"{_BEFORE}{_THE}{names}(?!\s+(?:under|below|over|above|between|at|up|max))", re.IGNORECASE),
            re.compile(rf"{names}{_LIMIT}{_AFTER}", re.IGNORECASE),
            re.compile(
                rf"\bneither (?:the )?{names} (?:matters?|counts?|(?:is|are) (?:important|needed))\b", re.IGNORECASE
            ),
            re.compile(rf"\b(?:neither|nor) (?:do|does|is|are) (?:the )?{names}", re.IGNORECASE),
            re.compile(
                rf"\bwithout\s+(?:the|a|any)\s+{names}\s+(?:limits?|filters?|requirements?|constraints?)\b", re.I
            ),
        )

    def read(
        self, text: str, values: Iterable[FacetValue | Quantity]
    ) -> tuple[tuple[str, ...], tuple[FacetValue | Quantity, ...]]:
        """Return the columns that no longer matter, and the values that are named only to take these back.

        A value that is one of many, such as a kind or a name, is taken back alone: its column still matters.

        Args:
            text: One message.
            values: What was found in it.
        """
        found = [
            self._names[_words(name)]
            for pattern in self._patterns
            for match in pattern.finditer(text)
            for name in self._name.findall(match["names"])
        ]
        if _LIMITS.search(text):
            found += (name for kind in ("minutes", "money") if (name := self._fields.facets.number_field(kind)))
        found += (name for match in _WHOEVER.finditer(text) if (name := self._whoever(match["does"].lower())))
        back = tuple(
            value
            for value in values
            if (isinstance(value, Quantity) or value.scaled) and (takes_back(text, value) or _may_be(text, value))
        )
        found += [name for value in back for name in self._columns(value)]
        return tuple(dict.fromkeys(name for own in found for name in self._kinds(own))), back

    def _whoever(self, does: str) -> str:
        """Return the column of those who do something; empty if there is none."""
        who = next((who for start, who in _DOES.items() if does.startswith(start)), "actor")
        return self._fields.names.get(who, "")

    def _columns(self, value: FacetValue | Quantity) -> Sequence[str]:
        return (value.kind,) if isinstance(value, Quantity) else value.fields

    def _kinds(self, name: str) -> Iterable[str]:
        """Yield a column and the kind of quantity that it stands for."""
        yield name
        facets = self._fields.facets
        yield from (kind for kind in ("money", "minutes") if facets.number_field(kind) == name)


def _words(name: str) -> str:
    return " ".join(re.split(r"[\s-]+", name.lower()))
