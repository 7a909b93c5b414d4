"""How many items are asked for, where the number stands before a kind of them: "five slashers", "3 Korean horrors".

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pecrs.linking.facets import KIND_FIELDS, THEME_FIELDS
from pecrs.linking.quantities import SPELT, Quantity
from pecrs.linking.values import FacetValue

_MOST = 20
_NUMBER = re.compile(
    rf"(?<![\w:'’.-])(?:(?P<digits>\d{{1,2}})|(?P<word>{'|'.join(SPELT)}))\s+(?=(?P<words>(?:[\w'’-]+\s+){{0,2}}))",
    re.IGNORECASE,
)
_ASKS_FOR = re.compile(
    r"(?:^|[.!?:–-]|\b(?:me|us|list|gimme|want|need|show|find|name|top|other|another|recommend|suggest|idea|or|then)\b)\W*$",
    re.IGNORECASE,
)
"""Before the number of what is asked for, not of those that a story is about: "with two strangers walking"."""


def counted_kinds(text: str, values: Sequence[FacetValue]) -> Iterator[Quantity]:
    """Yield how many items are asked for, where a kind in the plural stands behind the number.

    Args:
        text: A message.
        values: What was found in it.
    """
    for match in _NUMBER.finditer(text):
        number = int(match["digits"]) if match["digits"] else SPELT[match["word"].lower()]
        reach = match.start("words"), match.end("words")
        kinds = (v for v in values if reach[0] <= v.start <= reach[1] and _is_plural(text, v) and not v.near)
        begins = _ASKS_FOR.search(text[: match.start()]) is not None
        if 1 < number <= _MOST and any(begins or not _is_theme(kind) for kind in kinds):
            end = match.end("digits") if match["digits"] else match.end("word")
            yield Quantity(match.start(), end, "count", number, number)


def _is_theme(value: FacetValue) -> bool:
    return KIND_FIELDS.isdisjoint(value.fields)


def _is_plural(text: str, value: FacetValue) -> bool:
    said = text[value.start : value.end].lower()
    kind = not KIND_FIELDS.isdisjoint(value.fields) or value.fields[0] in THEME_FIELDS
    return kind and said.endswith("s") and not said.endswith("ss")
