"""Metrics of the words against closed forms, and answers against the slow reference."""

import json
import math
from dataclasses import replace

import pytest

from models import FAMILIES, tiny_config, tiny_model
from oracle.dialogues import FULL_OF_CASES
from oracle.reference import Reference
from pecrs.data.dialogue import Speaker
from pecrs.errors import ConfigError, DataError
from pecrs.evaluation.metrics.conversation import (
    AnsweredTurn,
    Decision,
    converse_metrics,
    decision,
    distinct,
    read_responses,
    write_responses,
)
from pecrs.evaluation.responses import answer, likelihoods
from pecrs.inference.recommender import Recommender

TURN = AnsweredTurn(
    conversation_id="d",
    message_index=3,
    reference="Have you seen Heat?",
    recommends=True,
    free="Have you seen it?",
    free_recommends=False,
    gated="You should see Heat",
    gated_recommends=True,
    probability=0.4,
    nats=6.0,
    tokens=6,
    size=16,
)
BYE = {"reference": "Bye", "free": "Bye", "gated": "Bye"}
OTHER = replace(TURN, message_index=5, recommends=False, gated_recommends=False, **BYE)


def test_rouge_is_the_f_measure_of_shared_words():
    metrics = converse_metrics([TURN, OTHER])
    assert metrics.wording["free"].rouge == pytest.approx({"rouge1": (0.75 + 1) / 2, "rouge2": 1 / 3, "rougeL": 0.875})
    assert metrics.wording["gated"].rouge["rouge1"] == pytest.approx((0.5 + 1) / 2)  # you, heat
    assert metrics.wording["person"].rouge == {}


def test_distinct_n_grams_in_both_conventions():
    assert distinct(["a b a b", "b a"], 2) == (2, 4)
    wording = converse_metrics([replace(TURN, free="a b a b"), replace(OTHER, free="b a")]).wording["free"]
    assert wording.ratio[2] == 2 / 4
    assert wording.per_response[2] == 2 / 2
    assert wording.ratio[4] == 1.0
    assert converse_metrics([replace(TURN, free="a")]).wording["free"].ratio == {2: 0.0, 3: 0.0, 4: 0.0}


def test_decisions_are_counted_by_named_items():
    metrics = converse_metrics([TURN, OTHER])
    assert metrics.decision["free"] == Decision(0.0, 0.0, 0.0)
    assert metrics.decision["gated"] == Decision(1.0, 1.0, 1.0)
    assert metrics.decision["always"] == Decision(0.5, 1.0, pytest.approx(2 / 3))
    assert decision([True, True, True], [True, False, False]).precision == pytest.approx(1 / 3)
    assert decision([], []) == Decision(0.0, 0.0, 0.0)


def test_perplexity_is_over_tokens_and_bits_over_bytes():
    metrics = converse_metrics([TURN, replace(OTHER, nats=2.0, tokens=2, size=4)])
    assert metrics.perplexity == pytest.approx(math.e)
    assert metrics.bits_per_byte == pytest.approx(8 / math.log(2) / 20)
    cut = converse_metrics([replace(TURN, nats=0.0, tokens=0, size=0)])
    assert cut.perplexity is cut.bits_per_byte is None


def test_responses_survive_a_file(tmp_path):
    path = tmp_path / "responses.jsonl"
    write_responses(path, [TURN, OTHER])
    assert read_responses(path) == [TURN, OTHER]
    assert json.loads(path.read_text().splitlines()[0])["gated"] == TURN.gated


@pytest.mark.parametrize(
    ("change", "field"),
    [({"free": None}, "free"), ({"tokens": 1.5}, "tokens"), ({"recommends": 1}, "recommends"), ({"more": 1}, "more")],
)
def test_a_broken_response_is_named(tmp_path, change, field):
    path = tmp_path / "responses.jsonl"
    write_responses(path, [TURN])
    record = json.loads(path.read_text()) | change
    path.write_text(path.read_text() + json.dumps(record) + "\n")
    with pytest.raises(DataError, match=rf"responses\.jsonl:2: field '{field}'"):
        read_responses(path)


def test_nothing_answered_and_no_library_are_refused(monkeypatch):
    with pytest.raises(DataError, match="no turn"):
        converse_metrics([])
    monkeypatch.setitem(__import__("sys").modules, "rouge_score.rouge_scorer", None)
    with pytest.raises(ConfigError, match=r"pecrs\[eval\]"):
        converse_metrics([TURN])


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("generation", ["joint", "per_item"])
def test_likelihoods_are_those_of_the_reference(family, generation):
    config = tiny_config(data={"generation": generation})
    tiny = tiny_model(family, config)
    [found] = likelihoods(Recommender(tiny.model), [FULL_OF_CASES])
    slow = Reference(tiny)
    turns = [n for n, turn in enumerate(FULL_OF_CASES.turns) if turn.speaker is Speaker.RECOMMENDER]
    assert sorted(found) == turns
    limit = tiny.config.data.max_response_tokens
    checked = 0
    for number in turns:
        turn, context = FULL_OF_CASES.turns[number], slow.context(FULL_OF_CASES.turns[:number])
        _, logits = slow.read(context)
        pair = logits[-1][[tiny.model.vocabulary.prefixes[Speaker.RECOMMENDER][0], tiny.model.vocabulary.rec]]
        assert found[number].probability == pytest.approx(float(pair.detach().softmax(0)[1]), abs=1e-9)
        if len(tiny.model.vocabulary.encode_turn(turn)) + 1 > limit:
            assert (found[number].nats, found[number].tokens) == (0.0, 0)
            continue
        words = slow.response(context, [slow.catalogue.index(item) for item in turn.items], turn)
        assert found[number].nats == pytest.approx(-float(sum(words).detach()), abs=1e-8)
        assert found[number].tokens == len(words)
        checked += 1
    assert checked > 1


def test_every_turn_with_words_and_a_past_is_answered():
    tiny = tiny_model("gpt2")
    answered = list(answer(Recommender(tiny.model), [FULL_OF_CASES]))
    expected = [
        turn
        for number, turn in enumerate(FULL_OF_CASES.turns)
        if turn.speaker is Speaker.RECOMMENDER and number and turn.text.strip()
    ]
    assert [turn.reference for turn in answered] == [turn.text for turn in expected]
    assert [turn.recommends for turn in answered] == [bool(turn.items) for turn in expected]
    assert [turn.gated_recommends for turn in answered] == [bool(turn.items) for turn in expected]
    for turn in answered:
        assert turn.free_recommends == (turn.probability >= 0.5)
        if turn.free_recommends == turn.recommends:
            assert turn.free == turn.gated
        assert turn.size == 0 or turn.tokens > 0
    assert list(answer(Recommender(tiny.model), [FULL_OF_CASES])) == answered
