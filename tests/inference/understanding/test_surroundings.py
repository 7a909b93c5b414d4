"""What is told around a request is not wanted, what is asked for is, and what is missed least is given up."""

import pytest

from bundled import bundled_recommender
from inference_readings import reading
from pecrs.inference.understanding.doing import as_done
from pecrs.inference.understanding.surroundings import told_spans
from pecrs.inference.understanding.wanted_beside import dates_it, told_by_the_way
from pecrs.linking.quantities import read_quantities


def wanted(reply):
    return {str(entry) for entry in reply.state.wanted}


def first(reply, count=3):
    return [entry.item.title for entry in reply.items[:count]]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("My boat sank last week. Show me a comedy", ["My boat sank last week."]),
        ("my dog ate my shoes and the fridge broke so i need a comedy", ["my dog ate my shoes and the fridge broke "]),
        ("My wife loves boats. Show me a comedy", []),
        ("My brother is a cop. Got anything for him?", []),
        ("Christmas is coming. A comedy please", []),
        ("A comedy. It should have a dog", []),
    ],
)
def test_a_story_tells_of_a_life_and_of_no_taste(text, told):
    read = reading(text)
    assert [text[start:end] for start, end in told_spans(read)] == told


@pytest.mark.parametrize(
    ("message", "state"),
    [
        ("just got back from seoul, so full of kimchi, now i'm in withdrawal. a korean movie pls", {"Korean"}),
        (
            "I broke my leg skiing in Austria and sat with my cat for days. Got a good spy thriller?",
            {"spy", "thriller"},
        ),
        ("grandpa used to be a fisherman. he'd like a western", {"western"}),
        ("My girlfriend adores vampires, I work in a bank. So a vampire film please", {"vampires"}),
        ("He loves planes. A drama for him?", {"plane", "drama"}),
        ("My brother works in a prison. Do you have prison films?", {"prison"}),
        ("This year I'd like to surprise them. Which Christmas movie could we all watch?", {"christmas"}),
        ("what heist film with Al Pacino should i see", {"heist", "Al Pacino"}),
        ("a wedding comedy", {"wedding", "comedy"}),
        ("a christmas horror movie", {"christmas", "horror"}),
        ("a thriller on a plane", {"thriller", "plane"}),
        ("a haunted house movie", {"haunted house"}),
        ("a survival story in the mountains", {"survival", "mountains"}),
    ],
)
def test_what_a_request_asks_for_is_wanted(talk, message, state):
    assert wanted(talk(message)) == state


def test_what_was_told_before_a_request_for_the_same_again_changes_nothing(talk):
    reply = talk(
        "a horror comedy from the eighties", "Great, but the teenagers find the 80s old. Same thing after 2000"
    )
    assert wanted(reply) == {"horror", "comedy", "2001 or later"}


def test_words_that_set_a_place_after_an_offer_ask_for_others(talk):
    assert "space" in wanted(talk("sci fi but no action, 2000 or newer", "set in space?"))


def test_somebody_by_name_is_given_up_last(talk):
    reply = talk(
        "a sci-fi film directed by Denis Villeneuve", "I've seen Arrival and Blade Runner 2049, neither of those"
    )
    assert all("Denis Villeneuve" in entry.item.values("directors") for entry in reply.items[:3])


def test_the_newer_person_is_kept(talk):
    reply = talk(
        "a romance with Emma Thompson from the nineties", "She also likes Kate Winslet, a romance with her please"
    )
    later = talk(
        "a romance with Emma Thompson from the nineties",
        "She also likes Kate Winslet, and asks for a romance with her, but not Sense and Sensibility or Titanic",
    )
    assert all("Kate Winslet" in entry.item.values("actors") for entry in (*reply.items[:2], *later.items[:2]))


def test_what_need_not_be_gives_way_to_the_theme(talk):
    reply = talk("a Christmas comedy, preferably with Hugh Grant or Emma Thompson")
    assert [entry.soft for entry in reply.state.wanted] == [False, False, True]


@pytest.mark.parametrize(
    ("messages", "cast"),
    [
        (("something Ben Affleck directed but doesn't star in",), False),
        (("a western with Clint Eastwood", "forget westerns. something he directed but he's not acting in"), False),
        (("a western that Clint Eastwood both directed and acts in",), True),
    ],
)
def test_somebody_directs_with_or_without_being_in_it(talk, messages, cast):
    reply = talk(*messages)
    name = str(reply.state.wanted[-1]) if not cast else "Clint Eastwood"
    for entry in reply.items[:3]:
        assert name in entry.item.values("directors")
        assert (name in entry.item.values("actors")) is cast


def test_the_children_that_are_in_bed_are_no_audience(talk):
    reply = talk(
        "When the children are in bed, an action film that takes place at Christmas, an older one from the eighties"
    )
    assert wanted(reply) == {"action", "christmas", "1980-1989"}
    assert first(reply, 1) == ["Die Hard"]


def test_years_say_when_an_item_is_from_or_when_something_happens():
    assert read_quantities("this year I'd like a film", 2020) == ()
    [year] = read_quantities("a film from this year", 2020)
    assert not told_by_the_way("a film from this year", year)
    [years] = read_quantities("an older one from the eighties", 2020)
    assert dates_it("an older one from the eighties", years)


def test_of_several_people_nobody_is_taken_for_the_director():
    found = bundled_recommender().replies.reader.finder.find("Brad Pitt in a film that Clint Eastwood directed")
    facets = bundled_recommender().replies.reader.facets
    assert as_done("Brad Pitt in a film that Clint Eastwood directed", found, {"actors", "directors"}, facets) == list(
        found
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Not that one. From the 1980s if you can.", True),
        ("not quite what i want from the 1980s please", True),
        ("From the 1980s I liked nothing", False),
    ],
)
def test_years_that_are_all_a_sentence_says_are_wanted(text, wanted):
    [years] = read_quantities(text, 2026)
    assert dates_it(text, years) is wanted


def test_what_it_should_be_about_is_wanted(talk):
    assert wanted(talk("The Revenant was great, any good dramas? It should be about wolf")) == {"drama", "wolf"}
