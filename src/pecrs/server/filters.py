"""Conditions and filters, as they go over the wire."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from pecrs.errors import DataError
from pecrs.inference.types import Filters
from pecrs.linking.conditions import Condition
from pecrs.server.bodies import FieldName, ItemId, Short, Strict

Bound = Annotated[float, Field(allow_inf_nan=False)] | Annotated[Short, StringConstraints(min_length=1)] | None
"""A number, in the field's unit, or one with a unit: ``2 kg``."""
Values = Annotated[list[Annotated[Short, StringConstraints(min_length=1)]], Field(max_length=200)]


class ConditionBody(Strict):
    """What a field of an item must hold; all that is set must be true."""

    field: FieldName = Field(description="A field of the catalogue; `year` is one too.", examples=["directors"])
    any_of: Values = Field([], description="At least one of these; of numbers also ranges: `1990..1999`.")
    none_of: Values = Field([], description="None of these.")
    at_least: Bound = Field(None, description="Of a number, as are the others.", examples=[20])
    at_most: Bound = Field(None, examples=["2 kg"])
    more_than: Bound = None
    less_than: Bound = None

    def value(self) -> Condition:
        """Return the condition as the recommender knows it."""
        bounds = (self.at_least, self.at_most, self.more_than, self.less_than)
        least, most, above, below = (f"{bound:.15g}" if isinstance(bound, float) else bound or "" for bound in bounds)
        return Condition(self.field, tuple(self.any_of), tuple(self.none_of), least, most, above, below)


def _read_condition(given: object) -> object:
    """Read the text form of a condition."""
    if not isinstance(given, str):
        return given
    try:
        read = Condition.parse(given)
    except DataError as error:
        raise ValueError(error.reason) from None
    return {name: value for name, value in asdict(read).items() if value}


Where = Annotated[
    list[Annotated[ConditionBody, BeforeValidator(_read_condition, json_schema_input_type=ConditionBody | Short)]],
    Field(
        max_length=50,
        description="All of these must hold: each a condition, or its text: `price<=50`, `brand=Acme|Nord`, "
        "`genres!=horror`, `year=1990..1999`, `waterproof=yes`.",
        examples=[["genres=comedy|romance", "year=1990..1999"], [{"field": "year", "at_least": 1990}]],
    ),
]
Sort = Annotated[
    Short,
    Field(
        description="A field of numbers: the least comes first, with `-year` the largest; empty for the best match.",
        examples=["-year"],
    ),
]


class FiltersBody(Strict):
    """What may be recommended; `GET /v1/facets` says which fields and values there are."""

    where: Where = Field([])
    sort: Sort = ""
    exclude: list[ItemId] = Field([], max_length=10_000)
    exclude_mentioned: bool = True

    @model_validator(mode="before")
    @classmethod
    def _earlier(cls, given: Any) -> Any:
        """Read `genres` and `years`, as earlier clients send and kept conversations hold them, as conditions."""
        if not isinstance(given, dict) or {"genres", "years"}.isdisjoint(given):
            return given
        genres, years = given.get("genres"), given.get("years")
        where = [{"field": "genres", "any_of": genres}] if genres else []
        if years is not None:
            if not isinstance(years, list | tuple) or len(years) != 2:
                raise ValueError("years are a first and a last one; better say it in where: year=1990..1999")
            where.append({"field": "year", "at_least": years[0], "at_most": years[1]})
        kept = {name: value for name, value in given.items() if name not in ("genres", "years")}
        more = kept.get("where", [])
        return {**kept, "where": [*where, *more]} if isinstance(more, list) else given

    def value(self) -> Filters:
        """Return the filters as the recommender knows them."""
        where = tuple(condition.value() for condition in self.where)
        return Filters(frozenset(self.exclude), self.exclude_mentioned, where, self.sort)
