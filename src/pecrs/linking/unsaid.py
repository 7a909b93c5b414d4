"""Values that nobody says in these words: people say "make me cry" and not "sad", and ask for no title in Japanese.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pecrs.linking.facets import Facets, value_key
from pecrs.linking.names import ALIASES
from pecrs.linking.tones import told_values

_TOLD_ONLY = (ALIASES, "based_on", "photography", "ending")
"""Fields that answer questions, and whose values other words stand for."""

_PLACES = "setting"
"""Places that are no names, as "a ship", are themes too."""


def unsaid(facets: Facets) -> Iterator[tuple[str, Collection[str]]]:
    """Yield fields with those of their values that are not looked for in what people say.

    Args:
        facets: The catalogue's.
    """
    told = told_values()
    yield from ((name, values) for name, values in told.items() if name not in _TOLD_ONLY)
    yield from ((name, facets.keys(name)) for name in _TOLD_ONLY)
    titles = {f"the {value_key(item.title)}" for item in facets.catalogue}  # "the Titanic" is rather the film
    yield _PLACES, [key for key in facets.keys(_PLACES) if key.startswith(("a ", "an ")) or key in titles]
