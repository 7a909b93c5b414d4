"""The path from recommender to table, in the made-up film world and on real data where it is at hand."""

from __future__ import annotations

import json

import pytest

from pecrs.data.catalogue import Catalogue, Item
from pecrs.data.dialogue import Dialogue, Speaker, Turn
from pecrs.data.loaders.redial import load_redial
from pecrs.data.loaders.synthetic import film_world
from pecrs.data.protocol import Instance, Ranking, standard_instances
from pecrs.errors import DataError
from pecrs.evaluation.baselines.simple import LatestMentionThenPopularity, Popularity
from pecrs.evaluation.evaluator import HEADER, evaluate, predict, run, table_rows, verdicts
from pecrs.evaluation.predictions import key_of

CATALOGUE = Catalogue(tuple(Item(name, name.upper()) for name in "abcd"), ("title",))
TALK = Dialogue(
    "talk",
    (
        Turn(Speaker.SEEKER, "-", items=("a",), messages=(0,)),
        Turn(Speaker.RECOMMENDER, "-", items=("a", "b"), messages=(1,)),
        Turn(Speaker.RECOMMENDER, "-", items=("c",), messages=(2,)),
    ),
)
ALL = [Instance(TALK, 1, ("a", "b")), Instance(TALK, 2, ("c",))]
NOVEL = [Instance(TALK, 1, ("b",)), Instance(TALK, 2, ("c",))]


class Fixed:
    """Ranks the four films in the orders given, one an instance."""

    def __init__(self, *orders: str) -> None:
        self.orders = orders
        self.asked: list[tuple[str, int]] = []

    def rank(self, instances, depth):
        self.asked = [key_of(instance) for instance in instances]
        return (
            Ranking(tuple(order[:depth]), tuple(float(-n) for n in range(len(order[:depth])))) for order in self.orders
        )


def test_both_variants_come_from_the_same_predictions():
    metrics = evaluate(dict(predict(Fixed("abcd", "cabd"), ALL)), {"all": ALL, "novel": NOVEL}, samples=5)
    assert (metrics["all"].instances, metrics["all"].labels) == (2, 3)
    assert metrics["all"].recall[1].value == pytest.approx(2 / 3)
    assert (metrics["novel"].instances, metrics["novel"].labels) == (2, 2)
    assert metrics["novel"].recall[1].value == pytest.approx(1 / 2)
    assert metrics["novel"].mrr.value == pytest.approx((1 / 2 + 1) / 2)


def test_instances_of_one_message_are_asked_once():
    per_item = [Instance(TALK, 1, ("a",)), Instance(TALK, 1, ("b",)), Instance(TALK, 2, ("c",))]
    fixed = Fixed("abcd", "cabd")
    assert list(dict(predict(fixed, per_item))) == fixed.asked == [("talk", 1), ("talk", 2)]
    assert evaluate(dict(predict(fixed, per_item)), {"pecrs": per_item}, samples=5)["pecrs"].labels == 3


@pytest.mark.parametrize("orders", [("abcd",), ("abcd", "abcd", "abcd")])
def test_a_recommender_must_give_as_many_rankings_as_asked(orders):
    with pytest.raises(DataError, match="rankings"):
        list(predict(Fixed(*orders), ALL))


def test_an_instance_without_ranking_is_an_error():
    rankings = dict(predict(Fixed("abcd"), ALL[:1]))
    with pytest.raises(DataError, match=r"1 of 2 instances have no ranking.*'talk', message 2"):
        evaluate(rankings, {"all": ALL})


def test_run_writes_predictions_and_metrics(tmp_path):
    metrics = run(Fixed("abcd", "cabd"), CATALOGUE, {"all": ALL, "novel": NOVEL}, tmp_path, protocol="standard")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["metrics.json", "predictions.jsonl"]
    saved = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert saved["protocol"] == "standard"
    assert saved["variants"]["all"]["recall"]["1"]["value"] == metrics["all"].recall[1].value
    assert set(saved["variants"]["novel"]) == {
        "instances",
        "labels",
        "dialogues",
        "recall",
        "mrr@10",
        "ndcg@10",
        "unique",
    }


def test_table_and_verdicts():
    good, bad = Fixed("abcd", "cabd"), Fixed("dcba", "dabc")
    variants = {"all": ALL, "novel": NOVEL}
    metrics = {
        name: evaluate(dict(predict(f, ALL)), variants, samples=5) for name, f in (("model", good), ("base", bad))
    }
    rows = table_rows(metrics)
    assert [row[:2] for row in rows] == [("model", "all"), ("base", "all"), ("model", "novel"), ("base", "novel")]
    assert all(len(row) == len(HEADER) for row in rows)
    assert dict(zip(HEADER, rows[0], strict=True))["R@1"] == 66.67
    assert dict(zip(HEADER, rows[1], strict=True))["R@1"] == 0
    assert dict(zip(HEADER, rows[1], strict=True))["Unique"] == 1
    sentences = verdicts(metrics, ["base"])
    assert "model does not beat base at R@10 (all): 100.00 % against 100.00 %." in sentences
    assert not any("R@1 " in sentence for sentence in sentences)
    swapped = verdicts({"model": metrics["base"], "base": metrics["model"]}, ["base"])
    assert "model does not beat base at R@1 (all): 0.00 % against 66.67 %." in swapped
    with pytest.raises(DataError, match="'popularity' has no metrics of variant 'all'"):
        verdicts(metrics, ["popularity"])


def test_reading_the_request_beats_popularity_in_the_made_up_world(tmp_path):
    catalogue, dialogues = film_world(11, 300)
    train, held_out = dialogues[:200], dialogues[200:]
    popularity = Popularity(train, catalogue)

    class Reader:
        def rank(self, instances, depth):
            for instance in instances:
                said = " ".join(turn.text for turn in instance.dialogue.turns[: instance.turn])
                fits = {i.id for i in catalogue if any(v in said for v in i.facts["genres"] + i.facts["actors"])}
                ranked = sorted(popularity.ranking.items, key=lambda item: item not in fits)[:depth]
                yield Ranking(tuple(ranked), tuple(float(-n) for n in range(len(ranked))))

    variants = {name: standard_instances(held_out, name) for name in ("all", "novel")}
    metrics = {
        name: run(recommender, catalogue, variants, tmp_path / name, protocol="standard")
        for name, recommender in (("reader", Reader()), ("popularity", popularity))
    }
    assert verdicts(metrics, ["popularity"]) == []
    assert metrics["popularity"]["all"].unique == 1


def test_the_baselines_on_the_published_validation_dialogues(data_folder):
    if not (data_folder / "redial").is_dir():
        pytest.skip("the data folder has no redial")
    loaded = load_redial(data_folder / "redial")
    points = standard_instances(loaded.valid)
    popularity = Popularity(loaded.train, loaded.catalogue)
    shares = {}
    for name, baseline in (("popularity", popularity), ("latest", LatestMentionThenPopularity(popularity))):
        metrics = evaluate(dict(predict(baseline, points)), {"all": points}, samples=2)["all"]
        shares[name] = [round(100 * metrics.recall[k].value, 2) for k in (1, 10, 50)]
    assert shares == {"popularity": [1.06, 6.11, 16.85], "latest": [3.53, 13.01, 23.01]}
