import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Speaker
from pecrs.data.templates.dialogues import catalogue_dialogues
from pecrs.errors import DataError
from small_catalogues import BARE, FILMS, SHOP

TOLD = "The crew of a tug answers a call from a lonely moon. Alien is a film of 1979. One by one they disappear."
STORY = Catalogue(
    (Item("1", "Alien", 1979, {"description": (TOLD,)}), Item("2", "Okja", 2017)), ("title", "description")
)


def test_a_request_is_true_of_the_item_that_answers_it():
    for dialogue in catalogue_dialogues(FILMS, 300, 1):
        asked, answer = dialogue.turns
        assert (asked.speaker, answer.speaker) == (Speaker.SEEKER, Speaker.RECOMMENDER)
        (wanted,) = answer.items
        assert wanted not in asked.items
        item = FILMS[wanted]
        assert item.title.lower().removeprefix("the ")[:4] in answer.text.lower()
        for fields in (("genres",), ("actors", "directors", "writers")):
            others = {v.lower() for i in FILMS for f in fields for v in i.values(f)}
            said = {v for v in others if f" {v} " in f" {asked.text.lower()} "}
            if not asked.items and len(said) == 1:
                own = {v.lower() for f in fields for v in item.values(f)}
                assert said <= own, asked.text


def test_the_same_seed_makes_the_same_dialogues_and_held_out_wordings_are_others():
    first = list(catalogue_dialogues(FILMS, 50, 3))
    assert first == list(catalogue_dialogues(FILMS, 50, 3))
    assert first != list(catalogue_dialogues(FILMS, 50, 4))
    assert not {d.turns[0].text for d in first} & {
        d.turns[0].text for d in catalogue_dialogues(FILMS, 50, 3, held_out=True)
    }


def test_sentences_of_a_description_are_asked_for_unless_they_name_the_item():
    asked = [d.turns[0].text.lower() for d in catalogue_dialogues(STORY, 60, 1) if d.turns[1].items == ("1",)]
    assert any("crew of a tug" in text for text in asked)
    assert not any("film of 1979" in text for text in asked)
    assert not any("disappear" in text for text in asked)  # too short to tell it from others


def test_items_are_asked_for_as_often_as_their_weights_say():
    weights = [0.0] * len(FILMS)
    weights[3] = 1.0
    assert {d.turns[1].items for d in catalogue_dialogues(FILMS, 20, 1, weights)} == {(FILMS.items[3].id,)}


def test_other_likings_name_items_that_share_something():
    named = 0
    for dialogue in catalogue_dialogues(FILMS, 400, 2):
        for other in dialogue.turns[0].items:
            item, own = FILMS[other], FILMS[dialogue.turns[1].items[0]]
            values = {v for f in item.facts for v in item.values(f)}
            assert values & {v for f in own.facts for v in own.values(f)}
            named += 1
    assert named


def test_a_shop_is_asked_in_its_own_words():
    assert len(list(catalogue_dialogues(SHOP, 40, 1))) == 40


def test_a_catalogue_without_facts_is_refused():
    with pytest.raises(DataError, match="no facts to be asked for by"):
        list(catalogue_dialogues(BARE, 1, 1))
