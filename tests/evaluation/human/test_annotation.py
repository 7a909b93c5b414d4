"""The human evaluation kit: blind, one page, and counted rightly."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import shutil
import sys
from collections import Counter

import pytest
from playwright.sync_api import expect, sync_playwright

from pecrs.cli import main
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.loaders.prepare import save_prepared
from pecrs.data.splits import Prepared
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.human.kit import KEY, PAGE, VOTES, Key, load_key, sample, save_kit
from pecrs.evaluation.human.report import kappa, report, sign_test
from pecrs.evaluation.human.votes import ASPECTS, Votes, load_votes
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
    assert load_key(kit) == made.key
    assert {path.name for path in kit.iterdir()} == {PAGE, KEY, VOTES}
    with pytest.raises(ConfigError, match="in an empty folder"):
        save_kit(made, kit)


def page_data(kit):
    """What the page of a kit carries."""
    [text] = re.findall(r'<script type="application/json" id="kit">(.*?)</script>', (kit / PAGE).read_text(), re.DOTALL)
    return json.loads(text)


def test_the_page_shows_the_pairs_and_not_whose_they_are(kit):
    made, data = sample(ANSWERS, DIALOGUES, 30, seed=1), page_data(kit)
    assert data == {"kit": made.key.kit, "aspects": list(ASPECTS), "pairs": json.loads(json.dumps(as_dicts(made)))}
    assert not {"one", "two", "first", "d0"} & set(json.dumps(data).replace('"', " ").split())


def as_dicts(kit):
    return [dataclasses.asdict(pair) for pair in kit.pairs]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{]", r"key\.json:1: broken JSON"),
        ("{}", "not the key of a kit"),
        ('{"kit": "x", "first": "a", "second": "b", "first_left": [true], "turns": [], "alike": 0, "answered": 1}',
         "1 sides for 0 turns"),
    ],
)  # fmt: skip
def test_a_broken_kit_is_named(kit, text, message):
    (kit / KEY).write_text(text)
    with pytest.raises(DataError, match=message):
        load_key(kit)


def choices(*said):
    return dict(zip(ASPECTS, said, strict=True))


def vote_file(path, annotator, by_pair, kit="k"):
    """Write votes as the page saves them."""
    path.write_text(json.dumps({"kit": kit, "annotator": annotator, "votes": by_pair}))
    return path


def test_votes_are_read_as_the_page_saves_them(tmp_path):
    path = vote_file(tmp_path / "x.json", "eva-1", {"2": choices("right", "tie", "right"), "1": choices(*["tie"] * 3)})
    votes = load_votes(path, "k", 2)
    assert votes == Votes("eva-1", {1: choices(*["tie"] * 3), 2: choices("right", "tie", "right")})
    with pytest.raises(DataError, match=r"x\.json: field 'kit': these are votes on another kit"):
        load_votes(path, "other", 2)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("{", "broken JSON"),
        ("[]", "not the votes of an annotator"),
        ('{"annotator": "../x", "votes": {}}', "field 'annotator'"),
        ('{"annotator": "x", "votes": {"1": {"fluency": "left"}}}', r"field 'votes\.1': fluency, relevance, overall"),
        ('{"annotator": "x", "votes": {"1": {"fluency": "up", "relevance": "tie", "overall": "tie"}}}',
         r"field 'votes\.1\.fluency': one of left, right, tie is expected, not 'up'"),
        ('{"kit": "k", "annotator": "x", "votes": {"3": {"fluency": "tie", "relevance": "tie", "overall": "tie"}}}',
         r"field 'votes\.3': the kit has pairs 1 to 2"),
    ],
)  # fmt: skip
def test_broken_votes_name_file_and_field(tmp_path, record, message):
    path = tmp_path / "x.json"
    path.write_text(record)
    with pytest.raises(DataError, match=rf"{path}.*{message}"):
        load_votes(path, "k", 2)


def test_a_report_unblinds_and_counts():
    key = Key("k", "one", "two", (True, False, True, False), (("d", 1),) * 4, 0, 4)
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
        report(Key("k", "one", "two", (True,), (("d", 1),), 0, 1), votes)


@pytest.mark.parametrize(("ahead", "behind"), [(0, 0), (1, 0), (9, 1), (30, 12), (5, 5), (3, 60)])
def test_the_sign_test_is_the_binomial_test(ahead, behind):
    tosses, few = ahead + behind, min(ahead, behind)
    expected = min(1, 2 * sum(math.comb(tosses, k) for k in range(few + 1)) / 2**tosses)
    assert sign_test(ahead, behind) == pytest.approx(expected)


def test_kappa_of_two_is_cohens():
    table = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    labels = [list(column) for column in zip(*table, strict=True)]
    assert kappa(labels) == pytest.approx(0.4)


def test_kappa_of_more_is_fleiss():
    """The worked example of the literature: fourteen people, ten things, five labels; kappa 0.210."""
    rows = ["0000e", "02642", "00356", "03920", "22811", "77000", "32630", "25322", "65210", "02237"]  # e is fourteen
    things = [[label for label, n in enumerate(row) for _ in range(int(n, 16))] for row in rows]
    assert {len(thing) for thing in things} == {14}
    assert kappa([[str(thing[person]) for thing in things] for person in range(14)]) == pytest.approx(0.210, abs=5e-4)


@pytest.mark.parametrize("labels", [[["a", "b"]], [[], []], [["a", "a"], ["a", "a"]], [["a"], ["a"], ["a"]]])
def test_kappa_is_not_defined_without_two_people_or_two_labels(labels):
    assert kappa(labels) is None


@pytest.mark.parametrize(
    ("library", "compute"),
    [("scipy.stats", lambda: sign_test(3, 1)), ("sklearn.metrics", lambda: kappa([["a", "b"], ["a", "a"]]))],
)
def test_a_missing_library_is_named_by_its_extra(library, compute, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ConfigError, match=r"pip install 'pecrs\[eval\]'"):
        compute()


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
        opened.complaints = complaints
        yield opened
        browser.close()
        assert complaints == []


def begin(page, kit, **files):
    page.goto((kit / PAGE).as_uri())
    page.fill("#annotator", "eva")
    if files:
        page.set_input_files("#earlier", **files)
    page.click("#enter button")


def saved(page, path):
    with page.expect_download() as download:
        page.click("#save")
    download.value.save_as(path)
    return download.value.suggested_filename


def test_people_vote_by_keys_and_clicks_go_back_and_go_on_later(tmp_path, page):
    said = "</script><b>hi</b> & you %script%"
    hostile = Dialogue("d0", (Turn(Speaker.SEEKER, said, messages=(0,)), *DIALOGUES[0].turns[1:]))
    both = {name: turns[:2] for name, turns in ANSWERS.items()}
    made, kit = sample(both, (hostile, DIALOGUES[1]), 2, seed=0), tmp_path / "kit"
    save_kit(made, kit)
    progress = page.locator("#progress")
    begin(page, kit)
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
    begin(page, kit)
    expect(progress).to_have_text("eva: 1 of 2 voted, this is 2")
    page.click("#next")  # refused by the browser: nothing is chosen
    for _ in ASPECTS:
        page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_be_visible()
    expect(progress).to_have_text("eva: 2 of 2 voted")
    assert saved(page, tmp_path / "download") == "eva.json"
    votes = load_votes(tmp_path / "download", made.key.kit, 2)
    assert votes == Votes("eva", {1: choices("left", "right", "right"), 2: choices("tie", "tie", "tie")})


def test_people_go_on_with_a_saved_file_in_a_browser_that_forgets(kit, tmp_path, page):
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('none') } })")
    key, vote = load_key(kit), choices("left", "tie", "right")
    wrong = vote_file(tmp_path / "wrong.json", "eva", {"1": vote}, "other")
    begin(page, kit, files=wrong)
    expect(page.locator("#error")).to_have_text("wrong.json holds no votes on these pairs.")
    (tmp_path / "broken.json").write_text("{")
    begin(page, kit, files=tmp_path / "broken.json")
    expect(page.locator("#error")).to_have_text("broken.json holds no votes on these pairs.")
    begin(page, kit, files=vote_file(tmp_path / "bob.json", "bob", {}, key.kit))
    expect(page.locator("#error")).to_have_text("bob.json holds the votes of bob.")
    begin(page, kit, files=vote_file(tmp_path / "eva.json", "eva", {"1": vote}, key.kit))
    expect(page.locator("#progress")).to_have_text("eva: 1 of 30 voted, this is 2")
    expect(page.locator("#error")).to_contain_text("save them as a file before you leave")
    saved(page, tmp_path / "again.json")
    assert load_votes(tmp_path / "again.json", key.kit, 30) == Votes("eva", {1: vote})


def test_the_page_can_send_nothing(kit, page):
    page.goto((kit / PAGE).as_uri())
    refused = page.evaluate("() => fetch('data:text/plain,x').then(() => 'sent', () => 'refused')")
    assert refused == "refused"
    page.complaints.clear()


def run(capsys, *arguments):
    """Run the command line and return exit code, what it prints and its errors."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["pecrs", *map(str, arguments)])
        patch.setenv("COLUMNS", "200")
        with pytest.raises(SystemExit) as stopped:
            main()
    shown = capsys.readouterr()
    return stopped.value.code, shown.out, shown.err


