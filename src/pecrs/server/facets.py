"""Which fields a catalogue has and what they hold, for those who filter by them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Literal
from weakref import WeakKeyDictionary

import numpy as np
from pydantic import BaseModel, Field

from pecrs.inference.recommender import Recommender
from pecrs.linking.facets import YEAR, Facets
from pecrs.linking.fields import field_label


class FacetBody(BaseModel):
    """A field by which items can be told apart."""

    field: str
    label: str = Field(description="The field as it is said: without underscores, without a unit.")
    kind: Literal["category", "number", "flag", "text"]
    declared: bool = Field(description="Whether items have it; otherwise it is guessed from what they have.")
    items: int = Field(description="How many items have it.")
    low: float | None = None
    high: float | None = None
    unit: str = Field("", description="What `low`, `high` and conditions on the number are given in.")
    values: int = Field(0, description="How many different values a category has.")
    common: dict[str, int] = Field({}, description="Its most frequent values, with their items.")


class FacetList(BaseModel):
    """All fields of the catalogue."""

    items: int
    facets: list[FacetBody]
    fame: bool = Field(description="Whether a state's `popularity` can be set: it is known how well known items are.")


def facet_list(recommender: Recommender, common: int) -> FacetList:
    """Describe the fields of a catalogue.

    Args:
        recommender: Has the catalogue.
        common: How many of a category's values are named.
    """
    facets = recommender.replies.candidates.facets
    if facets not in _DESCRIBED:
        declared = {YEAR}.union(*(item.facts for item in facets.catalogue))
        _DESCRIBED[facets] = [_facet(facets, name, name in declared) for name in facets.fields]
    cut = [body.model_copy(update={"common": dict(islice(body.common.items(), common))}) for body in _DESCRIBED[facets]]
    return FacetList(items=len(facets.catalogue), facets=cut, fame=knows_fame(recommender))


def knows_fame(recommender: Recommender) -> bool:
    """Tell whether well-known and little-known items are told apart, so that asking for either changes the order."""
    fame = recommender.replies.preferences.similarity.fame
    return recommender.replies.reader is not None and bool(fame.max() > fame.min())


_DESCRIBED: WeakKeyDictionary[Facets, Sequence[FacetBody]] = WeakKeyDictionary()
"""Fields with all of their values, worked out once for all who ask."""


def _facet(facets: Facets, name: str, declared: bool) -> FacetBody:
    field = facets.fields[name]
    body = FacetBody(field=name, label=field_label(name), kind=field.kind, declared=declared, items=0)
    if field.kind == "number":
        numbers = facets.numbers(name)
        known, factor = numbers[~np.isnan(numbers)], 1.0 if field.unit is None else field.unit.factor
        low, high = (float(known.min()) / factor, float(known.max()) / factor) if len(known) else (None, None)
        unit = field.unit.symbol if field.unit is not None else ""
        return body.model_copy(update={"items": len(known), "low": low, "high": high, "unit": unit})
    if field.kind == "text":
        return body.model_copy(update={"items": sum(bool(item.values(name)) for item in facets.catalogue)})
    held = {key: len(facets.stated(name, key)) for key in facets.keys(name)}
    frequent = sorted(held, key=lambda key: (-held[key], key))
    counts = {facets.spelling(name, key): held[key] for key in frequent}
    return body.model_copy(update={"items": int(facets.filled(name).sum()), "values": len(held), "common": counts})
