"""Answers given together are those given one by one; the cache of one conversation is a batch of one."""

from dataclasses import replace

import pytest
import torch

from models import FAMILIES, small_catalogue, tiny_config, tiny_model
from oracle.dialogues import FULL_OF_CASES, recommender, seeker
from pecrs.data.dialogue import Speaker, Turn
from pecrs.data.stream import NO_ITEM, TokenSequence
from pecrs.errors import DataError
from pecrs.inference import ranker, replies
from pecrs.inference.decoding import NOTHING_LEFT, NOTHING_PASSES
from pecrs.inference.moves import Move, MoveKind
from pecrs.inference.policy import asked_for, decide_alone
from pecrs.inference.recommender import Recommender
from pecrs.inference.types import Filters, Reply, Request
from pecrs.model.generator import ConversationCache, Prompt, candidate_scores, generate, read

pytestmark = pytest.mark.usefixtures("double")

TURNS = FULL_OF_CASES.turns
FILMS = small_catalogue().items
GENRE = FILMS[3].values("genres")[0]
TALK = (recommender("Hello"), seeker("I like", 1), recommender("Try", 2), seeker("no"))

REQUESTS = (
    *(Request(TURNS[:end], seed=end) for end in range(len(TURNS) + 1)),
    Request(TALK, recommend=True, seed=5),
    Request(TALK, recommend=False, seed=5),
    Request(TALK, Filters.of(f"genres={GENRE}"), recommend=True, count=3, seed=6),
    Request(TALK, Filters.of(f"year={FILMS[4].year}"), recommend=True, count=99, seed=7),
    Request((seeker(f"I want a {GENRE} film"),), seed=8),
    Request((seeker("When was", 5, "made?"),), seed=9),
)
"""Every prefix of a dialogue full of cases, truncated ones too; orders, filters, constraints, a question of fact."""


def make(family="gpt2", **generation):
    config = tiny_config(data={"max_context_tokens": 64}, generation={"shortlist": 6} | generation)
    return Recommender(tiny_model(family, config).model, settings=config.generation)


def assert_alike(one, other):
    assert one.text == other.text
    assert one.turn == other.turn
    assert (one.recommends, one.state, one.tokens) == (other.recommends, other.state, other.tokens)
    assert one.probability == pytest.approx(other.probability, abs=1e-12)
    assert [entry.item.id for entry in one.items] == [entry.item.id for entry in other.items]
    for name in ("score", "retrieval", "rerank"):
        left, right = ([getattr(entry, name) for entry in reply.items] for reply in (one, other))
        assert left == pytest.approx(right, abs=1e-10)


@pytest.mark.parametrize("strategy", ["greedy", "sample"])
@pytest.mark.parametrize("family", FAMILIES)
def test_answers_together_are_those_one_by_one(family, strategy):
    model = make(family, strategy=strategy)
    together = model.respond_many(REQUESTS)
    assert {reply.recommends for reply in together} == {True, False}
    assert len({len(reply.items) for reply in together}) > 2
    for request, reply in zip(REQUESTS, together, strict=True):
        [alone] = model.respond_many([request])
        assert_alike(reply, alone)


@pytest.mark.parametrize("settings", [{"rerank_weight": 0.0}, {"decision": "paper"}, {"rerank_weight": 0.5}])
def test_other_settings_hold_together_as_well(settings):
    model = make(temperature=4.0, top_k=1000, **settings)
    requests = [replace(request, seed=seed) for seed in (1, 2) for request in REQUESTS]
    for request, reply in zip(requests, model.respond_many(requests), strict=True):
        assert_alike(reply, model.respond_many([request])[0])


def test_batches_are_bounded_and_leave_the_order(monkeypatch):
    model = make()
    whole, sizes = model.respond_many(REQUESTS), []
    monkeypatch.setattr(replies, "BATCH_POSITIONS", 150)

    def counted(model, caches, sequences, vectors):
        sizes.append((len(caches), max(map(len, sequences))))
        return read(model, caches, sequences, vectors)

    monkeypatch.setattr(ranker, "read", counted)
    for one, other in zip(whole, model.respond_many(REQUESTS), strict=True):
        assert_alike(one, other)
    assert {count for count, _ in sizes} >= {1, 2}
    assert all(count == 1 or count * (longest + 10) <= 150 for count, longest in sizes)


