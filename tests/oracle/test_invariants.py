"""What must not matter does not: companions, padding, the future, the order of candidates."""

from dataclasses import dataclass, replace
from functools import cache

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from models import TinyModel, tiny_config, tiny_model
from oracle.dialogues import FULL_OF_CASES, dialogues, recommender, seeker, turns
from pecrs.data.collator import collate
from pecrs.data.dialogue import Dialogue, Speaker
from pecrs.data.stream import Stream

pytestmark = pytest.mark.usefixtures("double")

SHORT = Dialogue("short", (seeker("I like", 11), recommender("Then", 10, "or", 4)))
quick = settings(
    max_examples=15, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


@cache
def built(family: str, layout: str = "stream", generation: str = "joint") -> TinyModel:
    return tiny_model(family, tiny_config(data={"layout": layout, "generation": generation}))


@dataclass(frozen=True)
class AtTurn:
    """Scores that a recommender turn gets before it is known."""

    retrieval: Tensor | None
    reranking: Tensor | None
    decision: Tensor


def streams_of(tiny: TinyModel, dialogue: Dialogue) -> list[Stream]:
    return tiny.layout.streams(dialogue, windows=tiny.config.data.layout == "windows")


@torch.no_grad()
def scores(tiny: TinyModel, streams: list[Stream], candidates: Tensor | None = None) -> dict[tuple[str, int], AtTurn]:
    """Scores of all points for the given candidates (the catalogue), by dialogue and turn."""
    model, batch = tiny.model, collate(streams)
    candidates = torch.arange(12) if candidates is None else candidates
    vectors = model.catalogue_vectors
    stream, branches = model.read(batch, batch.items, vectors, candidates.expand(len(batch.queries), -1))
    groups = zip(batch.query_streams.tolist(), batch.turns.tolist(), strict=True)
    place = {key: group for group, key in enumerate(groups)}
    starts = batch.keys[:, 0].tolist()
    found = {}
    for b, laid in enumerate(streams):
        for point in laid.points:
            retrieval = reranking = None
            if (b, point.turn) in place:
                bias, norm = model.retriever.item_bias(candidates), model.item_encoder.scale
                retrieval = model.retriever(stream[starts[b] + point.query], vectors[candidates], norm, bias)
                reranking = model.reranker(branches[place[b, point.turn]], model.retriever.head)
            decision = model.decision_logits(stream[starts[b] + point.decision][None])[0]
            found[laid.dialogue, point.turn] = AtTurn(retrieval, reranking, decision)
    return found


def assert_same(left: AtTurn, right: AtTurn, *, both: bool = True) -> None:
    """Compare what both have; with ``both``, either both have a score or neither."""
    for name in ("retrieval", "reranking", "decision"):
        a, b = getattr(left, name), getattr(right, name)
        assert not both or (a is None) == (b is None), name
        if a is not None and b is not None:
            torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("family", ["gpt2", "llama", "bert"])
def test_permuted_candidates_get_permuted_scores(family):
    tiny = built(family)
    order = torch.randperm(12, generator=torch.Generator().manual_seed(3))
    plain, permuted = (scores(tiny, streams_of(tiny, SHORT), c)["short", 1] for c in (torch.arange(12), order))
    assert plain.reranking.std() > 1e-3
    torch.testing.assert_close(plain.retrieval[order], permuted.retrieval, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(plain.reranking[order], permuted.reranking, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("family", ["gpt2", "llama", "bert"])
@torch.no_grad()
def test_candidates_are_invisible_to_the_stream_and_to_each_other(family):
    tiny = built(family)
    model, batch = tiny.model, collate(streams_of(tiny, FULL_OF_CASES))
    shape = (len(batch.queries), 4)
    alone, nothing = model.read(batch, batch.items, model.catalogue_vectors, None)
    first, some = model.read(batch, batch.items, model.catalogue_vectors, torch.tensor([0, 1, 2, 3]).expand(shape))
    second, others = model.read(batch, batch.items, model.catalogue_vectors, torch.tensor([0, 7, 2, 9]).expand(shape))
    assert nothing is None
    torch.testing.assert_close(first, alone, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(second, alone, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(some[:, [0, 2]], others[:, [0, 2]], rtol=1e-12, atol=1e-12)
    assert (some - others)[:, [1, 3]].abs().amax(-1).min() > 1e-3


@pytest.mark.parametrize("layout", ["stream", "windows"])
@pytest.mark.parametrize("generation", ["joint", "per_item"])
@quick
@given(told=dialogues(), other=st.lists(turns(), min_size=1, max_size=4), at=st.integers(0, 6))
def test_messages_from_n_on_change_no_score_at_n(layout, generation, told, other, at):
    tiny = built("gpt2", layout, generation)
    before, after = told[0].turns[:at], [*other, recommender("Try", 5)]
    if after[0].speaker is not Speaker.RECOMMENDER:
        after.insert(0, recommender("Then", 4, 3))
    original = Dialogue("a", (*before, recommender("How about", 1, unnamed=(2,)), *told[0].turns[at:]))
    changed = Dialogue("a", (*before, *after))
    left, right = (scores(tiny, streams_of(tiny, dialogue)) for dialogue in (original, changed))
    for turn, speaker in enumerate([*(turn.speaker for turn in before), Speaker.RECOMMENDER]):
        if speaker is Speaker.RECOMMENDER:
            assert_same(left["a", turn], right["a", turn], both=False)  # the turn itself may lose its items


@pytest.mark.parametrize("family", ["gpt2", "llama", "bert"])
def test_the_past_does_matter(family):
    tiny = built(family)
    told = Dialogue("short", (seeker("films about ghosts", 11), *SHORT.turns[1:]))
    left, right = (scores(tiny, streams_of(tiny, dialogue))["short", 1] for dialogue in (SHORT, told))
    assert min(float((a - b).abs().min()) for a, b in zip(vars(left).values(), vars(right).values(), strict=True)) > 0


@pytest.mark.parametrize("layout", ["stream", "windows"])
@quick
@given(told=dialogues())
def test_companions_and_padding_change_nothing(layout, told):
    tiny = built("llama", layout, "per_item")
    streams = [stream for dialogue in [*told, FULL_OF_CASES] for stream in streams_of(tiny, dialogue)]
    together = scores(tiny, streams)
    for stream in streams:
        for key, alone in scores(tiny, [stream]).items():
            assert_same(alone, together[key])


@quick
@given(told=dialogues())
def test_a_context_equals_the_stream_before_its_turn(told):
    for layout in ("stream", "windows"):
        tiny = built("gpt2", layout)
        for dialogue in [*told, FULL_OF_CASES]:
            for stream in streams_of(tiny, dialogue):
                for point in stream.points:
                    context = tiny.layout.context(dialogue.turns[: point.turn])
                    end = point.decision + 1
                    assert context.tokens == stream.sequence.tokens[:end]
                    assert context.items == stream.sequence.items[:end]


def test_the_layouts_agree():
    stream, windows = built("gpt2", "stream"), built("gpt2", "windows")
    left, right = (scores(tiny, streams_of(tiny, FULL_OF_CASES)) for tiny in (stream, windows))
    assert left.keys() == right.keys()
    for key, value in left.items():
        assert_same(value, right[key])


def test_items_of_a_turn_are_seen_by_its_response_only_after_its_query():
    tiny = built("gpt2")
    told = replace(SHORT, turns=(SHORT.turns[0], recommender("Then", 9, "or", 8)))
    with torch.no_grad():
        outputs = []
        for dialogue in (SHORT, told):
            batch = collate(streams_of(tiny, dialogue))
            vectors = tiny.model.catalogue_vectors
            outputs.append((batch, tiny.model.read(batch, batch.items, vectors, None)[0]))
    (batch, left), (_, right) = outputs
    query = int(batch.queries[0])
    torch.testing.assert_close(left[: query + 1], right[: query + 1], rtol=0, atol=1e-12)
    response = batch.targets[:, 0]
    assert (left[response] - right[response]).abs().amax(-1).min() > 1e-3
