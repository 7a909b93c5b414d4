"""Planning, reuse and resume of runs; published figures; rendering against hand-made examples."""

import json
import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from endpoint import chat_completions, says
from pecrs.cli.app import app
from pecrs.config import Config
from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Mention, Speaker, Turn
from pecrs.data.loaders.prepare import save_prepared
from pecrs.data.protocol import Instance, instances
from pecrs.data.splits import Prepared
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.human.kit import sample, save_kit
from pecrs.evaluation.human.votes import ASPECTS
from pecrs.evaluation.metrics.conversation import AnsweredTurn
from pecrs.evaluation.metrics.ranking import Estimate, InstanceResult
from pecrs.reproduce import runs as runs_module
from pecrs.reproduce.domains import load_domains
from pecrs.reproduce.experiments import EXPERIMENTS, chosen, open_runner, planned
from pecrs.reproduce.figures import turn_rows
from pecrs.reproduce.generation import DECODING
from pecrs.reproduce.genres import GenrePoint, by_genre, in_sum
from pecrs.reproduce.human import judged_by_rules
from pecrs.reproduce.measures import conversation
from pecrs.reproduce.plan import Presets, configured, presets, scale_named
from pecrs.reproduce.published import published
from pecrs.reproduce.recommendation import OWN_LIST, OWN_TITLES
from pecrs.reproduce.runs import FINISHED, ExperimentRunner, Judged, plan_of
from pecrs.reproduce.tables import Label, ResultTable, Row, point

ROOT = Path(__file__).parents[2]
LABEL = Label("smoke, small", "films", "random", "one epoch", "pecrs 0")
SMOKE = scale_named("smoke")
TINY = SMOKE.model_copy(
    update={
        "train_dialogues": 12,
        "evaluated_dialogues": 6,
        "answered_dialogues": 2,
        "overrides": (
            "model.scratch={vocabulary: 400, hidden: 16, layers: 1, heads: 2, intermediate: 24, positions: 192}",
            "model.tuning=full",
            "data.max_context_tokens=64",
            "data.max_response_tokens=12",
            "data.max_item_tokens=16",
            "training.epochs=1",
            "training.batch_size=16",
            "training.validate_every_epochs=1",
            "training.validation_dialogues=4",
        ),
        "train_negatives": (3, 0),
        "shortlists": (5, 10),
        "sampled": SMOKE.sampled.model_copy(update={"negatives": 3, "shortlist": 5}),
    }
)


@pytest.fixture
def runner(tmp_path) -> ExperimentRunner:
    return ExperimentRunner(tmp_path, TINY, load_domains(None, TINY, "valid"))


@pytest.fixture(scope="module")
def trained_before(tmp_path_factory) -> Path:
    """The output of several tests: a run that one has trained is there for the next."""
    return tmp_path_factory.mktemp("runs")


@pytest.fixture
def reusing(trained_before) -> ExperimentRunner:
    return ExperimentRunner(trained_before, TINY, load_domains(None, TINY, "valid"))


# Published figures


def test_every_row_of_the_published_tables_has_a_value_or_a_dash_for_each_column():
    for table in published().values():
        assert all(len(row.values) == len(table.columns) == len(table.decimals) for row in table.rows), table.name
        assert len({row.name for row in table.rows}) == len(table.rows), table.name


@pytest.mark.parametrize(
    ("table", "row", "column", "value"),
    [
        ("table1", "ReDial", "Rec. utt. w/ rec.", 42880),
        ("table2-redial", "PECRS-medium", "R@10", 22.5),
        ("table2-inspired", "PECRS-small", "Unique", 34),
        ("table3", "PECRS-small", "PPL", 9.89),
        ("table3", "UniCRS", "RG-1", None),
        ("table5", "w/o Generation loss", "Dist@2", 11.907),
        ("table6", "plot", "R@50", 20.7),
        ("table7", "Vicuna-1.5-7B", "RG-2", 3.50),
        ("table8", "Diverse beam search (diversity=1.0)", "RG-1", 40.29),
        ("table9", "Animation", "Correctly predicted (%)", 62.38),
        ("table10", "Mystery", "Correctly predicted (%)", None),
    ],
)
def test_published_values_are_those_of_the_paper(table, row, column, value):
    found = published()[table]
    assert found.values(row)[found.columns.index(column)] == value


