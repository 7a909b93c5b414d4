"""Requests that were written with what fulfils them."""

import pytest

from pecrs.data.loaders.film_requests import HELD_OUT_HANDS, film_requests
from pecrs.errors import DataError


def test_those_of_the_package():
    asked = film_requests()
    held = [entry for entry in asked if entry.hand in HELD_OUT_HANDS]
    assert (len(asked), len(held)) == (3115, 480)
    assert {entry.kind for entry in held} == {1, 2, 3, 4, 5, 6}
    assert all(entry.items and entry.request.strip() for entry in asked)
    assert {entry.request for entry in held}.isdisjoint(entry.request for entry in asked if entry not in held)


def test_what_is_wrong_in_a_file_is_named(tmp_path):
    file = tmp_path / "requests.jsonl"
    file.write_text('{"hand": 1, "request": "sharks", "items": "Jaws (1975)"}\n')
    with pytest.raises(DataError, match=r"requests.jsonl:1.*items"):
        film_requests(file)
