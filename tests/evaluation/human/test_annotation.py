"""The human evaluation kit: blind, resumable, and counted rightly."""

from __future__ import annotations

import json
import shutil
import threading
from collections import Counter
from contextlib import contextmanager

import pytest
import requests
from playwright.sync_api import expect, sync_playwright
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

from pecrs.cli import main
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.loaders.prepare import save_prepared
from pecrs.data.splits import Prepared
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.human.kit import KEY, PAIRS, Key, load_kit, load_pairs, sample, save_kit
from pecrs.evaluation.human.report import kappa, report, sign_test
from pecrs.evaluation.human.server import VotingServer
from pecrs.evaluation.human.votes import ASPECTS, Votes, load_votes, save_votes, votes_path
from pecrs.evaluation.metrics.conversation import AnsweredTurn, write_responses

COUNT = 40
DIALOGUES = tuple(
    Dialogue(
        f"d{n}",
        (
            Turn(Speaker.SEEKER, f"constraint {n}", messages=(0,)),
            Turn(Speaker.RECOMMENDER, f"person {n}", messages=(2,)),
            Turn(Speaker.SEEKER, "what comes later", messages=(3,)),
        ),
    )
    for n in range(COUNT)
)


def answered(name, alike=4):
    """Answers that tell who gave them, but for the last few."""
    return [
        AnsweredTurn(
            f"d{n}", 2, f"person {n}", True, f"{name if n < COUNT - alike else 'same'} free {n}", True,
            f"{name} gated {n}", True, 0.5, 1.0, 2, 3,
        )
        for n in range(COUNT)
    ]  # fmt: skip


ANSWERS = {"one": answered("A"), "two": answered("B")}


@pytest.fixture
def kit(tmp_path):
    made = sample(ANSWERS, DIALOGUES, 30, seed=1)
    save_kit(made, tmp_path / "kit")
    return tmp_path / "kit"


def test_a_kit_shows_each_answer_on_the_side_that_the_key_tells():
    made = sample(ANSWERS, DIALOGUES, 30, seed=1)
    assert (made.key.first, made.key.second, made.key.alike, made.key.answered) == ("one", "two", 4, 40)
    assert len(set(made.key.turns)) == len(made.pairs) == 30
    for pair, first_left, (dialogue, message) in zip(made.pairs, made.key.first_left, made.key.turns, strict=True):
        number = dialogue.removeprefix("d")
        assert (pair.left, pair.right)[:: 1 if first_left else -1] == (f"A free {number}", f"B free {number}")
        assert [(line.speaker, line.text) for line in pair.context] == [("seeker", f"constraint {number}")]
        assert message == 2
    assert 5 < sum(made.key.first_left) < 25
    assert made == sample(ANSWERS, DIALOGUES, 30, seed=1)
    assert made.key.turns != sample(ANSWERS, DIALOGUES, 30, seed=2).key.turns


def test_what_both_say_alike_is_no_pair_and_a_kit_holds_what_there_is():
    assert len(sample(ANSWERS, DIALOGUES, 100, seed=0).pairs) == 36
    gated = sample(ANSWERS, DIALOGUES, 100, seed=0, words="gated")
    assert {pair.left.split()[1] for pair in gated.pairs} == {"gated"}
    assert len(gated.pairs) == 40
    part = sample({"one": ANSWERS["one"][:5], "two": ANSWERS["two"][3:]}, DIALOGUES, 100, seed=0)
    assert sorted(turn for turn, _ in part.key.turns) == ["d3", "d4"]


@pytest.mark.parametrize(
    ("responses", "dialogues", "message"),
    [
        ({"one": answered("A"), "two": answered("A")}, DIALOGUES, "answer no turn differently"),
        ({"one": answered("A")[:3], "two": answered("B")[3:]}, DIALOGUES, "answer no turn differently"),
        (ANSWERS, DIALOGUES[:3], "'d3', message 2 is in no dialogue of the split"),
    ],
)
def test_answers_that_make_no_kit_are_refused(responses, dialogues, message):
    with pytest.raises(DataError, match=message):
        sample(responses, dialogues, 10, seed=0)