def test_utterances_of_table_1_add_up_as_printed():
    for row in published()["table1"].rows:
        assert row.values[3] == row.values[4] + row.values[5]


@pytest.mark.parametrize("name", ["table9", "table10"])
def test_shares_of_the_genre_tables_add_up_to_about_a_hundred(name):
    for column in (0, 1):
        assert 96 < sum(row.values[column] for row in published()[name].rows) < 100.1  # table 10 leaves some out


def test_chance_of_appendix_b_follows_from_table_9():
    rows = published()["table9"].rows
    chance = sum(row.values[0] * row.values[1] for row in rows) / 100
    assert chance == pytest.approx(published()["table9-summary"].rows[0].values[1], abs=0.4)


def test_every_experiment_of_the_paper_is_known_in_its_order():
    paper = [*(f"table{n}" for n in range(1, 11)), "figure3", "figure4"]
    assert list(EXPERIMENTS) == [*paper, "ablations"]
    assert chosen(["figure4", "table1"]) == ["table1", "figure4"]
    assert chosen(["all"]) == paper
    assert chosen(["ablations", "all"]) == list(EXPERIMENTS)
    with pytest.raises(ConfigError, match="'table11' is unknown"):
        chosen(["table1", "table11"])
    with pytest.raises(ConfigError, match="'levers' is now called 'ablations'"):
        chosen(["levers"])


def test_each_decoding_strategy_of_table_8_has_settings():
    assert list(DECODING) == [row.name for row in published()["table8"].rows]


# Presets and scales


@pytest.mark.parametrize(
    ("preset", "file"), [("paper", "paper"), ("authors_code", "authors-code"), ("ours", "redial-minilm")]
)
def test_presets_are_the_shipped_configurations(preset, file):
    assert getattr(presets(), preset) == Config.from_yaml(ROOT / "configs" / f"{file}.yaml")
    assert preset in Presets.model_fields


@pytest.mark.parametrize("scale", ["smoke", "small", "eighth", "full"])
@pytest.mark.parametrize("small", [False, True])
def test_every_planned_configuration_is_valid_and_has_the_scales_budget(scale, small):
    known = scale_named(scale)
    budgets = set()
    for preset in Presets.model_fields:
        config = configured(preset, known, small=small)
        budgets.add((config.training.epochs, config.training.batch_size, config.training.max_minutes))
        assert config.model.backbone == known.backbone
    assert len(budgets) == 1
    paper = configured("paper", known, small=small)
    assert (paper.training.negatives, paper.generation.shortlist) == (known.sampled.negatives, known.sampled.shortlist)
    assert configured("paper", known, small=small, changes=["training.negatives=7"]).training.negatives == 7


def test_an_unknown_scale_is_refused():
    with pytest.raises(ConfigError, match="scale: one of smoke, small, eighth, full is expected, not 'huge'"):
        scale_named("huge")


# Planning


def test_a_run_is_known_by_its_content_and_not_by_its_title(runner):
    one, same = runner.run("one", "redial", "paper"), runner.run("two", "redial", "paper")
    other = runner.run("one", "redial", "paper", "training.recall_weight=0")
    elsewhere = runner.run("one", "inspired", "paper")
    assert one.key == same.key
    assert len({one.key, other.key, elsewhere.key}) == 3
    assert [run.title for run in plan_of([one, same, other])] == ["one", "one"]
    assert one.key != replace(one, data="other data").key


