"""The verbs of evaluation: values that print as tables, and files only where they are asked for."""

import json
from dataclasses import replace

import pytest

import pecrs
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.protocol import standard_instances
from tiny import tiny_config, world


@pytest.fixture(scope="module")
def films():
    catalogue, dialogues = film_world(0, 16)
    return catalogue, {"train": dialogues[:12], "valid": dialogues[12:]}


@pytest.fixture(scope="module")
def recommender():
    return pecrs.Recommender(world().model(tiny_config()))


def test_a_model_is_measured_beside_baselines_and_prints_as_a_table(recommender, films, tmp_path):
    told = []
    result = pecrs.evaluate(recommender, films, tmp_path / "kept", baselines=["neighbours"], progress=told.append)
    names = ("popularity", "latest mention, then popularity", "neighbours")
    assert (tuple(result.metrics), result.baselines, result.remarks) == (("pecrs", *names), names, ())
    points = standard_instances(films[1]["valid"])
    assert result.metrics["pecrs"]["all"].instances == len(points)
    header, first = repr(result).splitlines()[:2]
    assert header.split() == ["model", "variant", "R@1", "R@10", "R@50", "MRR@10", "NDCG@10", "Unique"]
    assert first.split()[:2] == ["pecrs", "all"]
    assert float(first.split()[3]) == pytest.approx(100 * result.metrics["pecrs"]["all"].recall[10].value, abs=0.005)
    messages = len({(point.dialogue.id, point.message_index) for point in points})
    assert [(step.done, step.total) for step in told if step.what == "ranking"][-1] == (messages, messages)
    kept = json.loads((tmp_path / "kept" / "pecrs" / "metrics.json").read_text())
    assert kept["variants"]["all"]["recall"]["10"]["value"] == result.metrics["pecrs"]["all"].recall[10].value
    again = pecrs.evaluate(recommender, films, baselines=["neighbours"])  # which keeps nothing
    assert again == result


def test_baselines_can_be_measured_alone(films):
    result = pecrs.evaluate(None, films)
    assert tuple(result.metrics) == result.baselines == ("popularity", "latest mention, then popularity")
    assert result.verdicts == []
    with pytest.raises(pecrs.DataError, match="no train dialogues"):
        pecrs.evaluate(None, (films[0], {"valid": films[1]["valid"]}))


def test_a_model_with_other_items_ranks_its_own_and_says_so(recommender, films):
    more = recommender.with_items([pecrs.Item("new", "Brand New", 2024)])
    result = pecrs.evaluate(more, films)
    assert result.remarks == (f"pecrs ranks {len(more.catalogue)} items, the baselines {len(films[0])}.",)
    fewer = recommender.with_items([], named(films)[:1])
    with pytest.raises(pecrs.DataError, match="is not in the catalogue"):
        pecrs.evaluate(fewer, films)


def named(films):
    return [item for dialogue in films[1]["valid"] for turn in dialogue.turns for item in turn.items]


def test_predictions_of_any_program_are_scored_and_compared(recommender, films, tmp_path):
    count = pecrs.predict(recommender, films, tmp_path / "ours.jsonl")
    lines = (tmp_path / "ours.jsonl").read_text().splitlines()
    assert len(lines) == count > 3
    result = pecrs.score(str(tmp_path / "ours.jsonl"), films)
    measured = pecrs.evaluate(recommender, films).metrics["pecrs"]
    assert result.metrics["predictions"] == measured
    perfect = tmp_path / "perfect.jsonl"
    labels = {(point.dialogue.id, point.message_index): point.labels for point in standard_instances(films[1]["valid"])}
    with perfect.open("w") as stream:
        for line in map(json.loads, lines):
            found = labels[line["conversation_id"], line["message_index"]]
            ranking = [*found, *(item for item in line["ranking"] if item not in found)][: len(films[0])]
            json.dump({**line, "ranking": ranking, "scores": [float(-n) for n in range(len(ranking))]}, stream)
            stream.write("\n")
    comparison = pecrs.compare(perfect, tmp_path / "ours.jsonl", films)
    at_50 = next(row for row in comparison if (row.variant, row.k) == ("all", 50))
    assert (at_50.left, at_50.right) == (1.0, measured["all"].recall[50].value)
    assert at_50.difference.value == pytest.approx(1 - at_50.right)
    line = next(line for line in repr(comparison).splitlines() if line.startswith("all") and "R@50" in line)
    assert line.split()[1:4] == ["R@50", "100.00", f"{100 * at_50.right:.2f}"]
    behind = replace(at_50, difference=replace(at_50.difference, low=-0.2, high=-0.1))
    assert behind.ahead == "right"
    assert replace(behind, difference=replace(behind.difference, high=0.1)).ahead == "not shown"
    perfect.write_text("\n".join(perfect.read_text().splitlines()[1:]))
    with pytest.raises(pecrs.DataError, match=r"perfect\.jsonl: .* have no prediction"):
        pecrs.score(perfect, films)