def test_a_kit_is_read_back_and_never_overwritten(kit):
    made = sample(ANSWERS, DIALOGUES, 30, seed=1)
    assert load_kit(kit) == made
    with pytest.raises(ConfigError, match="in an empty folder"):
        save_kit(made, kit)
    assert not {"one", "two", "first", "d0"} & set((kit / PAIRS).read_text().replace('"', " ").split())


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (PAIRS, "[{]", r"pairs\.json:1: broken JSON"),
        (PAIRS, "[]", "numbered from 1"),
        (PAIRS, '[{"id": 1}]', "not the pairs of a kit"),
        (KEY, "{}", "not the key of a kit"),
        (KEY, '{"first": "a", "second": "b", "first_left": [true], "turns": [["d", 1]], "alike": 0, "answered": 1}',
         "1 sides for 30 pairs"),
    ],
)  # fmt: skip
def test_a_broken_kit_is_named(kit, name, text, message):
    (kit / name).write_text(text)
    with pytest.raises(DataError, match=message):
        load_kit(kit)


def choices(*said):
    return dict(zip(ASPECTS, said, strict=True))


def test_votes_are_kept_by_annotator_and_read_back(tmp_path):
    votes = Votes("eva-1").with_vote(2, choices("left", "tie", "right")).with_vote(1, choices(*["tie"] * 3))
    path = votes_path(tmp_path, "eva-1")
    save_votes(path, votes.with_vote(2, choices("right", "tie", "right")))
    assert path == tmp_path / "votes" / "eva-1.json"
    loaded = load_votes(path, 2)
    assert loaded.by_pair == {1: choices(*["tie"] * 3), 2: choices("right", "tie", "right")}
    assert votes.by_pair[2]["fluency"] == "left"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("{", "broken JSON"),
        ("[]", "not the votes of an annotator"),
        ('{"annotator": "../x", "votes": {}}', "field 'annotator'"),
        ('{"annotator": "x", "votes": {"1": {"fluency": "left"}}}', r"field 'votes\.1': fluency, relevance, overall"),
        ('{"annotator": "x", "votes": {"1": {"fluency": "up", "relevance": "tie", "overall": "tie"}}}',
         r"field 'votes\.1\.fluency': one of left, right, tie is expected, not 'up'"),
        ('{"annotator": "x", "votes": {"3": {"fluency": "tie", "relevance": "tie", "overall": "tie"}}}',
         r"field 'votes\.3': the kit has pairs 1 to 2"),
    ],
)  # fmt: skip
def test_broken_votes_name_file_and_field(tmp_path, record, message):
    path = tmp_path / "x.json"
    path.write_text(record)
    with pytest.raises(DataError, match=rf"{path}.*{message}"):
        load_votes(path, 2)


def test_a_report_unblinds_and_counts():
    key = Key("one", "two", (True, False, True, False), (("d", 1),) * 4, 0, 4)
    eva = Votes("eva", {n: choices("left", side, "tie") for n, side in enumerate(["left", "right", "left", "tie"], 1)})
    bob = Votes("bob", {n: choices("right", side, "tie") for n, side in enumerate(["left", "left"], 1)})
    found = report(key, [eva, bob])
    assert (found.votes, found.shared) == ({"eva": 4, "bob": 2}, 2)
    relevance = found.aspects["relevance"]  # eva: one, one, one, tie; bob: one, two
    assert (relevance.first.mean, relevance.first.deviation) == (62.5, 12.5)
    assert (relevance.second.mean, relevance.tie.mean) == (25.0, 12.5)
    assert (relevance.pairs_first, relevance.pairs_second, relevance.p) == (2, 0, 0.5)
    assert relevance.agreement == 0.0  # on two shared pairs: (one, one) against (one, two)
    fluency = found.aspects["fluency"]  # eva: one, two, one, two; bob: two, one: pairs 1 and 2 are undecided
    assert (fluency.pairs_first, fluency.pairs_second, fluency.p) == (1, 1, 1.0)
    assert fluency.agreement == -1.0
    assert found.aspects["overall"].agreement is None


@pytest.mark.parametrize(
    ("votes", "message"),
    [
        ([], "must have voted on at least one pair"),
        ([Votes("a")], "must have voted on at least one pair"),
        ([Votes("a", {1: choices(*["tie"] * 3)})] * 2, "two files are of 'a'"),
    ],
)
def test_votes_that_make_no_report_are_refused(votes, message):
    with pytest.raises(DataError, match=message):
        report(Key("one", "two", (True,), (("d", 1),), 0, 1), votes)


@pytest.mark.parametrize(("ahead", "behind"), [(0, 0), (1, 0), (9, 1), (30, 12), (5, 5), (3, 60)])
def test_the_sign_test_is_the_binomial_test(ahead, behind):
    expected = binomtest(ahead, ahead + behind).pvalue if ahead + behind else 1
    assert sign_test(ahead, behind) == pytest.approx(expected)


