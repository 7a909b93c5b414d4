"""What the bodies of requests are made of: texts that can be kept and shown, and no unknown fields."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from pecrs.config import MAX_ITEM_ID


def _clean(text: str) -> str:
    """Refuse what no database and no screen can hold."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("characters that are no text")
    return text


Text = Annotated[str, AfterValidator(_clean)]
"""Any text."""
_PRINTED = r"^[^\x00-\x1f\x7f]+$"
ItemId = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_ITEM_ID, pattern=_PRINTED), AfterValidator(_clean)
]
"""An item's identifier."""
FieldName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PRINTED), AfterValidator(_clean)]
"""The name of a field."""
Short = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_clean)]
"""A title, or a genre."""
Value = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_clean)]
"""One value of an item's field."""
PartKey = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(_clean)]
"""The key of a part of the state."""
Count = Annotated[int, Field(ge=1, le=100)]
"""How many items to rank."""


class Strict(BaseModel):
    """Refuses fields that it does not know."""

    model_config = ConfigDict(extra="forbid")
