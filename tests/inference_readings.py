"""Readings of messages with the roles given, for tests of what follows from them."""

from films import film_catalogue
from pecrs.inference.constraints import NO_NUMBERS, scales_of
from pecrs.inference.state import DialogueState, update
from pecrs.inference.understanding.reading import Reading, ReadItem, ReadValue
from pecrs.linking.facets import Facets
from pecrs.linking.quantities import read_quantities
from pecrs.linking.values import ValueFinder

FILMS = film_catalogue()
FACETS = Facets(FILMS)
FINDER = ValueFinder(FACETS)
SCALES = scales_of(FACETS)


def reading(text, acts="ask_recommendation", *roles, items=()):
    """Return a reading whose values are found in the text and have the given roles, in order; ``want`` by default."""
    quantities = read_quantities(text, 2026)
    taken = [(q.start, q.end) for q in quantities]
    found = sorted([*quantities, *FINDER.find(text, taken)], key=lambda value: value.start)
    given = [*roles, *["want"] * len(found)]
    values = tuple(ReadValue(value, role) for value, role in zip(found, given, strict=False))
    named = tuple(ReadItem(item, role) for item, role in items)
    return Reading(text, dict.fromkeys(acts.split(), 1.0), named, values)


def after(*readings, offered=(), beside=NO_NUMBERS):
    """Return the state after some messages."""
    state = DialogueState()
    for entry in readings:
        state = update(state, entry, offered, SCALES, beside)
    return state
