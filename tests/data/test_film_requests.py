"""Requests that were written with what fulfils them."""

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.data.loaders.film_requests import HELD_OUT_HAND, film_requests, request_dialogues
from pecrs.errors import DataError

FILMS = Catalogue((Item("1", "Jaws", 1975), Item("2", "Heat", 1995, {"aliases": ("Hitze",)})), ("title",))


def test_those_of_the_package():
    asked = film_requests()
    held = [entry for entry in asked if entry.hand == HELD_OUT_HAND]
    assert (len(asked), len(held)) == (1737, 300)
    assert {entry.kind for entry in held} == {1, 2, 3, 4, 5, 6}
    assert all(entry.items and entry.request.strip() for entry in asked)
    assert {entry.request for entry in held}.isdisjoint(entry.request for entry in asked if entry not in held)


def test_a_request_becomes_a_dialogue_with_its_answers(tmp_path):
    file = tmp_path / "requests.jsonl"
    file.write_text(
        '{"hand": 1, "request": "like Jaws", "items": ["Hitze (1995)", "Jaws (1975)"]}\n'
        '{"hand": 1, "request": "sharks", "items": ["Sharknado (2013)"]}\n'
    )

    def link(text):
        mentions = (Mention(5, 9, "1"),) if "Jaws" in text else ()
        return Turn(Speaker.SEEKER, text, mentions)

    [dialogue] = request_dialogues(film_requests(file), FILMS, link)
    asked, answer = dialogue.turns
    assert (asked.items, answer.items, answer.speaker) == (("1",), ("2",), Speaker.RECOMMENDER)


def test_what_is_wrong_in_a_file_is_named(tmp_path):
    file = tmp_path / "requests.jsonl"
    file.write_text('{"hand": 1, "request": "sharks", "items": "Jaws (1975)"}\n')
    with pytest.raises(DataError, match=r"requests.jsonl:1.*items"):
        film_requests(file)