def test_experiments_share_runs(runner, tmp_path):
    apart = sum(len(planned(runner, [name])) for name in EXPERIMENTS)
    together = planned(runner, ["all"])
    assert len(together) == len({run.key for run in together}) < apart
    assert len(planned(runner, ["table5"])) == 9
    assert len(planned(runner, ["figure3"])) == 2
    assert planned(runner, ["table1"]) == []
    assert {run.key for run in planned(runner, ["table4"])} < {run.key for run in planned(runner, ["table3"])}
    assert planned(ExperimentRunner(runner.output, TINY, runner.domains, votes=tmp_path), ["table4"]) == []


def test_the_evaluated_split_changes_no_run(tmp_path):
    plans = [
        [run.key for run in planned(ExperimentRunner(tmp_path, SMOKE, load_domains(None, SMOKE, split)), ["all"])]
        for split in ("valid", "test")
    ]
    assert plans[0] == plans[1]


def test_a_finished_run_is_reused_and_an_interrupted_one_goes_on(runner, monkeypatch):
    run, trained = runner.run("one", "redial", "ours"), []
    real = runs_module.train

    def watched(*arguments, resume, progress):
        trained.append(resume)
        return real(*arguments, resume=resume, progress=progress)

    monkeypatch.setattr(runs_module, "train", watched)
    folder = runner.train(run)
    record = json.loads((folder / FINISHED).read_text())
    assert record["title"] == "one"
    assert record["steps"] == len((folder / "log.jsonl").read_text().splitlines()) - 1  # and one validation
    assert runner.train(run) == folder
    assert trained == [False]
    (folder / FINISHED).unlink()  # as if it had been stopped after its last checkpoint
    runner.train(run)
    assert trained == [False, True]
    assert json.loads((folder / FINISHED).read_text())["steps"] == record["steps"]
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(run.config.to_dict()))  # stopped before its first batch
    runner.train(run)
    assert trained == [False, True, False]
    assert runner.is_finished(run)


# Data


def test_data_that_are_not_given_are_said_and_no_error(tmp_path):
    films = load_domains(None, TINY, "valid")["inspired"].whole
    save_prepared(tmp_path / "data" / "inspired", films)
    domains = load_domains(tmp_path / "data", TINY, "valid")
    assert list(domains) == ["inspired"]
    assert not domains["inspired"].made_up
    runner = ExperimentRunner(tmp_path / "out", TINY, domains)
    assert {run.role for run in planned(runner, ["all"])} == {"inspired"}
    for name in ("table1", "table3", "table5", "table8", "table9", "figure3", "figure4"):
        for table in EXPERIMENTS[name].make(runner):
            assert "data not given" in table.markdown(), table.name


def test_a_folder_without_any_data_set_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="there is no data set in it; a folder redial, inspired, opendialkg-books"):
        load_domains(tmp_path, TINY, "valid")
    with pytest.raises(ConfigError, match="split: valid or test is expected, not 'train'"):
        load_domains(None, TINY, "train")


def test_a_scale_that_cuts_the_catalogue_keeps_what_is_named(tmp_path):
    whole = load_domains(None, TINY, "valid")["redial"].whole
    save_prepared(tmp_path / "redial", whole)
    kept = load_domains(tmp_path, TINY, "test")["redial"].kept
    named = {item for some in kept.splits.values() for one in some for turn in one.turns for item in turn.items}
    assert {item.id for item in kept.catalogue} == named
    assert len(kept.catalogue) < len(whole.catalogue)
    assert kept.splits["evaluated"] == whole.test[: TINY.evaluated_dialogues]


# Values and rendering


TABLE = ResultTable(
    "example", "An example_1", ("R@1", "Unique"), (1, 0),
    (
        Row("MESE", (None, None), (5.6, None)),
        Row("ours", (Estimate(7.25, 5.0, 9.51), point(1234)), (4.75, None)),
        Row("lost", (None, None), (None, None), "data not given"),
    ),
    ("50 % of it",), LABEL,
)  # fmt: skip


