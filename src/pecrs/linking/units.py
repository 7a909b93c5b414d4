"""Units of measure: which dimension a number has, so that ``850 g`` and ``1.2 kg`` compare."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit.

    Attributes:
        symbol: As it is shown.
        dimension: What it measures; units of one dimension compare.
        factor: How many of the dimension's base unit it is.
    """

    symbol: str
    dimension: str
    factor: float = 1.0


class Measure(NamedTuple):
    """A number with its unit.

    Attributes:
        number: As written.
        unit: Its unit; None where it has none, or one that is not known.
    """

    number: float
    unit: Unit | None


_TABLE: Mapping[str, tuple[tuple[str, float, str], ...]] = {
    "money": (
        ("EUR", 1, "€ eur euro euros"),
        ("$", 1, "$ usd us$ dollar dollars buck bucks"),
        ("GBP", 1, "£ gbp pound_sterling quid"),
        ("CHF", 1, "chf francs"),
    ),
    "mass": (
        ("mg", 0.001, "mg milligram milligrams"),
        ("g", 1, "g gr gram grams gramme grammes"),
        ("kg", 1000, "kg kgs kilo kilos kilogram kilograms"),
        ("oz", 28.349523125, "oz ounce ounces"),
        ("lb", 453.59237, "lb lbs pound pounds"),
    ),
    "length": (
        ("mm", 0.1, "mm millimetre millimetres millimeter millimeters"),
        ("cm", 1, "cm centimetre centimetres centimeter centimeters"),
        ("m", 100, "m metre metres meter meters"),
        ("km", 100_000, "km kilometre kilometres kilometer kilometers"),
        ("in", 2.54, 'in inch inches "'),
        ("ft", 30.48, "ft foot feet"),
    ),
    "volume": (
        ("ml", 0.001, "ml millilitre millilitres milliliter milliliters"),
        ("cl", 0.01, "cl"),
        ("l", 1, "l litre litres liter liters"),
    ),
    "time": (
        ("s", 1 / 60, "s sec secs second seconds"),
        ("min", 1, "min mins minute minutes"),
        ("h", 60, "h hr hrs hour hours"),
        ("days", 1440, "day days"),
    ),
    "storage": (("MB", 1, "mb megabytes"), ("GB", 1000, "gb gigs gigabytes"), ("TB", 1_000_000, "tb terabytes")),
    "power": (("W", 1, "w watt watts"), ("kW", 1000, "kw kilowatt kilowatts")),
    "energy": (("Wh", 1, "wh"), ("kWh", 1000, "kwh")),
    "charge": (("mAh", 1, "mah"), ("Ah", 1000, "ah")),
    "light": (("lm", 1, "lm lumen lumens"),),
    "frequency": (("Hz", 1, "hz"), ("kHz", 1e3, "khz"), ("MHz", 1e6, "mhz"), ("GHz", 1e9, "ghz")),
    "pixels": (("MP", 1, "mp megapixel megapixels"),),
    "speed": (("km/h", 1, "km/h kmh kph"), ("mph", 1.609344, "mph")),
    "loudness": (("dB", 1, "db decibel decibels"),),
    "share": (("%", 1, "% percent"),),
}  # fmt: skip
UNITS: Mapping[str, Unit] = MappingProxyType(
    {
        word: Unit(symbol, dimension, factor)
        for dimension, units in _TABLE.items()
        for symbol, factor, words in units
        for word in words.split()
    }
)
"""Units by the words for them, in lower case."""

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?"
_MEASURE = re.compile(rf"(?P<before>[^\d\s.,-]{{0,3}})\s*(?P<number>{_NUMBER})\s*(?P<after>[^\d\s][^\d]{{0,15}})?")


def parse_measure(text: str) -> Measure | None:
    """Return the number that a value says, with its unit; None where it says no number, or more than one.

    >>> parse_measure("1.2 kg")
    Measure(number=1.2, unit=Unit(symbol='kg', dimension='mass', factor=1000))
    >>> parse_measure("$1,200").number, parse_measure("Size 4")
    (1200.0, None)
    """
    match = _MEASURE.fullmatch(text.strip())
    if match is None:
        return None
    words = [word for word in (match["before"], match["after"]) if word]
    units = [UNITS[word.lower().strip(" .")] for word in words if word.lower().strip(" .") in UNITS]
    if len(words) > 1 or (match["before"] and not units and match["before"].isalnum()):
        return None
    return Measure(plain_number(match["number"]), units[0] if units else None)


def plain_number(digits: str) -> float:
    """Return the value of digits; a comma before three digits groups them, any other one is a decimal comma.

    >>> plain_number("1,200"), plain_number("49,90"), plain_number("1.5")
    (1200.0, 49.9, 1.5)
    """
    if "." not in digits and not re.fullmatch(r"\d{1,3}(?:,\d{3})+", digits):
        digits = digits.replace(",", ".")
    return float(digits.replace(",", ""))


def shown(number: float, units: Iterable[Unit]) -> str:
    """Return a number of a dimension's base units in the largest of some units that leaves no fraction alone.

    >>> shown(1250, [UNITS["g"], UNITS["kg"]]), shown(900, [UNITS["g"], UNITS["kg"]]), shown(50, [UNITS["eur"]])
    ('1.25 kg', '900 g', '50 EUR')
    """
    known = sorted(units, key=lambda unit: unit.factor)
    if not known:
        return f"{number:.10g}"
    unit = next((unit for unit in reversed(known) if number >= unit.factor), known[0])
    figure = f"{number / unit.factor:.10g}"
    if unit.dimension == "money" and "." in figure:
        figure = f"{number / unit.factor:.2f}"
    return f"{unit.symbol}{figure}" if unit.symbol == "$" else f"{figure} {unit.symbol}"