def test_kappa_of_two_is_cohens():
    table = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    labels = [list(column) for column in zip(*table, strict=True)]
    assert kappa(labels) == pytest.approx(0.4) == pytest.approx(cohen_kappa_score(*labels))


def test_kappa_of_more_is_fleiss():
    """The worked example of the literature: fourteen people, ten things, five labels; kappa 0.210."""
    rows = ["0000e", "02642", "00356", "03920", "22811", "77000", "32630", "25322", "65210", "02237"]  # e is fourteen
    things = [[label for label, n in enumerate(row) for _ in range(int(n, 16))] for row in rows]
    assert {len(thing) for thing in things} == {14}
    assert kappa([[str(thing[person]) for thing in things] for person in range(14)]) == pytest.approx(0.210, abs=5e-4)


@pytest.mark.parametrize("labels", [[["a", "b"]], [[], []], [["a", "a"], ["a", "a"]], [["a"], ["a"], ["a"]]])
def test_kappa_is_not_defined_without_two_people_or_two_labels(labels):
    assert kappa(labels) is None


@contextmanager
def served(kit):
    server = VotingServer(kit, 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_page_takes_votes_and_goes_on_where_it_stopped(kit):
    vote = {"annotator": "eva", "pair": 3, "choices": choices("left", "tie", "right")}
    with served(kit) as server:
        page = requests.get(server.address, timeout=5)
        assert "Which answer is better?" in page.text
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        for name in ("page.css", "page.js"):
            assert requests.get(server.address + name, timeout=5).status_code == 200
        state = requests.get(server.address + "pairs?annotator=eva", timeout=5).json()
        assert state["votes"] == {}
        assert state["pairs"] == json.loads((kit / PAIRS).read_text())
        assert state["aspects"] == list(ASPECTS)
        assert requests.post(server.address + "votes", json=vote, timeout=5).json()["votes"] == {"3": vote["choices"]}
        assert requests.get(server.address + KEY, timeout=5).status_code == 404
    with served(kit) as server:
        assert requests.get(server.address + "pairs?annotator=eva", timeout=5).json()["votes"] == {"3": vote["choices"]}
        assert requests.get(server.address + "pairs?annotator=bob", timeout=5).json()["votes"] == {}
    assert load_votes(votes_path(kit, "eva"), 30).by_pair == {3: vote["choices"]}


def test_votes_at_the_same_time_are_all_kept(kit):
    def cast(server, pair):
        vote = {"annotator": "eva", "pair": pair, "choices": choices("left", "left", "left")}
        assert requests.post(server.address + "votes", json=vote, timeout=10).status_code == 200

    with served(kit) as server:
        threads = [threading.Thread(target=cast, args=(server, pair)) for pair in range(1, 13)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert set(load_votes(votes_path(kit, "eva"), 30).by_pair) == set(range(1, 13))


GOOD = {"annotator": "eva", "pair": 1, "choices": choices("left", "tie", "right")}


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (400, {"json": {**GOOD, "annotator": "../eva"}}),
        (400, {"json": {**GOOD, "annotator": 3}}),
        (400, {"json": {**GOOD, "pair": 31}}),
        (400, {"json": {**GOOD, "pair": True}}),
        (400, {"json": {**GOOD, "choices": {"fluency": "left"}}}),
        (400, {"json": {**GOOD, "choices": choices("left", "tie", "up")}}),
        (400, {"json": {**GOOD, "choices": choices("left", "tie", ["up"])}}),
        (400, {"json": {**GOOD, "more": 1}}),
        (400, {"json": []}),
        (400, {"data": b"{", "headers": {"Content-Type": "application/json"}}),
        (400, {"data": b"\xff", "headers": {"Content-Type": "application/json"}}),
        (415, {"data": json.dumps(GOOD), "headers": {"Content-Type": "text/plain"}}),
        (413, {"json": {**GOOD, "annotator": "x" * 5000}}),
        (403, {"json": GOOD, "headers": {"Host": "evil.example"}}),
    ],
)
def test_what_is_no_vote_is_refused_and_not_kept(kit, status, sent):
    with served(kit) as server:
        answer = requests.post(server.address + "votes", timeout=5, **sent)
        assert answer.status_code == status
        assert answer.json()["error"]
    assert not (kit / "votes").exists()