def test_a_table_in_markdown():
    assert TABLE.markdown() == (
        "# An example_1\n\n"
        "|  | R@1 paper | R@1 ours | R@1 difference | Unique |\n"
        "|---|---:|---:|---:|---:|\n"
        "| MESE | 5.6 | – | – | – |\n"
        "| ours | 4.8 | 7.2 (5.0 to 9.5) | +2.5 | 1,234 |\n"
        "| lost | – | data not given | – | data not given |\n\n"
        "- scale: smoke, small\n- data: films\n- backbone: random\n- budget: one epoch\n- versions: pecrs 0\n"
        "- 50 % of it\n"
    )


def test_a_table_in_latex():
    text = TABLE.latex()
    assert "MESE & 5.6 & -- & -- & -- \\\\\n" in text
    assert "ours & 4.8 & 7.2 (5.0 to 9.5) & +2.5 & 1,234 \\\\\n" in text
    assert r"\begin{tabular}{lrrrr}" in text
    assert r"\caption{An example\_1. scale: smoke, small. data: films." in text
    assert r"50 \% of it." in text
    assert text.count(r"\begin{") == text.count(r"\end{") == 2


def test_a_table_in_json_keeps_what_was_measured(tmp_path):
    [path, *_] = TABLE.write(tmp_path)
    found = json.loads(path.read_text())
    assert found["rows"][1]["cells"] == {
        "R@1": {"paper": 4.75, "ours": 7.25, "low": 5.0, "high": 9.51, "difference": 2.5},
        "Unique": {"paper": None, "ours": 1234, "low": None, "high": None, "difference": None},
    }
    assert found["label"]["budget"] == "one epoch"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["example.json", "example.md", "example.tex"]


def test_other_data_than_the_papers_give_no_difference():
    other = replace(TABLE, label=replace(LABEL, comparable=False))
    assert "| ours | 4.8 | 7.2 (5.0 to 9.5) | – | 1,234 |" in other.markdown()
    assert "differences: none are given" in other.markdown()
    assert other.to_dict()["rows"][1]["cells"]["R@1"]["difference"] is None


def turn(dialogue, text, gated, free, names, said, place=1):
    return AnsweredTurn(dialogue, place, text, names, free, said, gated, names, 0.5, 2.0, 4, 9)


def test_the_metrics_of_words_in_the_units_of_table_3():
    turns = [
        turn("a", "see alien now", "see alien now", "hello", names=True, said=False),
        turn("b", "fine thanks", "see it", "fine thanks", names=False, said=True),
    ]
    gated, free = (conversation(turns, gated=choice) for choice in (True, False))
    assert tuple(gated) == ("RG-1", "RG-2", "F-1", "PPL", "Dist@2", "Dist@3", "Dist@4")
    assert gated["RG-1"].value == pytest.approx(50.0)
    assert (gated["RG-1"].low, gated["RG-1"].high) == (0.0, 100.0)
    assert gated["F-1"].value == 100.0
    assert free["F-1"].value == 0.0
    assert gated["PPL"].value == pytest.approx(2.718281828**0.5)
    assert gated["Dist@2"].value == 3 / 2  # "see alien", "alien now", "see it" over two responses
    assert gated["Dist@2"].low == gated["Dist@2"].high


def test_genres_of_first_recommendations():
    points = [
        GenrePoint("a", "Drama", "Drama", hit=False),
        GenrePoint("a", "Drama", "Horror", hit=False),
        GenrePoint("b", "Horror", "Horror", hit=True),
        GenrePoint("b", "Drama", "Drama", hit=False),
    ]
    catalogue = ["Drama"] * 3 + ["Horror"] + ["War"]
    found = by_genre(points, catalogue)
    assert found["Drama"]["Items (%)"].value == 60
    assert found["Drama"]["Recommendations (%)"].value == 75
    assert found["Drama"]["Correctly predicted (%)"].value == pytest.approx(200 / 3)
    assert found["Horror"]["Correctly predicted (%)"].value == 100
    assert "Correctly predicted (%)" not in found["War"]
    summary = in_sum(points, catalogue)
    assert summary["Right genre where the item is wrong (%)"].value == pytest.approx(200 / 3)
    assert summary["By chance (%)"].value == pytest.approx(100 * (3 * 0.6 + 0.2) / 4)


