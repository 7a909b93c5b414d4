"""The usual names of fields that tell who made an item or is in it.

Which fields of a catalogue hold people is told by their values (:attr:`pecrs.linking.facets.Facets.people`); these
names tell what people do, and stand for the fields where no catalogue is at hand.
"""

from __future__ import annotations

from pecrs.linking.facets import Facets

DIRECTORS = ("directors", "director")
WRITERS = ("authors", "author", "writers", "writer")
ARTISTS = ("artists", "artist")
PERFORMERS = ("actors", "cast")

MAKERS = (*DIRECTORS, *WRITERS[:2], *ARTISTS, "brand")
"""Who made an item, whoever wrote what it goes back to."""

PEOPLE = frozenset({*PERFORMERS, *DIRECTORS, *WRITERS, *ARTISTS})
"""Whoever made an item or is in it; a brand is nobody."""


def makers_of(facets: Facets) -> tuple[str, ...]:
    """Return the fields of a catalogue that tell who made an item, who counts most first."""
    return tuple(name for name in MAKERS if name in facets.fields)