def test_kept_conversations_and_new_ones_go_together():
    model = make()
    kept = [ConversationCache() for _ in REQUESTS]
    for cache, end in zip(kept, (3, 1, 0, 8, 0, 5), strict=False):
        if end:
            model.respond(TURNS[:end], seed=0, cache=cache)
    for reply, alone in zip(model.respond_many(REQUESTS, kept), model.respond_many(REQUESTS), strict=True):
        assert_alike(reply, alone)
    assert all(len(cache.sequence) for cache in kept)


def test_a_conversation_answers_one_request_at_a_time():
    model = make()
    one, other = ConversationCache(), ConversationCache()
    for caches in ([one], [one, one], [one, other, ConversationCache()]):
        with pytest.raises(DataError, match="none twice"):
            model.respond_many(REQUESTS[:2], caches)


def test_one_that_cannot_be_answered_stops_no_other():
    model = make()
    answers = model.respond_many([REQUESTS[3], Request(TALK, count=0), REQUESTS[4]])
    assert [isinstance(answer, Reply) for answer in answers] == [True, False, True]
    assert "at least 1" in str(answers[1])
    assert_alike(answers[0], model.respond_many([REQUESTS[3]])[0])
    assert model.respond_many([]) == []


def test_seconds_of_a_batch_are_divided():
    replies = make().respond_many(REQUESTS)
    assert len({reply.timings["decide"] for reply in replies}) == 1
    assert len({reply.timings["understand"] for reply in replies}) == len(replies)
    for reply in replies:
        assert ("retrieve" in reply.timings) == bool(reply.items)
        assert ("generate" in reply.timings) == (reply.tokens > 0)


def test_seeds_of_a_batch_leave_the_global_state_alone_and_no_seed_moves_it():
    model, before = make(), torch.get_rng_state()
    model.respond_many(REQUESTS)
    assert torch.equal(before, torch.get_rng_state())
    model.respond_many([replace(request, seed=None) for request in REQUESTS])
    assert not torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("family", FAMILIES)
def test_candidates_of_several_conversations_score_as_alone(family):
    recommender = make(family)
    model, vectors = recommender.model, recommender.index.vectors
    rec = TokenSequence((model.vocabulary.rec,), (NO_ITEM,))
    sequences = [recommender.ranker.layout.context(TURNS[:end]) + rec for end in (1, 4, 6)]
    caches = [ConversationCache() for _ in sequences]
    read(model, caches, sequences, vectors)
    chosen = torch.tensor([[0, 1, 2], [3, 1, 5], [7, 8, 2]])
    together = candidate_scores(model, caches, vectors[chosen])
    for cache, items, scores in zip(caches, chosen, together, strict=True):
        assert torch.allclose(candidate_scores(model, [cache], vectors[items][None])[0], scores, atol=1e-12)


@pytest.mark.parametrize("strategy", ["greedy", "sample"])
@pytest.mark.parametrize("family", FAMILIES)
def test_responses_that_end_leave_the_others_alone(family, strategy):
    recommender = make(family)
    model, vectors = recommender.model, recommender.index.vectors
    settings = recommender.settings.model_copy(update={"strategy": strategy})
    eos, words = model.vocabulary.eos, range(20, 24)  # so few that the end comes up soon
    prompts = [
        Prompt(
            recommender.ranker.layout.context(TURNS[:end]),
            frozenset(range(len(model.vocabulary))) - {eos, *words[seed % 4 :]},
            seed,
        )
        for seed, end in enumerate([*range(len(TURNS)), 0, 3, 5, 8])
    ]
    together = generate(model, [ConversationCache() for _ in prompts], prompts, vectors, settings)
    for prompt, tokens in zip(prompts, together, strict=True):
        assert [tokens] == generate(model, [ConversationCache()], [prompt], vectors, settings)
        assert tokens
        assert set(tokens).isdisjoint(prompt.banned | {eos})
    assert len({len(tokens) for tokens in together}) > 2


