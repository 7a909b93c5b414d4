"""Rankings: batches, chunks and cached contexts change no score; nothing of the turn itself or later is looked at."""

import pytest
import torch

import pecrs.inference.tasks
import pecrs.model.generator
from models import FAMILIES, tiny_config, tiny_model
from oracle.dialogues import FULL_OF_CASES, recommender, seeker
from oracle.reference import Reference
from pecrs.data.dialogue import Dialogue
from pecrs.data.protocol import Instance
from pecrs.errors import DataError
from pecrs.index import TopK
from pecrs.inference.ranker import Ranker
from pecrs.inference.recommender import Recommender
from pecrs.inference.retrieval import fuse
from pecrs.inference.types import Filters
from pecrs.model.generator import ConversationCache

pytestmark = pytest.mark.usefixtures("double")

SHORT = Dialogue("short", (seeker("I like", 1), recommender("Try", 2), seeker("no"), recommender("Then", 4, "or", 5)))
SETTINGS = {"shortlist": 5, "rerank_weight": 0.6}


def tiny(family="gpt2", **generation):
    return tiny_model(family, tiny_config(generation=SETTINGS | generation))


def ranker_of(made):
    return Ranker.of_model(made.model, made.config.generation)


def instances(*dialogues):
    return [
        Instance(dialogue, number, turn.items)
        for dialogue in dialogues
        for number, turn in enumerate(dialogue.turns)
        if turn.speaker.value == "recommender" and turn.items and number > 0
    ]


def assert_same(left, right):
    for a, b in zip(left, right, strict=True):
        assert a.items == b.items
        torch.testing.assert_close(torch.tensor(a.scores), torch.tensor(b.scores), atol=1e-9, rtol=0)


@pytest.mark.parametrize("family", FAMILIES)
def test_rankings_equal_the_reference(family):
    model = tiny(family)
    asked = instances(SHORT, FULL_OF_CASES)
    rankings = list(ranker_of(model).rank(asked, 12))
    reference, catalogue = Reference(model), model.model.catalogue
    for instance, ranking in zip(asked, rankings, strict=True):
        scores = reference.turn_scores(instance.dialogue, instance.turn, None, range(len(catalogue)))
        retrieved = sorted(scores.retrieval, key=lambda j: -scores.retrieval[j])
        fused = {j: 0.4 * scores.retrieval[j] + 0.6 * scores.reranking[j] for j in retrieved[:5]}
        best = [*sorted(fused, key=lambda j: -fused[j]), *retrieved[5:]]
        assert ranking.items == tuple(catalogue.items[j].id for j in best)
        assert ranking.scores[:5] == pytest.approx([fused[j].item() for j in best[:5]], abs=1e-9)
        assert list(ranking.scores) == sorted(ranking.scores, reverse=True)


@pytest.mark.parametrize("family", FAMILIES)
def test_batches_and_chunks_change_nothing(family, monkeypatch):
    ranker = ranker_of(tiny(family))
    asked = instances(SHORT, FULL_OF_CASES)
    together = list(ranker.rank(asked, 12))
    monkeypatch.setattr(pecrs.inference.tasks, "BATCH_POSITIONS", 1)
    monkeypatch.setattr(pecrs.model.generator, "CANDIDATES", 1)
    assert_same(together, list(ranker.rank(asked, 12)))
    assert_same(together, [next(ranker.rank([instance], 12)) for instance in asked])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_conversation_ranks_as_evaluation_does(family):
    made = tiny(family)
    model = Recommender(made.model, settings=made.config.generation)
    asked = instances(FULL_OF_CASES)
    cache = ConversationCache()
    for instance, ranking in zip(asked, model.rank(asked, 12), strict=True):
        turns = instance.dialogue.turns[: instance.turn]
        got = model.recommend(turns, filters=Filters(exclude_mentioned=False), count=12, cache=cache)
        assert tuple(entry.item.id for entry in got) == ranking.items
        assert [entry.score for entry in got] == pytest.approx(list(ranking.scores), abs=1e-9)


def test_the_turn_itself_and_later_ones_are_not_looked_at():
    ranker = ranker_of(tiny())
    before = instances(SHORT)[0]
    other = Dialogue("other", (SHORT.turns[0], recommender("Something else, perhaps", 7, 8), seeker("never")))
    assert_same(ranker.rank([before], 12), ranker.rank(instances(other), 12))


def test_depth_and_shortlist_bound_the_ranking():
    model = tiny(shortlist=100)
    assert len(next(ranker_of(model).rank(instances(SHORT)[:1], 3)).items) == 3
    assert len(next(ranker_of(model).rank(instances(SHORT)[:1], 100)).items) == len(model.model.catalogue)


def test_weight_zero_is_retrieval_alone():
    plain = ranker_of(tiny(rerank_weight=0.0))
    retrieval = list(plain.rank(instances(SHORT), 12))
    fused = ranker_of(tiny(rerank_weight=1.0, shortlist=1))
    assert [r.items for r in retrieval] == [r.items for r in fused.rank(instances(SHORT), 12)]


def test_a_turn_without_items_cannot_be_asked():
    dialogue = Dialogue("d", (seeker("hi"), recommender("hello")))
    with pytest.raises(DataError, match="1 instances ask for a turn without items"):
        next(ranker_of(tiny()).rank([Instance(dialogue, 1, ("x",))], 5))


def test_fuse_by_hand():
    found = TopK(torch.tensor([[7, 5, 6, 3, 4]]), torch.tensor([[4.0, 3.0, 2.0, 1.0, 0.0]]))
    fused = fuse(found, torch.tensor([[0.0, 2.0, 10.0]]), 0.5)
    assert fused.items.tolist() == [[6, 5, 7, 3, 4]]
    assert fused.scores.tolist() == [[6.0, 2.5, 2.0, 2.0, 1.0]]
