"""Decoded lower-case text is written as people would write it, and titles keep their place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.truecase import Truecaser
from pecrs.errors import DataError

PEOPLE = [
    "so I saw it on Netflix",
    "then I left Netflix",
    "and i said I like Netflix",
    "a sci-fi one",
    "sci-fi",
    "a sci-fi",
]
SPELLING = Truecaser.learn([*PEOPLE, "WE ALL SHOUT SO", "So So so", "it is so. So it is"])


def test_a_majority_inside_sentences_decides():
    assert SPELLING.words == {"i": "I", "netflix": "Netflix", "sci-fi": "sci-fi"}


WRITTEN = {
    "i ' ve seen it . it ' s great , isn ' t it ?": "I've seen it. It's great, isn't it?",
    "yes ! i ' ll watch it on netflix": "Yes! I'll watch it on Netflix.",
    "a sci - fi one - or not": "A sci-fi one - or not.",
    "it has 7 . 5 stars ( of 10 ) for $ 5": "It has 7.5 stars (of 10) for $5.",
    'he said " hello " twice': 'He said "hello" twice.',
    "hello . have you seen it": "Hello. Have you seen it?",
    "oh , what do you like": "Oh, what do you like?",
    "so , i have seen it": "So, I have seen it.",
    "brad pitt is in it , and so is will smith ; will you ?": "Brad Pitt is in it, and so is Will Smith; will you?",
    "": "",
}


@pytest.mark.parametrize("decoded", WRITTEN)
def test_text_is_written_as_people_write(decoded):
    films = Catalogue(
        (Item("1", "Se7en", 1995, {"actors": ("Brad Pitt", "Will Smith"), "genres": ("crime drama",)}),), ("title",)
    )
    assert SPELLING.with_names(films).write(decoded) == (WRITTEN[decoded], ())


def test_titles_stay_as_they_are_and_their_spans_move_along():
    text = "i ' ve seen the iPod Film (2001), and x - MEN !"
    first, second = text.index("the iPod"), text.index("x - MEN")
    titles = ((first, first + len("the iPod Film (2001)")), (second, second + len("x - MEN")))
    written, spans = SPELLING.write(text, titles)
    assert written == "I've seen the iPod Film (2001), and x - MEN!"
    assert [written[start:end] for start, end in spans] == [text[start:end] for start, end in titles]


def test_a_title_does_not_touch_the_words_beside_it():
    assert SPELLING.write("Jaws (1975)it is", ((0, 11),)) == ("Jaws (1975) it is.", ((0, 11),))
    assert SPELLING.write("seeJaws", ((3, 7),)) == ("See Jaws.", ((4, 8),))
    assert SPELLING.write("Jaws (1975)", ((0, 11),)) == ("Jaws (1975)", ((0, 11),))
    assert SPELLING.write("have you seen Vol. 2 (2017)", ((14, 27),))[0] == "Have you seen Vol. 2 (2017)?"
    assert SPELLING.write("what a great movie")[0] == "What a great movie."
    assert SPELLING.write("what movie is it")[0] == "What movie is it?"


TITLES = st.sampled_from(["Jaws (1975)", "IT", "x - y", "i ' m", "."])


@settings(derandomize=True, deadline=None, database=None, max_examples=200)
@given(st.lists(st.tuples(st.text("ai '.,-!()\"é\n", max_size=12), TITLES), max_size=3), st.text("ai .", max_size=5))
def test_spans_always_hold_their_titles(pieces, rest):
    text, titles = "", []
    for words, title in pieces:
        titles.append((len(text + words), len(text + words + title)))
        text += words + title
    written, spans = SPELLING.write(text + rest, titles)
    assert [written[start:end] for start, end in spans] == [title for _, title in pieces]


def test_it_is_saved_and_read(tmp_path):
    SPELLING.save(tmp_path / "a.json")
    assert Truecaser.load(tmp_path / "a.json") == SPELLING


@pytest.mark.parametrize("content", ["[]", "{", '{"a": 1}', '{"a": "B"}', '{"A": "A"}'])
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(DataError, match=r"a\.json"):
        Truecaser.load(tmp_path / "a.json")
