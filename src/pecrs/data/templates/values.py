"""What fills the slots of wordings: a catalogue's own values, and the words of its domain."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import accumulate
from random import Random
from typing import Any

import yaml

from pecrs.data.catalogue import Catalogue, Item
from pecrs.errors import ConfigError

_LISTS = ("theme", "mood", "place", "nation", "country", "price", "number", "day")
_KEYWORD_WORDS = 3
_TENS = "twenties thirties forties fifties sixties seventies eighties nineties"
_DECADES = dict(zip(range(2, 10), _TENS.split(), strict=True))


class Pool:
    """Values that are drawn as often as the catalogue has them.

    Args:
        values: The values, repeated as often as they occur.
    """

    def __init__(self, values: Iterable[str]) -> None:
        """Count the values."""
        counts = Counter(value.strip() for value in values)
        counts.pop("", None)
        self.values = tuple(counts)
        self._weights = tuple(accumulate(counts.values()))

    def pick(self, rng: Random) -> str:
        """Draw a value."""
        return rng.choices(self.values, cum_weights=self._weights)[0]


@cache
def read_wordings(name: str) -> Any:
    """Return the content of a file of wordings.

    Args:
        name: Its name without the ending.
    """
    text = resources.files("pecrs.data.templates").joinpath("wordings", f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


class Values:
    """The values of a catalogue by slot.

    Args:
        catalogue: The items.
        domain: What the items are, a key of ``domains`` in ``values.yaml``; by default guessed from the fields.

    Attributes:
        domain: What the items are.
        speech: How the domain is talked about: its nouns, and forms of its verb.
        fields: The slots for which the catalogue has a field.
        pools: Values by slot.
        items: The items that have a title.

    Raises:
        ConfigError: If the domain is unknown.
    """

    def __init__(self, catalogue: Catalogue, domain: str | None = None) -> None:
        """Collect the values."""
        words: Mapping[str, Any] = read_wordings("values")
        present = frozenset[str]().union(*(item.facts for item in catalogue))
        domains: Mapping[str, Mapping[str, Any]] = words["domains"]
        fitting = (name for name, said in domains.items() if not said["fields"] or present & set(said["fields"]))
        self.domain = domain or next(fitting)
        if self.domain not in domains:
            raise ConfigError(f"domain: {self.domain!r} is none of {', '.join(domains)}")
        self.speech: Mapping[str, Sequence[Any]] = domains[self.domain]
        self._people: Sequence[str] = words["fields"]["person"]
        self._genres: Mapping[str, Mapping[str, list[str]]] = words["genres"]
        self._suffix = re.compile(rf"\s+(?:{'|'.join(words['genre_suffixes'])})$")
        self.items = [item for item in catalogue if item.title]
        self._item_weights = tuple(accumulate(1 + sum(map(len, item.facts.values())) for item in self.items))
        lists = [name for name in _LISTS if name not in self.speech.get("without", ())]
        self._slots: Mapping[str, Sequence[str]] = words["fields"]
        found = self.of(self.items)
        found["keyword"] = found["keyword"] or (words["theme"] if "theme" in lists else [])
        pools = {slot: Pool(values) for slot, values in {**found, **{name: words[name] for name in lists}}.items()}
        self.pools = {slot: pool for slot, pool in pools.items() if pool.values}
        self.fields = frozenset(slot for slot, names in words["fields"].items() if present & set(names))

    def of(self, items: Iterable[Item]) -> dict[str, list[str]]:
        """Return the values of items by slot, as often as the items have them."""
        items = list(items)
        found = {slot: list(_values(items, names)) for slot, names in self._slots.items()}
        found["genre"] = [self._genre(value) for value in found["genre"]]
        found["keyword"] = [value for value in found["keyword"] if len(value.split()) <= _KEYWORD_WORDS]
        found["year"] = [str(item.year) for item in items if item.year is not None]
        return found

    def has(self, slot: str) -> bool:
        """Tell whether there are values for a slot."""
        name = slot.removeprefix("asked").removeprefix("offer").rstrip("0123456789") or "offer"
        needed = {"kind": "genre", "kinds": "genre", "decade": "year", "star": "person"}.get(name, name)
        if needed in ("title", "offer"):
            return bool(self.items)
        return needed in self.pools or needed in self.speech or needed == "noun"

    def item(self, rng: Random) -> Item:
        """Draw an item; the more a catalogue knows of one, the better known it tends to be."""
        return rng.choices(self.items, cum_weights=self._item_weights)[0]

    def people(self, item: Item) -> list[str]:
        """Return the people of an item, by the order of the fields that hold people."""
        return [name for field in self._people for name in item.values(field)]

    def genre_forms(self, genre: str) -> tuple[list[str], list[str], list[str], list[str]]:
        """Return how a genre is said: its name, before a noun, and one and many of the kind (may be none)."""
        forms = self._genres.get(genre, {})
        name = forms.get("name", [genre])
        return name, forms.get("before", name), forms.get("one", []), forms.get("many", [])

    def decade_forms(self, year: str) -> list[str]:
        """Return how the decade of a year is said: "1990s", "nineties", "90's"."""
        decade = year[:3] + "0"
        forms = [f"{decade}s", f"{decade}'s"]
        if "1920" <= decade < "2000":
            forms += [f"{decade[2:]}s", f"{decade[2:]}'s", f"{decade[2:]}s", _DECADES[int(decade[2])]]
        return forms

    def _genre(self, value: str) -> str:
        genre = value.lower()
        return genre if genre in self._genres else self._suffix.sub("", genre)


def _values(items: Iterable[Item], fields: Sequence[str]) -> Iterator[str]:
    for item in items:
        for field in fields:
            yield from item.values(field)