def test_points_are_grouped_by_the_turns_before_them():
    dialogue = load_domains(None, TINY, "valid")["redial"].evaluated[0]
    places = [(1, 3), (1, 60), (12, 50), (11, None)]
    instances = tuple(Instance(dialogue, turn, ("x",)) for turn, _ in places)
    results = tuple(InstanceResult("d", turn, (rank,), "x") for turn, rank in places)
    rows = turn_rows([Judged(instances, results)])
    assert [(row.name, row.ours[0].value, row.ours[1].value) for row in rows] == [("1", 2, 50), ("10 or more", 2, 50)]


# From end to end


def test_tables_and_figures_are_made_filled_and_labelled(reusing):
    from pecrs.reproduce.experiments import reproduce

    paths = reproduce(reusing, ["table1", "table2", "table3", "table4", "table6", "figure3"])
    assert all(path.stat().st_size > 200 for path in paths)
    folder = reusing.output / "results"
    assert {path.suffix for path in folder.glob("figure3.*")} == {".json", ".md", ".tex", ".png", ".svg"}
    for path in folder.glob("*.json"):
        found = json.loads(path.read_text())
        assert found["label"]["scale"].startswith("smoke")
        assert "made-up film world" in found["label"]["data"]
        ours = [cell["ours"] for row in found["rows"] for cell in row["cells"].values()]
        assert any(value is not None for value in ours), path.name
    grid = json.loads((folder / "figure3.json").read_text())
    assert [row["name"] for row in grid["rows"]] == ["M_train = 3", "M_train = all items"]
    assert (folder / "figure3-r10.png").is_file()
    assert list(grid["rows"][0]["cells"]) == [f"M_inference = {size}" for size in ("5", "10", "all 60")]
    assert all(0 <= cell["ours"] <= 100 for row in grid["rows"] for cell in row["cells"].values())
    stamps = {path: path.stat().st_mtime_ns for path in reusing.output.rglob("*.jsonl")}
    before = {path: path.read_bytes() for path in folder.iterdir()}
    again = ExperimentRunner(reusing.output, TINY, reusing.domains)
    reproduce(again, ["table2", "table3", "figure3"])
    assert {path: path.stat().st_mtime_ns for path in reusing.output.rglob("*.jsonl")} == stamps
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_table_1_counts_turns_as_the_paper_and_messages(tmp_path):
    hello, alien = Turn(Speaker.RECOMMENDER, "Hi"), Turn(Speaker.RECOMMENDER, "Alien!", (Mention(0, 5, "1"),))
    asks = Turn(Speaker.SEEKER, "A film?")
    told = tuple(Dialogue(str(n), (asks, hello, alien, asks, hello)) for n in range(3))
    catalogue = Catalogue((Item("1", "Alien"), Item("2", "Up")), ("title",))
    save_prepared(tmp_path / "redial", Prepared(catalogue, {"train": told[:1], "valid": told[1:2], "test": told[2:]}))
    runner = ExperimentRunner(tmp_path, TINY, load_domains(tmp_path, TINY, "valid"))
    [table] = EXPERIMENTS["table1"].make(runner)
    turns, messages, absent = ([cell and cell.value for cell in row.ours] for row in table.rows)
    assert turns == [1, 3, 12, 6, 3, 3]  # items, dialogues, utterances, the recommender's, without an item, with one
    assert messages == [1, 3, 15, 9, 6, 3]
    assert absent == [None] * 6
    assert table.rows[0].paper[1] == 11348
    assert table.rows[1].paper[1] is None


