"""Whether an item is too much so, or too long, for whom a question names.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Sequence

from pecrs.data.catalogue import Item
from pecrs.inference.language.lexicon import fact_values, lexicon, listed
from pecrs.inference.language.noted import noted
from pecrs.inference.language.wording import Text, fill
from pecrs.linking.facets import value_key
from pecrs.linking.quantities import Quantity
from pecrs.linking.tones import guessed, opposed, somewhat, telling, told_words
from pecrs.linking.values import FacetValue

_LONG, _SHORT = 110, 95
"""From so many minutes on an item is long for children, and up to so many it is not."""


def tell_too_much(text: Text, item: Item, values: Sequence[FacetValue | Quantity]) -> None:
    """Say once whether an item is too much so for somebody: by whom it suits, and by what is noted of it."""
    tones = [tone for value in values if isinstance(value, FacetValue) for tone in told_words() if _is(value, tone)]
    found = {name: told for tone in tones[:-1] for name, told in telling(item, tone).items()}
    told = listed([words for words in (noted(found), noted({"audience": item.values("audience")})) if words])
    suits = bool(telling(item, tones[-1])) and not guessed(item, tones[-1])
    some = suits or somewhat(item, tones[-1])
    against = opposed(item, tones[-1]) or bool(found)
    name = "hardly" if suits and not found else "some" if some else "surely" if against else "unsure"
    text.add(fill(lexicon()["too_much"][name if told else "unknown"], told=told), item=item)


def _is(value: FacetValue, tone: str) -> bool:
    return value_key(tone) == value.key


def tell_too_long(text: Text, item: Item, values: Sequence[FacetValue | Quantity]) -> None:
    """Say whether an item is too long for children, by its minutes."""
    minutes = next((float(value) for value in fact_values(item, "runtime") if value.isdigit()), 0.0)
    table = lexicon()["too_much"]
    if not minutes:
        return text.add(fill(lexicon()["too_much"]["unknown"]), item=item)
    child = any("child" in value.label for value in values if isinstance(value, FacetValue))
    name = "length" if not child or _SHORT < minutes < _LONG else "long" if minutes >= _LONG else "short"
    return text.add(fill(table[name], values=f"{minutes:g}"), item=item)