@pytest.mark.parametrize("family", FAMILIES)
def test_sampling_follows_the_probabilities(family):
    """One step over two banned sets: shares of many seeds against the softmax of the best tokens that are allowed."""
    recommender = make(family)
    model, vectors = recommender.model, recommender.index.vectors
    settings = recommender.settings.model_copy(update={"top_k": 3, "temperature": 0.7})
    context = recommender.ranker.layout.context(TALK)
    with torch.inference_mode():
        logits = model.backbone.logits(read(model, [ConversationCache()], [context], vectors)[0][-1])
    best = logits.argsort(descending=True).tolist()
    for banned in ({model.vocabulary.eos}, {model.vocabulary.eos, *best[:2]}):
        allowed = [token for token in best if token not in banned][:3]
        expected = (logits[allowed] / 0.7).softmax(0)
        prompts = [Prompt(context, frozenset(banned), seed) for seed in range(400)]
        model.data = model.data.override(["max_response_tokens=2"])
        firsts = [
            tokens[0] for tokens in generate(model, [ConversationCache() for _ in prompts], prompts, vectors, settings)
        ]
        shares = torch.tensor([firsts.count(token) / len(firsts) for token in allowed])
        assert set(firsts) <= set(allowed)
        assert torch.allclose(shares, expected, atol=0.08)


EVERYTHING = seeker("I know", *range(len(FILMS)))
WHAT_ELSE = Turn(Speaker.SEEKER, "any suggestions?")
NOTHING = {
    "all are named": (Request((EVERYTHING, WHAT_ELSE), recommend=True), NOTHING_LEFT),
    "all are excluded": (Request(TALK, Filters(exclude=frozenset(film.id for film in FILMS)), True), NOTHING_LEFT),
    "no item is of this kind": (Request(TALK, Filters.of(f"genres={GENRE}", f"genres!={GENRE}"), True), NOTHING_PASSES),
    "none of this time is left": (
        Request((EVERYTHING,), Filters.of(f"year={FILMS[4].year}"), True),
        NOTHING_PASSES,
    ),
}


@pytest.mark.parametrize("case", NOTHING)
def test_where_nothing_is_left_the_reply_says_why(case):
    model, (request, words) = make(), NOTHING[case]
    other = Request(TALK, recommend=True, seed=1)
    [reply, beside] = model.respond_many([request, other])
    assert (reply.move, reply.text, reply.items) == (MoveKind.NOTHING, words, ())
    assert reply.turn == Turn(Speaker.RECOMMENDER, words)
    assert not reply.recommends
    assert reply.tokens == 0
    assert_alike(beside, model.respond_many([other])[0])
    assert model.recommend(request.turns, filters=request.filters) == ()
    assert model.respond((*request.turns, reply.turn, seeker("ok")), recommend=False, seed=0).move is MoveKind.CHAT
    told = replace(request, recommend=False, seed=0)
    assert model.respond_many([told])[0].move is MoveKind.CHAT


def test_filters_that_are_lifted_let_the_dialogue_go_on():
    model, cache = make(), ConversationCache()
    nothing = model.respond(TALK, filters=Filters.of("year=1..2"), recommend=True, cache=cache)
    turns = (*TALK, nothing.turn, seeker("then anything"))
    assert_alike(
        model.respond(turns, recommend=True, seed=0, cache=cache), model.respond(turns, recommend=True, seed=0)
    )


def test_the_papers_decision_says_that_nothing_is_left_only_where_it_would_recommend():
    model = make(decision="paper", temperature=4.0, top_k=1000)  # so flat that the placeholder comes up
    nothing = Filters.of("year=1..2")
    replies = [model.respond(TALK, filters=nothing, seed=seed) for seed in range(60)]
    assert {reply.move for reply in replies} == {MoveKind.NOTHING, MoveKind.CHAT}
    assert all((reply.text == NOTHING_PASSES) == (reply.move is MoveKind.NOTHING) for reply in replies)
    assert all(reply.items == () and "[ITEM]" not in reply.text for reply in replies)


def test_without_a_reader_the_model_decides_alone_unless_it_is_told():
    assert decide_alone(0.4, 0.5, paper=False) == Move(MoveKind.CHAT)
    assert decide_alone(0.5, 0.5, paper=False) == Move(MoveKind.RECOMMEND)
    paper = decide_alone(0.0, 0.5, paper=True)
    assert paper == Move(MoveKind.RECOMMEND, tentative=True)
    assert asked_for(paper, None) is paper
    assert asked_for(paper, True) == Move(MoveKind.RECOMMEND)
    assert asked_for(Move(MoveKind.CHAT), True) == Move(MoveKind.RECOMMEND)
    assert asked_for(Move(MoveKind.LIST, count=3), False) == Move(MoveKind.CHAT)
    assert asked_for(Move(MoveKind.WHY), False) == Move(MoveKind.WHY)