def test_from_responses_to_a_report_on_the_command_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")  # a narrow table breaks its cells
    save_prepared(tmp_path / "data", Prepared(Catalogue((Item("1", "Alien"),), ("title",)), {"valid": DIALOGUES}))
    for name, turns in ANSWERS.items():
        write_responses(tmp_path / name / "pecrs" / "responses.jsonl", turns)
    first, second, kit = tmp_path / "one", tmp_path / "two", tmp_path / "kit"
    arguments = ("--data", tmp_path / "data", "--output", kit, "--count", 12)
    code, shown, _ = run(capsys, "annotate", "sample", first, second, *arguments)
    assert code == 0
    assert "12 pairs of 36 turns answered differently (4 more are alike)" in shown
    key = load_key(kit)
    for annotator, loves in (("eva", "A"), ("bob", "A"), ("ann", "B")):
        sides = {pair["id"]: "left" if pair["left"].startswith(loves) else "right" for pair in page_data(kit)["pairs"]}
        votes = {pair: choices(side, "tie", side) for pair, side in sides.items()}
        vote_file(kit / VOTES / f"{annotator}.json", annotator, votes, key.kit)
    assert Counter(key.first_left)[True] < 12
    code, shown, _ = run(capsys, "annotate", "report", kit)
    assert code == 0
    (fluency,) = [line for line in shown.splitlines() if "fluency" in line]
    assert "66.7 (47.1)" in fluency
    assert "12 : 0" in fluency
    assert f"p = {sign_test(12, 0):.3g}" in fluency
    code, shown, _ = run(capsys, "annotate", "report", kit, kit / VOTES / "ann.json")
    assert "0 : 12" in shown
    code, _, error = run(capsys, "annotate", "sample", first, second, *arguments)
    assert (code, "in an empty folder" in error) == (2, True)
    code, _, error = run(capsys, "annotate", "sample", first, first, *arguments)
    assert (code, "two different files" in error) == (2, True)
    code, _, error = run(capsys, "annotate", "report", tmp_path / "none")
    assert (code, "cannot be read" in error) == (2, True)
    code, _, error = run(capsys, "annotate", "sample", tmp_path / "data", second, *arguments)
    assert (code, "it holds no responses.jsonl" in error) == (2, True)
    code, _, error = run(capsys, "annotate", "serve", kit, "--port", "0")
    assert code == 2
    assert "open vote.html" in error
    assert "pecrs annotate report" in error
