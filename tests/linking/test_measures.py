"""Numbers that a catalogue's own columns measure, read with their units and names."""

import pytest

from pecrs.data.loaders.synthetic_shop import shop_catalogue
from pecrs.linking.facets import Facets
from pecrs.linking.fields import FieldNames
from pecrs.linking.measures import MeasureReader
from pecrs.linking.quantities import read_quantities

FACETS = Facets(shop_catalogue(320))
READER = MeasureReader(FACETS, FieldNames(FACETS))

CASES = {
    "a tent under 50": [("money", None, 50, True)],
    "between 20 and 30": [("money", 20, 30, False)],
    "€20 - €50": [("money", 20, 50, False)],
    "tent for 4 people": [("persons", 4, 4, False)],
    "for 2 people under 250": [("persons", 2, 2, False), ("money", None, 250, True)],
    "at least 40l": [("capacity", 40, None, False)],
    "no more than 1.5 kilos": [("weight", None, 1500, False)],
    "lighter than 500 g": [("weight", None, 500, True)],
    "from 1 to 2 kg": [("weight", 1000, 2000, False)],
    "rated 4.5 or higher": [("rating", 4.5, None, False)],
    "battery of at least 20 hours": [("minutes", 1200, None, False)],
    "<= 50 euros": [("money", None, 50, False)],
    "in stock": [("stock", 1, None, False)],
    "sold out": [("stock", None, 0, False)],
    "under 150 euros and below 2 kg": [("money", None, 150, True), ("weight", None, 2000, True)],
    "i have ten friends": [],
    "size 42": [],
}


@pytest.mark.parametrize("text", CASES)
def test_a_number_is_about_the_column_that_its_unit_or_name_says(text):
    found = READER.read(text, read_quantities(text, 2026))
    assert [(q.kind, q.low, q.high, q.strict) for q in found] == CASES[text]


def test_columns_are_told_by_their_values():
    kinds = {name: (field.kind, field.dimension) for name, field in FACETS.fields.items()}
    assert kinds["weight"] == ("number", "mass")
    assert kinds["price"] == ("number", "money")
    assert kinds["waterproof"] == ("flag", "")
    assert kinds["colours"] == ("category", "")
    assert kinds["description"] == ("text", "")
