"""One pass over streams and branches gives what the equations give, turn by turn and candidate by candidate."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from torch import Tensor

from models import TinyModel, tiny_config, tiny_model
from oracle.dialogues import FULL_OF_CASES, dialogues, recommender, seeker
from oracle.reference import Reference, TurnScores, losses
from oracle.settings import Setting, all_pairs, covering, pairs
from pecrs.config import Config
from pecrs.data.collator import Batch, collate
from pecrs.data.dialogue import Dialogue, Speaker, merge_turns
from pecrs.data.stream import Stream
from pecrs.model.item_pool import ItemPool
from pecrs.model.pecrs import PecrsOutput
from pecrs.training.losses import Losses, pecrs_losses
from pecrs.training.negatives import sample_negatives

SETTINGS = covering()
TOLERANCE = 1e-10

pytestmark = pytest.mark.usefixtures("double")


def config_of(setting: Setting) -> Config:
    return tiny_config(
        model={
            "tuning": setting["tuning"],
            "similarity": setting["similarity"],
            "popularity_bias": setting["bias"],
            "candidate_position": setting["position"],
            "item_embedding": setting["embedding"] == "on",
            "mention_feature": setting["mentions"] == "on",
            "repeat_feature": setting["repeats"] == "on",
        },
        data={name: setting[name] for name in ("layout", "generation", "utterances")},
    )


@cache
def built(number: int) -> tuple[TinyModel, Reference]:
    setting = SETTINGS[number]
    tiny = tiny_model(setting["family"], config_of(setting), seed=number)
    return tiny, Reference(tiny)


@dataclass(frozen=True)
class Pass:
    """What the package computes for some dialogues."""

    streams: list[Stream]
    batch: Batch
    negatives: Tensor | None
    rerank_negatives: Tensor
    output: PecrsOutput
    losses: Losses

    def turns(self) -> list[tuple[str, int]]:
        """The dialogue and turn of each point, in the order of the decisions."""
        return [(stream.dialogue, point.turn) for stream in self.streams for point in stream.points]


def fast(tiny: TinyModel, told: Sequence[Dialogue], negatives: str) -> Pass:
    config = tiny.config
    laid = [merge_turns(dialogue) if config.data.utterances == "merged" else dialogue for dialogue in told]
    windows = config.data.layout == "windows"
    streams = [stream for dialogue in laid for stream in tiny.layout.streams(dialogue, windows=windows)]
    batch = collate(streams)
    shared = sample_negatives(4, len(tiny.model.catalogue), batch.positives, torch.Generator().manual_seed(1))
    whole = negatives == "catalogue"
    pool = ItemPool.of_model(tiny.model, batch.named, None if whole else shared, shared)
    output = tiny.model(batch, pool)
    scored = pecrs_losses(output, batch, config.training)
    return Pass(streams, batch, None if whole else shared, shared, output, scored)


def slow(reference: Reference, told: Sequence[Dialogue], done: Pass) -> dict[tuple[str, int], TurnScores]:
    merged = reference.config.data.utterances == "merged"
    negatives = None if done.negatives is None else done.negatives.tolist()
    scores = {}
    for dialogue in (merge_turns(one) if merged else one for one in told):
        for t, turn in enumerate(dialogue.turns):
            if turn.speaker is Speaker.RECOMMENDER:
                key = (dialogue.id, t)
                scores[key] = reference.turn_scores(dialogue, t, negatives, done.rerank_negatives.tolist())
    return scores


def assert_rankings_agree(done: Pass, expected: dict[tuple[str, int], TurnScores]) -> None:
    rows = zip(done.batch.query_streams.tolist(), done.batch.turns.tolist(), strict=True)
    keys = [(done.streams[b].dialogue, turn) for b, turn in rows]
    assert sorted(keys) == sorted(key for key, turn in expected.items() if turn.retrieval)
    output = done.output
    for n, key in enumerate(keys):
        turn = expected[key]
        k = len(turn.items)
        assert output.positive_mask[n].sum() == k
        retrieval, reranking = turn.retrieval, turn.reranking
        near(output.recall_positive[n, :k], [retrieval[j] for j in turn.items])
        near(output.rerank_positive[n, :k], [reranking[j] for j in turn.items])
        near(output.rerank_negative[n], [reranking[j] for j in done.rerank_negatives.tolist()])
        if done.negatives is not None:
            near(output.recall_negative[n], [retrieval[j] for j in done.negatives.tolist()])
        else:
            left_out = torch.tensor(-torch.inf)
            near(output.recall_negative[n], [left_out if j in turn.items else retrieval[j] for j in range(12)])


def responses(done: Pass, expected: dict[tuple[str, int], TurnScores]) -> Iterator[list[Tensor]]:
    """The reference's responses in the order of the package's targets: main line first, then branches."""
    for stream in done.streams:
        turns = [expected[stream.dialogue, point.turn] for point in stream.points]
        yield from (response for turn in turns if len(turn.responses) == 1 for response in turn.responses)
        yield from (response for turn in turns if len(turn.responses) > 1 for response in turn.responses)


def near(actual: Tensor, expected: Sequence[Tensor]) -> None:
    wanted = torch.stack(list(expected)) if len(expected) else actual.new_zeros(0)
    torch.testing.assert_close(actual, wanted, rtol=TOLERANCE, atol=TOLERANCE)


def test_the_settings_cover_every_pair():
    covered = set().union(*map(pairs, SETTINGS))
    assert all_pairs() <= covered
    assert len(all_pairs()) > 250


@pytest.mark.parametrize("number", range(len(SETTINGS)), ids=lambda n: "-".join(SETTINGS[n].values()))
@settings(max_examples=16, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(told=dialogues())
@example(told=[FULL_OF_CASES, Dialogue("short", (seeker("I like", 11), recommender("Then", 10)))])
def test_one_pass_equals_the_equations(number, told):
    tiny, reference = built(number)
    with torch.no_grad():
        done = fast(tiny, told, SETTINGS[number]["negatives"])
        expected = slow(reference, told, done)
    assert sorted(done.turns()) == sorted(expected)
    assert_rankings_agree(done, expected)
    near(-done.output.token_losses, [value for response in responses(done, expected) for value in response])
    near(done.output.decision_logits.flatten(), [x for key in done.turns() for x in expected[key].decision])
    for name, value in losses(list(expected.values()), tiny.config.training).items():
        assert float(getattr(done.losses, name)) == pytest.approx(float(value), rel=TOLERANCE, abs=TOLERANCE), name


@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_gradients_equal_those_of_the_equations(tuning):
    data = {"generation": "per_item"} if tuning == "full" else {}
    config = tiny_config(model={"tuning": tuning, "similarity": "angular", "popularity_bias": "learned"}, data=data)
    told = [FULL_OF_CASES, Dialogue("short", (seeker("I like", 11), recommender("Then", 10)))]
    under_test, twin = tiny_model("llama", config), tiny_model("llama", config)
    done = fast(under_test, told, "sampled")
    done.losses.total.backward()
    expected = slow(Reference(twin, merged=False), told, done)
    losses(list(expected.values()), config.training)["total"].backward()
    wanted = {name: parameter.grad for name, parameter in twin.model.trained_parameters().items()}
    assert sum(gradient.abs().max() > 1e-6 for gradient in wanted.values()) > 0.9 * len(wanted)
    for name, parameter in under_test.model.trained_parameters().items():
        torch.testing.assert_close(
            parameter.grad, wanted[name], rtol=1e-7, atol=TOLERANCE, msg=lambda text, name=name: f"{name}: {text}"
        )
