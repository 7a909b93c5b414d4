"""What a person wants so far, as it goes over the wire: every part has a key by which the person can remove it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pecrs.data.catalogue import Catalogue
from pecrs.inference.constraints import Constraint, Option, Order
from pecrs.inference.edits import SETTINGS
from pecrs.inference.state import ITEM_PARTS, DialogueState
from pecrs.linking.facets import TEXT

EXAMPLE: dict[str, Any] = {
    "wanted": [
        {
            "key": "want:comedy",
            "label": "comedy",
            "facet": "kind",
            "soft": False,
            "values": [{"label": "comedy", "kind": "category", "fields": ["genres"], "strict": False, "outer": ""}],
        },
        {
            "key": "want:1990-1999",
            "label": "1990-1999",
            "facet": "year",
            "soft": False,
            "values": [
                {
                    "label": "1990-1999",
                    "kind": "number",
                    "fields": ["year"],
                    "low": 1990,
                    "high": 1999,
                    "strict": False,
                    "outer": "",
                }
            ],
        },
    ],
    "avoided": [
        {
            "key": "avoid:Adam Sandler",
            "label": "Adam Sandler",
            "facet": "actors",
            "soft": False,
            "values": [
                {"label": "Adam Sandler", "kind": "category", "fields": ["actors"], "strict": False, "outer": ""}
            ],
        }
    ],
    "liked": [{"key": "like:tt0088763", "label": "Back to the Future (1985)", "item": "tt0088763"}],
    "disliked": [],
    "seen": [],
    "rejected": [],
    "popularity": {"key": "popularity", "label": "little known", "value": -1},
    "order": {"key": "order", "label": "newest first", "field": "year", "down": True},
    "count": {"key": "count", "label": "5 items", "value": 5},
}
"""A state, as the API's description shows it."""


class ValueBody(BaseModel):
    """A value that fulfils a constraint: one of some fields has it, or a number lies within bounds."""

    label: str
    kind: Literal["category", "number", "text"] = Field(
        description="A category's value is one of the catalogue's; a text is searched in all words of an item."
    )
    fields: list[str] = Field(description="The catalogue's fields; `minutes` and `money` stand for its number of them.")
    low: float | None = None
    high: float | None = None
    strict: bool = Field(False, description="Whether the bounds themselves are outside: under 20.")
    outer: Literal["", "low", "high"] = Field("", description="The outer quarter of what fits: cheap, heavy.")


class ConstraintBody(BaseModel):
    """Something that an item should have, or must not have."""

    key: str = Field(description="By which it is removed.")
    label: str
    facet: str = Field(description="A newer constraint of the same facet replaces it.")
    soft: bool = Field(description="A taste rather than a request: given up first where no item fulfils everything.")
    values: list[ValueBody] = Field(description="One of them is enough.")


class StateItem(BaseModel):
    """An item that the person spoke of."""

    key: str = Field(description="By which it is removed.")
    label: str = Field(description="Its title and year; its identifier where the catalogue has it no more.")
    item: str


class NumberPart(BaseModel):
    """Another part of the state."""

    key: str = Field(description="By which it is removed.")
    label: str
    value: int


class OrderPart(BaseModel):
    """What comes first: "the cheapest", "the newest"."""

    key: str = Field(description="By which it is removed.")
    label: str
    field: str = Field(description="The catalogue's field, `minutes` or `money`.")
    down: bool = Field(description="Whether the largest comes first.")


class StateBody(BaseModel):
    """What the person wants so far, as it was understood."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})
    wanted: list[ConstraintBody] = Field([], description="What an item should have.")
    avoided: list[ConstraintBody] = Field([], description="What it must not have.")
    liked: list[StateItem] = Field([], description="Liked, or named as an example; the oldest first.")
    disliked: list[StateItem] = []
    seen: list[StateItem] = Field([], description="Known already.")
    rejected: list[StateItem] = Field([], description="Offered and turned down.")
    popularity: NumberPart | None = Field(None, description="1 asks for well-known items, -1 for little-known ones.")
    order: OrderPart | None = Field(None, description="What comes first, where the most or least is asked for.")
    count: NumberPart | None = Field(None, description="How many items the last request asked for, if it said.")


def state_record(state: DialogueState | None, catalogue: Catalogue) -> dict[str, Any] | None:
    """Return a state as it goes over the wire; None where the model reads no messages.

    Args:
        state: What was understood.
        catalogue: Has the titles.
    """
    if state is None:
        return None
    items = {field: _items(kind, getattr(state, field), catalogue) for kind, field in ITEM_PARTS.items()}
    fame = "well known" if state.popularity > 0 else "little known"
    return {
        "wanted": _constraints("want", state.wanted),
        "avoided": _constraints("avoid", state.avoided),
        **items,
        "popularity": {"key": "popularity", "label": fame, "value": state.popularity} if state.popularity else None,
        "order": None if state.order is None else _order(state.order),
        "count": None if state.count is None else _count(state.count),
    }


def popularity_edit(record: dict[str, Any] | None, wanted: int) -> list[str]:
    """Return the edits that make a state ask for items so well known: one, or none where it does already."""
    now = (record or {}).get("popularity")
    if wanted == (now["value"] if now else 0):
        return []
    return [next((key for key, value in SETTINGS.items() if value == wanted), "popularity")]


def keys_of(record: dict[str, Any] | None) -> set[str]:
    """Return the keys of all parts of a state."""
    parts = [part for part in (record or {}).values() if part]
    return {entry["key"] for part in parts for entry in (part if isinstance(part, list) else [part])}


def _constraints(kind: str, constraints: Sequence[Constraint]) -> list[dict[str, Any]]:
    return [
        {
            "key": f"{kind}:{entry}",
            "label": str(entry),
            "facet": entry.slot,
            "soft": entry.soft,
            "values": [_value(option) for option in entry.options],
        }
        for entry in constraints
    ]


def _value(option: Option) -> dict[str, Any]:
    kind = "number" if not option.key else "text" if option.fields == (TEXT,) else "category"
    bounds = {"low": option.low, "high": option.high, "strict": option.strict, "outer": option.outer}
    return {"label": option.label, "kind": kind, "fields": list(option.fields), **bounds}


def _order(order: Order) -> dict[str, Any]:
    return {"key": "order", "label": order.label, "field": order.field, "down": order.down}


def _count(count: int) -> dict[str, Any]:
    return {"key": "count", "label": "1 item" if count == 1 else f"{count} items", "value": count}


def _items(kind: str, items: Sequence[str], catalogue: Catalogue) -> list[dict[str, str]]:
    names = {item: catalogue[item].name if item in catalogue else item for item in items}
    return [{"key": f"{kind}:{item}", "label": name, "item": item} for item, name in names.items()]