def test_a_language_model_is_asked_for_table_7(reusing, monkeypatch):
    domain = reusing.domains["inspired"]
    wanted = Counter(one for point in instances(domain.evaluated, "inspired") for one in point.labels)
    [(item, hits)] = wanted.most_common(1)
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    with chat_completions(lambda _: says(f"1. {domain.kept.catalogue[item].name}")) as stub:
        monkeypatch.setenv("OPENAI_BASE_URL", stub.base)
        given = ExperimentRunner(reusing.output, TINY, reusing.domains, language_models=["openai:one"])
        tables = [EXPERIMENTS["table7"].make(given)[0] for _ in range(2)]
        asked = len(stub.asked)
    assert tables[0] == tables[1]  # what it answered is kept
    assert asked == len({(p.dialogue.id, p.turn) for p in instances(domain.evaluated, "inspired")})
    names = [row.name for row in tables[0].rows]
    assert names == ["PECRS, as printed", "openai:one", "Llama-2-7B-chat", "Vicuna-1.5-7B"]
    found = dict(zip(tables[0].columns, tables[0].rows[1].ours, strict=True))
    assert found["R@1"].value == pytest.approx(100 * hits / wanted.total())
    assert found["Unique"] == point(1)
    assert found["RG-1"] is None
    assert "No language model was given" not in tables[0].markdown()


def test_the_command_plans_and_makes(tmp_path):
    run = CliRunner().invoke(app, ["reproduce", "table2", "--plan", "--output", str(tmp_path)])
    assert run.exit_code == 0
    assert len(re.findall(r"^(?:redial|inspired)-[0-9a-f]{12}  to do  PECRS", run.output, re.MULTILINE)) == 6
    assert not list(tmp_path.iterdir())
    run = CliRunner().invoke(app, ["reproduce", "table1", "--output", str(tmp_path)])
    assert run.exit_code == 0
    assert "3 files in" in run.output
    assert "film world" in (tmp_path / "results" / "table1.md").read_text()


def test_without_votes_rules_judge_for_table_4_and_the_table_says_so(reusing):
    def said(*texts):
        return [turn("d", "try the old alien film", text, "", names=True, said=True) for text in texts]

    votes = judged_by_rules(
        said("try the old film", "so so so so so", "good", "try it"), said("go away", "try the film", "good", "try it")
    )
    assert [vote.choice for vote in votes["relevance"]] == ["first", "second", "tie", "tie"]
    assert [vote.choice for vote in votes["fluency"]] == ["tie", "second", "tie", "tie"]
    assert [vote.pair for vote in votes["fluency"]] == [0, 1, 2, 3]
    [table] = EXPERIMENTS["table4"].make(reusing)
    for row in table.rows:
        assert sum(estimate.value for estimate in row.ours) == pytest.approx(100)
    assert "no person has judged" in table.markdown()
    assert all(record["difference"] is None for row in table.to_dict()["rows"] for record in row["cells"].values())


def test_without_a_language_model_the_packages_own_backbone_is_asked_for_table_7(reusing, monkeypatch):
    before = set(reusing.output.rglob("answers.jsonl"))
    few = [Instance(one, number, ("x",)) for one in reusing.domains["inspired"].evaluated[:1] for number in (1,)]
    asked = []

    def judged(recommender, role, protocol=None):
        asked.append(list(recommender.rank(few, 10)))
        return {"all": Judged(tuple(few), (InstanceResult("d", 1, (3,), "x"),))}

    monkeypatch.setattr(reusing, "judged_baseline", judged)
    [table] = EXPERIMENTS["table7"].make(reusing)
    assert [row.name for row in table.rows[1:3]] == [OWN_TITLES, OWN_LIST]
    assert [len(rankings) for rankings in asked] == [1, 1]
    answers = set(reusing.output.rglob("answers.jsonl")) - before
    assert len(answers) == 2
    assert all(json.loads(path.read_text())["answer"].startswith(("1.", "[")) for path in answers)


