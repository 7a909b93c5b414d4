"""People of an item in words: who made it, and which of several people are in it.

Source: design section 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pecrs.data.catalogue import Item
from pecrs.inference.language.lexicon import fact_values, lexicon, listed
from pecrs.inference.language.noted import SHOWN
from pecrs.inference.language.wording import fill
from pecrs.inference.moves import Move
from pecrs.inference.understanding.questions import MADE_BY
from pecrs.linking.facets import value_key
from pecrs.linking.values import FacetValue


def people_asked(item: Item, move: Move) -> Mapping[str, bool]:
    """Return by name who is asked about, and whether they are in an item, where one fact tells all of them."""
    fields = lexicon()["facts"]["cast"]["fields"]
    names = [value.label for value in move.values if isinstance(value, FacetValue) and value.fields[0] in fields]
    if len(names) < len(move.values) or not fact_values(item, "cast") or set(move.facts[:1]) & set(MADE_BY):
        return {}
    cast = {value_key(value) for name in fields for value in item.values(name)}
    return {name: value_key(name) in cast for name in names}


def whether_people(people: Mapping[str, bool], nobody: str) -> str:
    """Say which of several people are in an item.

    Args:
        people: Whether they are, by name.
        nobody: What is said where none of them is.
    """
    table, tell = lexicon()["whether"], lexicon()["facts"]["cast"]["tell"]
    there, lacking = ([name for name, found in people.items() if found is own] for own in (True, False))
    if not there:
        return nobody
    told = fill(tell, values=listed(there))
    return (
        fill(table["partly"], told=told, lacking=listed(lacking, "or")) if lacking else fill(table["holds"], told=told)
    )


def made_by(item: Item, facts: Sequence[str], name: str) -> tuple[str, tuple[str, ...]] | tuple[()]:
    """Return who made an item, and by which fact, where that is what was asked; nothing where it is not known."""
    asked = [kind for kind in facts if kind in MADE_BY] if set(facts[:1]) & set(MADE_BY) else []
    known = [kind for kind in (*asked, *(MADE_BY if asked else ())) if fact_values(item, kind)]
    own = [kind for kind in known if kind in asked and _named_in(name, fact_values(item, kind))]
    return next(((kind, fact_values(item, kind)) for kind in (*own, *known)), ())


def _named_in(name: str, people: Sequence[str]) -> list[str]:
    """Return the people whom a name means, which may be the last name alone."""
    return [person for person in people if set(person.lower().split()).issuperset(name.lower().split())]


def whether_by(made: tuple[str, tuple[str, ...]], name: str) -> str:
    """Say whether somebody made an item, who may be called by the last name alone."""
    kind, makers = made
    own = _named_in(name, makers)
    told = fill(lexicon()["facts"][kind]["tell"], values=listed(own or makers[:SHOWN]))
    return fill(lexicon()["made_by"]["holds" if own else "lacks"], told=told)
