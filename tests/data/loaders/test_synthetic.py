"""The made-up film world keeps its promises: same seed same world, recommendations that fit what was asked."""

from __future__ import annotations

from collections import Counter

import pytest

from pecrs.data.dialogue import Dialogue, Speaker, check_items
from pecrs.data.loaders.synthetic import film_world
from pecrs.errors import ConfigError


@pytest.fixture(scope="module")
def world():
    return film_world(7, 300)


def test_the_same_seed_gives_the_same_world(world):
    assert film_world(7, 300) == world


def test_a_smaller_world_is_the_beginning_of_a_larger_one(world):
    catalogue, dialogues = film_world(7, 20)
    assert catalogue == world[0]
    assert dialogues == world[1][:20]


def test_another_seed_gives_another_world(world):
    assert film_world(8, 300) != world


def test_negative_number_of_dialogues_is_refused():
    with pytest.raises(ConfigError, match="at least 0"):
        film_world(1, -1)


def test_sixty_films_with_all_fields_and_one_remake(world):
    catalogue, _ = world
    assert len(catalogue) == 60
    for item in catalogue:
        assert all(catalogue.text_fields(item))
    assert len({item.name for item in catalogue}) == 60
    assert sorted(Counter(item.title for item in catalogue).values())[-2:] == [1, 2]


def test_dialogues_name_known_items_where_the_text_says_so(world):
    catalogue, dialogues = world
    check_items(dialogues, [item.id for item in catalogue])
    mentions = 0
    for dialogue in dialogues:
        for position, turn in enumerate(dialogue.turns):
            assert "{" not in turn.text
            assert turn.messages == (position,)
            for mention in turn.mentions:
                assert turn.text[mention.start : mention.end] == catalogue[mention.item].name
                mentions += 1
    assert mentions > len(dialogues)


def _recommended(dialogue: Dialogue) -> list[str]:
    return [item for turn in dialogue.turns if turn.speaker is Speaker.RECOMMENDER for item in turn.items]


def test_recommendations_fit_what_the_seeker_asked_for(world):
    catalogue, dialogues = world
    constraints = sorted({value for item in catalogue for name in ("genres", "actors") for value in item.facts[name]})
    for dialogue in dialogues:
        said = " ".join(turn.text for turn in dialogue.turns if turn.speaker is Speaker.SEEKER)
        wanted = [value for value in constraints if value in said]
        assert len(wanted) == 1
        recommended = _recommended(dialogue)
        assert recommended
        assert len(set(recommended)) == len(recommended)
        for item in recommended:
            facts = catalogue[item].facts
            assert wanted[0] in facts["genres"] + facts["actors"]


def test_the_shapes_of_real_dialogues_occur(world):
    _, dialogues = world
    openers = {dialogue.turns[0].speaker for dialogue in dialogues}
    assert openers == set(Speaker)
    neighbours = [pair for d in dialogues for pair in zip(d.turns, d.turns[1:], strict=False)]
    assert {left.speaker for left, right in neighbours if left.speaker is right.speaker} == set(Speaker)
    turns = [turn for dialogue in dialogues for turn in dialogue.turns]
    assert any(len(turn.items) == 2 for turn in turns)
    assert any(not turn.items for turn in turns)
    assert any(turn.items for turn in turns if turn.speaker is Speaker.SEEKER)
    liked = {label.liked for dialogue in dialogues for label in dialogue.labels.values()}
    assert liked == {True, False}


def test_knowing_the_genre_beats_popularity_by_construction(world):
    catalogue, dialogues = world
    train, held_out = dialogues[:200], dialogues[200:]
    counts = Counter(item for dialogue in train for item in _recommended(dialogue))
    by_popularity = sorted((item.id for item in catalogue), key=lambda item: -counts[item])
    genres = {item.id: item.facts["genres"][0] for item in catalogue}
    popular_hits = informed_hits = total = 0
    for dialogue in held_out:
        for label in _recommended(dialogue):
            same_genre = [item for item in by_popularity if genres[item] == genres[label]]
            popular_hits += label in by_popularity[:3]
            informed_hits += label in same_genre[:3]
            total += 1
    assert informed_hits / total > 2 * popular_hits / total
