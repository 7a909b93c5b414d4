"""The suite's checks can fail, its conversations are well-formed, and its report counts."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from models import tiny_config, tiny_model
from pecrs.cli.display import show_report
from pecrs.data.catalogue import Item
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.errors import DataError
from pecrs.evaluation.behaviour.checks import GENERAL, Exchange, Expectation, count_checks, failures
from pecrs.evaluation.behaviour.run import load_suite, play
from pecrs.evaluation.behaviour.worlds import WORLDS
from pecrs.inference.moves import MoveKind
from pecrs.inference.recommender import Recommender
from pecrs.inference.state import DialogueState
from pecrs.inference.types import Reply, ScoredItem

COMEDY = Item("1", "Airplane!", 1980, {"genres": ("comedy",), "actors": ("Leslie Nielsen",), "runtime": ("88",)})
HORROR = Item("2", "Alien", 1979, {"genres": ("horror", "sci-fi")})


def exchange(text, *items, before=(), said="Hello", named=()):
    start = text.find(items[0].name) if items else -1
    mentions = (Mention(start, start + len(items[0].name), items[0].id),) if start >= 0 else ()
    ranked = tuple(ScoredItem(item, rank, -rank, -rank, None) for rank, item in enumerate(items, start=1))
    turn = Turn(Speaker.RECOMMENDER, text, mentions)
    move = MoveKind.RECOMMEND if items else MoveKind.CHAT
    state = DialogueState(popularity=1)
    told = items[: len(mentions)]
    return Exchange(before, Turn(Speaker.SEEKER, said), Reply(text, ranked, move, 0.5, turn, state=state), named, told)


GOOD = exchange("Have you seen Airplane! (1980)?", COMEDY, HORROR, named=("Jaws (1975)",))


def test_a_good_reply_passes_every_general_rule():
    assert list(failures(GOOD, Expectation())) == []
    assert list(failures(exchange("Airplane! (1980)", COMEDY), Expectation())) == []


EARLIER = Turn(Speaker.RECOMMENDER, "Have you seen Airplane! (1980)?", (Mention(14, 30, "1"),))
BAD = {
    "it says something, and not too much": [exchange(" "), exchange("So. " * 101)],
    "it is written as people write": [
        exchange(text)
        for text in ("hello", "I do, i do", "Well , yes", "I ' m here", "See [ITEM]", 'It is " good', "It is (good")
    ],
    "it does not stammer": [exchange("It is is is good"), exchange("I like it, I like it, I like it")],
    "it does not say what it said before": [replace(GOOD, before=(EARLIER,))],
    "a recommendation names its item": [exchange("Have you seen it?", COMEDY)],
    "what was named is not recommended again": [replace(GOOD, before=(EARLIER,))],
    "it claims to have seen nothing": [exchange(text) for text in ("I've seen it.", "I love it!", "I also liked it")],
    "what it tells of items stands in the catalogue": [
        exchange(f"How about Airplane! (1980)? It {told}", COMEDY)
        for told in ("was directed by A. Bell.", "stars Al Pacino.", "runs 90 minutes.", "came out in 1981.")
    ],
}  # fmt: skip


@pytest.mark.parametrize("rule", GENERAL)
def test_every_general_rule_can_fail(rule):
    for bad in BAD[rule]:
        assert f"not so: {rule}" in list(failures(bad, Expectation()))


HOLDS = {
    "recommends": (True, False),
    "links": (("Jaws (1975)",), ("Airplane! (1980)",)),
    "genres": (("comedy", "war"), ("horror",)),
    "without": ("western", "horror"),
    "years": ((1979, 1980), (1980, 1989)),
    "says": ("have .* SEEN", "^seen"),
    "never": (("Jaws (1975)",), ("Alien (1979)",)),
    "moves": (("recommend", "list"), ("chat",)),
    "state": (("well known",), ("comedy",)),
    "gone": (("comedy",), ("well known",)),
    "has": ({"genres": "comedy"}, {"genres": "horror"}),
    "lacks": ({"actors": "Tom Hanks"}, {"genres": "horror"}),
    "count": (1, 2),
    "silent": ("^seen", "have you"),
}


@pytest.mark.parametrize("name", HOLDS)
def test_every_expectation_can_hold_and_fail(name):
    held, failed = (Expectation(**{name: value}) for value in HOLDS[name])
    assert list(failures(GOOD, held)) == []
    assert len(list(failures(GOOD, failed))) == 1
    assert count_checks(held) == len(GENERAL) + 1


def test_most_items_must_have_the_genre():
    three = exchange("Airplane! (1980)", COMEDY, HORROR, replace(COMEDY, id="3"))
    assert not list(failures(three, Expectation(mostly="comedy")))
    assert list(failures(three, Expectation(mostly="horror"))) == ["1 of 3 items are of horror"]
    silent = Expectation(mostly="horror", without="horror", years=(1, 2), genres=("a",))
    assert len(list(failures(exchange("Hello!"), silent))) == 4


def test_what_is_told_truly_passes():
    true = "How about Airplane! (1980)? It stars Leslie Nielsen and runs 88 minutes. It came out in 1980."
    assert not list(failures(exchange(true, COMEDY), Expectation()))


def test_numbers_of_all_items_are_checked_with_their_units():
    lamp = Item("3", "Lamp", None, {"weight": ("1.2 kg",)})
    light = exchange("How about Lamp?", lamp)
    assert not list(failures(light, Expectation(within={"weight": [1000, 1300]})))
    assert list(failures(light, Expectation(within={"weight": [1, 2]})))
    assert list(failures(light, Expectation(within={"price": [1, 2]})))


def test_runtimes_of_all_items_are_checked():
    assert not list(failures(exchange("Airplane! (1980)", COMEDY), Expectation(minutes=(80, 90))))
    assert list(failures(exchange("Airplane! (1980)", COMEDY), Expectation(minutes=(90, 99))))
    assert list(failures(GOOD, Expectation(minutes=(80, 90))))  # that of the second is not known


@pytest.mark.parametrize(("suite", "conversations", "kinds"), [("conversations", 115, 23), ("hands", 153, 14)])
def test_suites_about_films_name_films_of_the_package(recommender, suite, conversations, kinds):
    scripts = load_suite(suite)
    assert len(scripts) == conversations
    assert len({script.name.partition(":")[0] for script in scripts}) == kinds
    expected = [step.then for script in scripts for step in script.steps]
    named = {name for then in expected for name in (*(then.links or ()), *then.never)}
    assert named
    assert named <= {item.name for item in recommender.catalogue}


@pytest.mark.parametrize("name", WORLDS)
def test_suites_of_other_domains_are_about_their_own_catalogue(name):
    catalogue, scripts = WORLDS[name](), load_suite(name)
    assert len(scripts) >= 15
    names = {item.name for item in catalogue}
    expected = [step.then for script in scripts for step in script.steps]
    assert {item for then in expected for item in (*(then.links or ()), *then.never)} <= names
    fields = {field for then in expected for field in (*(then.has or ()), *(then.lacks or ()), *(then.within or ()))}
    assert fields <= {field for item in catalogue for field in item.facts}


BROKEN = [
    "[]",
    "{}",
    "a: []",
    "a: [{}]",
    "a: [{say: 1}]",
    "a: [{say: b, then: {likes: c}}]",
    "a: [{say: b, then: {links: c}}]",
    "a: [",
    "a: [{say: ' '}]",
    "a: [b]\na: [c]",
    "1: [b]",
    "a: [{say: b, then: {years: [1980]}}]",
    "a: [{say: b, then: {years: [1980, 1970]}}]",
    "a: [{say: b, then: {within: {price: [1]}}}]",
    "a: [{say: b, then: {says: '('}}]",
    "a: [{say: b, then: {silent: '('}}]",
    "a: [{say: b, then: {moves: [sing]}}]",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_suite_is_refused(tmp_path, text):
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(DataError, match=r"own\.yaml"):
        load_suite(str(tmp_path / "own.yaml"))


def test_a_missing_suite_is_refused():
    with pytest.raises(DataError, match="no suite can be read"):
        load_suite("nowhere.yaml")


def test_a_suite_of_ones_own_is_played_and_reported(tmp_path):
    (tmp_path / "own.yaml").write_text(
        "first:\n  - Hello\n  - {say: Another, then: {recommends: true, mostly: none}}\n"
    )
    config = tiny_config(data={"max_context_tokens": 64}, generation={"shortlist": 6})
    model = tiny_model("gpt2", config).model
    report = play(Recommender(model, settings=config.generation), load_suite(str(tmp_path / "own.yaml")))
    held, total = report.checks
    assert total == 2 * len(GENERAL) + 2
    assert held < total
    assert report.clean == 0
    assert report.kinds == {"first": (0, 1, held, total)}
    report.save(tmp_path / "suite.json")
    saved = json.loads((tmp_path / "suite.json").read_text())
    assert (saved["held"], saved["checks"], saved["clean"]) == (held, total, 0)
    assert [reply["message"] for reply in saved["conversations"]["first"]] == ["Hello", "Another"]
    shown = io.StringIO()
    show_report(Console(file=shown, width=200), report)
    assert f"{held} of {total} checks hold" in shown.getvalue()
    assert "✗" in shown.getvalue()
