"""Numbers in free text that a catalogue's own columns measure: "under 2 kg", "at least 300 pages", "rated above 4".

What is read here depends on the catalogue, unlike :mod:`pecrs.linking.quantities`: a unit or a column's name beside the
number says which column is meant, and a bare "under 50" means money where there are prices. Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from pecrs.linking.facets import YEAR, Facets
from pecrs.linking.fields import FieldNames, alternatives, field_table
from pecrs.linking.lexicon import FUNCTION
from pecrs.linking.quantities import ABOUT, ABOVE, BELOW, NUMBER, Quantity, is_strict, longest, number
from pecrs.linking.units import UNITS

_LOWER = r"(?:or|and) (?:less|lower|under|below|fewer|cheaper|lighter|shorter|smaller|down)|max(?:imum)?|tops|at most"
_HIGHER = (
    r"(?:or|and) (?:more|higher|better|above|over|up|upwards|heavier|bigger|larger|longer)|min(?:imum)?|at least|\+|"
    r"plus"
)
_JOINED = r"(?:\s+(?:of|is|are|be|at|should|must|needs?|to|has|have|with|a|the|in|for|:|=)|:|=)*\s*"
_CLAUSE = re.compile(r"\s*(?:$|[,.;:!?)]|(?P<next>[a-z']+))")
_READ = frozenset({"time", "money"})
"""Dimensions whose plain amounts :mod:`pecrs.linking.quantities` reads."""
_ENDS_IN_NUMBER = re.compile(rf"{NUMBER}[\s-]*$")
_COINS = "€$£"
_VALUE = rf"(?:{NUMBER})(?:(?<=\d)|(?!\w))"


class MeasureReader:
    """Reads the numbers that one catalogue can check."""

    def __init__(self, facets: Facets, fields: FieldNames) -> None:
        """Put the units and names of the catalogue's columns together.

        Args:
            facets: The catalogue's.
            fields: What its columns are called.
        """
        self._facets, self._fields = facets, fields
        numbers = {name: field for name, field in facets.fields.items() if field.kind == "number" and name != YEAR}
        self._numbers = numbers
        dimensions = {field.dimension for field in numbers.values()}
        units = [word for word, unit in UNITS.items() if unit.dimension in dimensions]
        unit = rf"(?:{alternatives(units)})(?![a-z])" if units else r"(?!)"
        coin = rf"[{_COINS}]\s?" if "money" in dimensions else r"(?!)"
        self._names = {said: name for said, name in fields.names.items() if name in numbers}
        names = alternatives(self._names) or r"(?!)"
        self._before = re.compile(rf"\b(?P<name>{names}){_JOINED}$")
        self._after = re.compile(rf"[\s-]*(?:(?:of|in|for)\s+)?(?:the\s+)?(?P<name>{names})\b")
        self._range = re.compile(
            rf"(?:\b(?:between|from)\s*)?(?P<ac>{coin})?(?<![\w.])(?P<a>{_VALUE})[\s-]*(?P<au>{unit})?\s*(?:and|to|-|–)"
            rf"\s*(?P<bc>{coin})?(?P<b>{_VALUE})[\s-]*(?P<bu>{unit})?"
        )
        self._bounded = re.compile(
            rf"(?:(?:\b(?:(?P<below>{BELOW})|(?P<above>{ABOVE})|(?P<about>{ABOUT}))|(?P<sign>[<>]=?))\s*)?"
            rf"(?<![\w.])(?P<n>{_VALUE})(?:[\s-]*(?P<u>{unit}))?"
        )
        self._tail = re.compile(rf"\s*(?:(?P<lower>{_LOWER})|(?P<higher>{_HIGHER}))(?!\w|\s*[\d{_COINS}])")
        self._some = self._of_stock("some")
        self._none = self._of_stock("none")

    def read(self, text: str, taken: Sequence[Quantity] = ()) -> tuple[Quantity, ...]:
        """Return the quantities of a text in order, those read before without the ones that lie within a longer one.

        Args:
            text: One message.
            taken: Quantities that :func:`pecrs.linking.quantities.read_quantities` found.
        """
        lower = text.lower()
        return longest([*self._stock(lower), *self._ranges(lower), *self._bounds(lower)], taken)

    def _of_stock(self, key: str) -> re.Pattern[str]:
        known = self._fields.of("stock") in self._numbers
        return re.compile(rf"\b(?:{alternatives(field_table()['stock'][key])})\b" if known else r"(?!)")

    def _stock(self, text: str) -> Iterator[Quantity]:
        name = self._fields.of("stock") or ""
        for match in self._none.finditer(text):
            yield Quantity(match.start(), match.end(), name, None, 0, label="out of stock")
        for match in self._some.finditer(text):
            yield Quantity(match.start(), match.end(), name, 1, None, label="in stock")

    def _ranges(self, text: str) -> Iterator[Quantity]:
        for match in self._range.finditer(text):
            unit = match["bu"] or match["au"] or (match["ac"] or match["bc"] or "").strip() or None
            opened = text[match.start() :].startswith(("between", "from"))
            found = self._column(text, match.start(), match.end(), unit, bare=opened)
            if found is not None:
                name, start, end = found
                first, last = (self._base(name, number(match[key]), match[key + "u"] or unit) for key in "ab")
                yield Quantity(start, end, self._kind(name), min(first, last), max(first, last))

    def _bounds(self, text: str) -> Iterator[Quantity]:
        for match in self._bounded.finditer(text):
            bound = match["below"] or match["above"] or match["about"] or match["sign"]
            tail = self._tail.match(text, match.end())
            end = tail.end() if tail else match.end()
            found = self._column(text, match.start(), end, match["u"], bare=bool(bound or tail))
            plain = match["u"] and UNITS[match["u"]].dimension in _READ and not (bound or tail)
            if found is None or (plain and found[1:] == (match.start(), end)):
                continue
            name, start, end = found
            tail = tail or self._tail.match(text, end)
            end = max(end, tail.end()) if tail else end
            value = self._base(name, number(match["n"]), match["u"])
            read = Quantity(start, end, self._kind(name), value, value)
            yield _bounded(read, match, tail)

    def _kind(self, name: str) -> str:
        return next((kind for kind in ("money", "minutes") if self._facets.number_field(kind) == name), name)

    def _column(self, text: str, start: int, end: int, unit: str | None, *, bare: bool) -> tuple[str, int, int] | None:
        """Return which column a number is about, and the span with the column's name.

        Args:
            text: In lower case.
            start: Where the number and its bound begin.
            end: Where they end.
            unit: Its unit's word.
            bare: Whether a number without unit and name may mean money.
        """
        before, after = self._before.search(text[:start]), self._after.match(text, end)
        if before and _ENDS_IN_NUMBER.search(text[: before.start()]):
            before = None  # "for 2 people under 250"
        named = before or after
        name = self._names[" ".join(re.split(r"[\s-]+", named["name"]))] if named else None
        whole = (before.start("name") if before else start, after.end("name") if after and not before else end)
        if unit is not None:
            own = [other for other, field in self._numbers.items() if field.dimension == UNITS[unit].dimension]
            usual = [other for group in field_table() if (other := self._fields.of(group)) in own]
            return (name, *whole) if name in own else (next(iter([*usual, *own])), start, end)
        if name is not None:
            return name, *whole
        money, rest = self._facets.number_field("money"), _CLAUSE.match(text, end)
        ends = rest is not None and (rest["next"] is None or rest["next"] in FUNCTION)
        return (money, start, end) if bare and money and ends else None

    def _base(self, name: str, value: float, unit: str | None) -> float:
        """Return a number in the column's base unit; without a unit, in the one that its numbers suggest."""
        field = self._numbers[name]
        if unit is not None:
            return value * UNITS[unit].factor
        known = self._facets.numbers(name)
        low, high = np.nanmin(known), np.nanmax(known)
        factors = sorted((other.factor for other in field.units), reverse=True) or [1.0]
        return value * next((factor for factor in factors if low <= value * factor <= high), factors[0])


def _bounded(read: Quantity, match: re.Match[str], tail: re.Match[str] | None) -> Quantity:
    """Return a quantity with its bounds as the words around the number say."""
    sign, value = match["sign"] or "", read.high or 0.0
    if match["below"] or sign.startswith("<") or (tail and tail["lower"]):
        return replace(read, low=None, strict=sign == "<" or is_strict(match["below"]))
    if match["above"] or sign.startswith(">") or (tail and tail["higher"]):
        return replace(read, high=None, strict=sign == ">" or is_strict(match["above"]))
    if match["about"]:
        return replace(read, low=round(0.8 * value, 6), high=round(1.2 * value, 6))
    return read