@pytest.fixture
def page():
    """A page in a real browser, and what it complains of."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        opened, complaints = browser.new_page(), []
        opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        yield opened
        browser.close()
        assert complaints == []


def test_people_vote_by_keys_and_clicks_go_back_and_go_on_later(tmp_path, page):
    hostile = Dialogue("d0", (Turn(Speaker.SEEKER, "<b>hi</b> & you", messages=(0,)), *DIALOGUES[0].turns[1:]))
    both = {name: turns[:2] for name, turns in ANSWERS.items()}
    made = sample(both, (hostile, DIALOGUES[1]), 2, seed=0)
    save_kit(made, tmp_path)
    progress = page.locator("#progress")
    with served(tmp_path) as server:
        page.goto(server.address)
        page.fill("#annotator", "eva")
        page.keyboard.press("Enter")
        expect(progress).to_have_text("eva: 0 of 2 voted, this is 1")
        expect(page.locator("#left")).to_have_text(made.pairs[0].left)
        expect(page.locator("#right")).to_have_text(made.pairs[0].right)
        expect(page.locator("#context span").first).to_have_text(made.pairs[0].context[0].text)
        for key in ("1", "2", "3", "Enter"):
            page.keyboard.press(key)
        expect(progress).to_have_text("eva: 1 of 2 voted, this is 2")
        page.click("#back")
        expect(page.locator("input[value=left][name=fluency]")).to_be_checked()
        page.locator("label", has_text="Right").nth(1).click()
        page.keyboard.press("Enter")
        expect(progress).to_have_text("eva: 1 of 2 voted, this is 2")
        page.reload()
        page.fill("#annotator", "eva")
        page.click("#enter button")
        expect(progress).to_have_text("eva: 1 of 2 voted, this is 2")
        page.click("#next")  # refused by the browser: nothing is chosen
        for _ in ASPECTS:
            page.keyboard.press("2")
        page.keyboard.press("Enter")
        expect(page.locator("#done")).to_be_visible()
        expect(progress).to_have_text("eva: 2 of 2 voted")
    votes = load_votes(votes_path(tmp_path, "eva"), 2).by_pair
    assert votes == {1: choices("left", "right", "right"), 2: choices("tie", "tie", "tie")}


def run(capsys, *arguments):
    """Run the command line and return exit code, what it prints and its errors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["pecrs", *map(str, arguments)])
        patch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as stopped:
            main()
    shown = capsys.readouterr()
    return stopped.value.code, shown.out, shown.err


def test_from_responses_to_a_report_on_the_command_line(tmp_path, capsys):
    save_prepared(tmp_path / "data", Prepared(Catalogue((Item("1", "Alien"),), ("title",)), {"valid": DIALOGUES}))
    for name, turns in ANSWERS.items():
        write_responses(tmp_path / name / "pecrs" / "responses.jsonl", turns)
    first, second, kit = tmp_path / "one", tmp_path / "two", tmp_path / "kit"
    arguments = ("--data", tmp_path / "data", "--output", kit, "--count", 12)
    code, shown, _ = run(capsys, "annotate", "sample", first, second, *arguments)
    assert code == 0
    assert "12 pairs of 36 turns answered differently (4 more are alike)" in shown
    key = load_kit(kit).key
    for annotator, loves in (("eva", "A"), ("bob", "A"), ("ann", "B")):
        votes = Votes(annotator)
        for pair in load_pairs(kit):
            side = "left" if pair.left.startswith(loves) else "right"
            votes = votes.with_vote(pair.id, choices(side, "tie", side))
        save_votes(votes_path(kit, annotator), votes)
    assert Counter(key.first_left)[True] < 12
    code, shown, _ = run(capsys, "annotate", "report", kit)
    assert code == 0
    (fluency,) = [line for line in shown.splitlines() if "fluency" in line]
    assert "66.7 (47.1)" in fluency
    assert "12 : 0" in fluency
    assert f"p = {sign_test(12, 0):.3g}" in fluency
    code, shown, _ = run(capsys, "annotate", "report", kit, votes_path(kit, "ann"))
    assert "0 : 12" in shown
    code, _, error = run(capsys, "annotate", "sample", first, second, *arguments)
    assert (code, "in an empty folder" in error) == (2, True)
    code, _, error = run(capsys, "annotate", "sample", first, first, *arguments)
    assert (code, "two different files" in error) == (2, True)
    code, _, error = run(capsys, "annotate", "report", tmp_path / "none")
    assert (code, "cannot be read" in error) == (2, True)
    code, _, error = run(capsys, "annotate", "sample", tmp_path / "data", second, *arguments)
    assert (code, "it holds no responses.jsonl" in error) == (2, True)
