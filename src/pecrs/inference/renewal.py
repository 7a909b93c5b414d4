"""Whether a request says all that is wanted, or goes on from what was wanted before.

Source: design section 4.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from pecrs.inference.reading import Reading
from pecrs.linking.facets import KIND_FIELDS
from pecrs.linking.values import FacetValue

_MORE = re.compile(r"\b(?:more|less|bit|little)\s*$", re.IGNORECASE)


def compares_kinds(reading: Reading) -> bool:
    """Tell whether all kinds that are asked for are said by comparing: "funnier", "more romantic"."""
    kinds = [
        read.value
        for read in reading.values
        if isinstance(read.value, FacetValue) and read.value.fields[0] in KIND_FIELDS and read.role in ("want", "like")
    ]
    return all(
        reading.text[value.start : value.end].lower().endswith("ier") or _MORE.search(reading.text[: value.start])
        for value in kinds
    )


def is_new_request(reading: Reading, slots: Collection[str]) -> bool:
    """Tell whether a message says all that is wanted, so that nothing of an earlier request is left.

    It names a kind and more, or asks for a kind without refining, or names an item that others should be like.
    """
    if reading.roles("like") and reading.has("ask_recommendation", "ask_more", "refine", "change_mind"):
        return True
    asks, refines = reading.has("ask_recommendation", "ask_list"), reading.has("refine")
    more = len(reading.text.split()) > 2  # "funny?" is a further constraint
    return more and "kind" in slots and ((asks and not refines) or (len(slots) > 1 and (asks or not refines)))