def test_table_4_is_filled_from_the_votes_in_a_kit(tmp_path):
    films = load_domains(None, TINY, "valid")["redial"].evaluated
    turns = [
        turn(one.id, "x", "", "", names=False, said=False, place=number)
        for one in films
        for number in range(1, len(one.turns))
        if one.turns[number].speaker is Speaker.RECOMMENDER
    ]
    told = {name: [replace(one, free=name) for one in turns] for name in ("baseline_model", "ours")}
    kit = sample(told, films, 2, seed=0)
    save_kit(kit, tmp_path / "kit")
    sides = [("left", "right") if first else ("right", "left") for first in kit.key.first_left]  # of the baseline, ours
    (baseline_model, ours), tie, other = sides[0], "tie", sides[1][0]
    ann = {1: {"fluency": ours, "relevance": baseline_model, "overall": tie}, 2: dict.fromkeys(ASPECTS, tie)}
    bob = {1: dict.fromkeys(ASPECTS, ours), 2: dict.fromkeys(ASPECTS, other)}
    command = ["reproduce", "table4", "--output", str(tmp_path), "--votes", str(tmp_path / "kit")]
    assert isinstance(CliRunner().invoke(app, command).exception, DataError)  # nobody has voted yet
    for name, votes in (("ann", ann), ("bob", bob)):
        record = {"kit": kit.key.kit, "annotator": name, "votes": votes}
        (tmp_path / "kit" / "votes" / f"{name}.json").write_text(json.dumps(record))
    assert CliRunner().invoke(app, command).exit_code == 0
    found = json.loads((tmp_path / "results" / "table4.json").read_text())
    values = [[cell["ours"] for cell in row["cells"].values()] for row in found["rows"]]
    assert values == [[25.0, 50.0, 25.0], [50.0, 25.0, 25.0]]  # baseline_model, ours, tie
    assert found["label"]["data"] == "votes of 2 people on 2 pairs"
    assert "baseline_model, ours, tie" in found["notes"][0]


def test_the_files_of_the_package_say_what_they_are():
    folder = ROOT / "src" / "pecrs" / "reproduce"
    for name in ("paper_tables", "presets", "scales"):
        text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
        assert text.startswith("# ")
        assert yaml.safe_load(text)
    assert open_runner(None, ROOT, "smoke", "valid").scale == SMOKE


# Beyond the paper


def test_ablations_are_measured_one_by_one_and_the_re_ranker_at_several_weights(reusing, monkeypatch):
    from pecrs.reproduce import preset_ablations as ablations

    kept = ("no pointer to the items named", "full tuning", "re-ranker, negatives from the shortlist")
    planned_changes = ablations._changes(reusing)
    monkeypatch.setattr(
        ablations, "_changes", lambda _: {ablations.OUR_RUN: (), **{k: planned_changes[k] for k in kept}}
    )
    [table] = ablations.preset_ablation_table(reusing)
    names = [row.name for row in table.rows]
    assert names[:3] == [ablations.OUR_RUN, *kept[:2]]
    assert names[3:] == [f"{kept[2]}, weight {weight}" for weight in (0, 0.25, 0.5, 1.0)]
    cells = {row.name: dict(zip(table.columns, row.ours, strict=True)) for row in table.rows}
    assert all(0 <= values["all R@10"].value <= 100 for values in cells.values())
    assert cells[ablations.OUR_RUN]["novel R@50 gain"] is None
    for name in names[1:]:
        gain = cells[name]["all R@50 gain"]
        assert gain.low <= gain.value <= gain.high
        assert gain.value == pytest.approx(cells[name]["all R@50"].value - cells[ablations.OUR_RUN]["all R@50"].value)
    trained = {name: values["Trained (M)"].value for name, values in cells.items() if values["Trained (M)"]}
    assert trained["no pointer to the items named"] < trained[ablations.OUR_RUN]
    assert len(planned_changes) == len({run.key for run in ablations.preset_ablation_runs(reusing)}) + 9


def test_every_ablation_changes_its_run(runner):
    keys = [run.key for run in planned(runner, ["ablations"])]
    assert len(keys) == len(set(keys)) == 13
