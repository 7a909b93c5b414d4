"""Replies: the cache changes nothing, text and items agree, filters and run-time items hold."""

import pytest
import torch

from models import FAMILIES, small_catalogue, tiny_config, tiny_model
from oracle.dialogues import FULL_OF_CASES, recommender, seeker
from oracle.reference import Reference
from pecrs.data.catalogue import Item
from pecrs.data.dialogue import Mention, Speaker, Turn
from pecrs.errors import DataError
from pecrs.inference.explanation import turn_effects
from pecrs.inference.recommender import Recommender
from pecrs.inference.types import Filters
from pecrs.model.generator import ConversationCache, Prompt, generate

pytestmark = pytest.mark.usefixtures("double")

TALK = (recommender("Hello"), seeker("I like", 1), recommender("Try", 2), seeker("no"))


def make(family="gpt2", **generation):
    config = tiny_config(data={"max_context_tokens": 64}, generation={"shortlist": 6} | generation)
    return Recommender(tiny_model(family, config).model, settings=config.generation)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_cached_conversation_equals_a_fresh_one(family):
    model = make(family, strategy="greedy")
    cache = ConversationCache()
    turns = list(FULL_OF_CASES.turns)
    for end in (1, 3, 5, 4, 8, len(turns)):  # forwards, once back, and past a truncation
        one, other = model.respond(turns[:end], cache=cache), model.respond(turns[:end])
        assert one.text == other.text
        assert one.probability == pytest.approx(other.probability, abs=1e-12)
        assert [e.item.id for e in one.items] == [e.item.id for e in other.items]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_recommending_reply_names_its_best_item(family):
    model = make(family)
    for seed in range(5):
        reply = model.respond(TALK, recommend=True, seed=seed)
        assert reply.recommends
        assert reply.items[0].item.name in reply.text
        assert reply.turn.items[0] == reply.items[0].item.id
        assert reply.turn.text == reply.text
        assert [e.item.id for e in reply.items[: len(reply.turn.items)]] == list(reply.turn.items)
        assert "[ITEM]" not in reply.text


def test_a_reply_that_does_not_recommend_names_nothing():
    reply = make().respond(TALK, recommend=False, seed=0)
    assert not reply.recommends
    assert reply.items == ()
    assert reply.turn.items == ()
    assert reply.turn.speaker is Speaker.RECOMMENDER
    assert "[ITEM]" not in reply.text


def test_the_threshold_decides():
    never, always = make(decision_threshold=1.0), make(decision_threshold=0.0)
    assert not never.respond(TALK, seed=0).recommends
    assert always.respond(TALK, seed=0).recommends
    assert 0 < never.respond(TALK, seed=0).probability < 1


def test_the_paper_decides_by_the_placeholder():
    model = make(decision="paper", temperature=4.0, top_k=1000)  # so flat that the placeholder comes up
    outcomes = set()
    for seed in range(300):
        reply = model.respond(TALK, seed=seed)
        assert bool(reply.items) == reply.recommends == bool(reply.turn.items)
        outcomes.add(reply.recommends)
        if len(outcomes) == 2:
            break
    assert outcomes == {True, False}


def test_seeds_repeat_and_leave_the_global_state_alone():
    model = make()
    before = torch.get_rng_state()
    assert model.respond(TALK, seed=3).text == model.respond(TALK, seed=3).text
    assert torch.equal(before, torch.get_rng_state())
    assert len({model.respond(TALK, seed=seed).text for seed in range(8)}) > 1


def test_filters():
    model, films = make(), small_catalogue().items
    reply = model.recommend(TALK, count=12)
    assert {films[1].id, films[2].id}.isdisjoint(e.item.id for e in reply)
    assert len(reply) == len(films) - 2
    genre = films[3].values("genres")[0]
    chosen = model.recommend(TALK, filters=Filters.of(f"genres={genre.lower()}"), count=12)
    assert chosen
    assert all(genre in e.item.values("genres") for e in chosen)
    year = films[4].year
    assert {e.item.year for e in model.recommend(TALK, filters=Filters.of(f"year={year}"))} == {year}
    gone = frozenset({reply[0].item.id})
    assert model.recommend(TALK, filters=Filters(exclude=gone))[0].item.id == reply[1].item.id
    assert model.recommend(TALK, filters=Filters.of("year=1..2")) == ()


def test_an_order_is_over_all_that_passes():
    model, films = make(), small_catalogue().items
    named = {item for turn in TALK for item in turn.items}
    years = sorted((film.year for film in films if film.year and film.id not in named), reverse=True)
    newest = model.recommend(TALK, filters=Filters.of(sort="-year"), count=3)
    assert [entry.item.year for entry in newest] == years[:3]
    oldest = model.respond(TALK, filters=Filters.of("year<2020", sort="year"), recommend=True, count=2, seed=0)
    assert [entry.item.year for entry in oldest.items] == years[::-1][:2]
    for ask in (model.recommend, model.respond):
        with pytest.raises(DataError, match="did you mean 'genres'"):
            ask(TALK, filters=Filters.of("genre=drama"))


def test_items_come_and_go_without_training():
    model, films = make(), small_catalogue().items
    new = Item("new", "Quite New", 2024, {"genres": ("drama",), "plot": ("A plot.",)})
    more = model.with_items([new])
    assert len(more.catalogue) == len(films) + 1
    assert torch.equal(more.index.vectors[:-1], model.index.vectors)
    assert more.index.vectors[-1].norm().item() == pytest.approx(model.model.item_encoder.scale.item())
    assert "new" in {e.item.id for e in more.recommend(TALK, count=99)}
    assert more.linker.link("Have you seen Quite New?")[0].item == "new"
    less = more.with_items([], [films[1].id, "new"])
    names = {e.item.id for e in less.recommend(TALK, filters=Filters(exclude_mentioned=False), count=99)}
    assert names == {film.id for film in films} - {films[1].id}
    assert less.respond(TALK, seed=0).text  # the dialogue still names a removed item
    with pytest.raises(DataError, match="not in the catalogue"):
        model.with_items([], ["nobody"])


def test_a_changed_item_is_read_anew():
    model, films = make(), small_catalogue().items
    changed = model.with_items([Item(films[0].id, "Other", 1900)])
    assert changed.catalogue.items[0].title == "Other"
    assert not torch.allclose(changed.index.vectors[0], model.index.vectors[0])
    assert torch.equal(changed.index.vectors[1:], model.index.vectors[1:])


def test_explanations_are_differences_of_scores():
    model = make()
    item = small_catalogue().items[5].id
    effects = turn_effects(model.ranker, TALK, [item], ConversationCache())[item]
    assert [effect.turn for effect in effects] == [0, 1, 2, 3]

    def standing(turns):
        scores = {e.item.id: e.retrieval for e in model.recommend(turns, filters=keep, count=99)}
        return scores[item] - sum(scores.values()) / len(scores)

    keep = Filters(exclude_mentioned=False)
    for i, effect in enumerate(effects):
        assert effect.change == pytest.approx(standing(TALK) - standing([*TALK[:i], *TALK[i + 1 :]]), abs=1e-9)


def test_an_empty_dialogue_gets_a_reply():
    assert make().respond([], seed=0).text


@pytest.mark.parametrize("family", FAMILIES)
def test_greedy_tokens_and_decisions_equal_the_reference(family):
    config = tiny_config(data={"max_context_tokens": 64})
    settings = config.generation.model_copy(update={"strategy": "greedy"})
    tiny = tiny_model(family, config)
    reference, model, v = Reference(tiny), Recommender(tiny.model, settings=settings), tiny.model.vocabulary
    cache, layout = ConversationCache(), model.ranker.layout
    model.respond(FULL_OF_CASES.turns[:5], seed=0, cache=cache)  # leaves keys and values behind
    context = reference.context(TALK)
    _, logits = reference.read(context)
    pair = logits[-1][[v.prefixes[Speaker.RECOMMENDER][0], v.rec]]
    assert model.probability(TALK, cache=cache) == pytest.approx(pair.softmax(0)[1].item(), abs=1e-9)

    banned = [v.sep, v.rec, v.rec_end]
    prompt = Prompt(layout.context(TALK) + layout.reply_prefix([3]), frozenset(banned))
    [written] = generate(model.model, [cache], [prompt], model.index.vectors, settings)
    prefix = [("token", token) for token in v.prefixes[Speaker.RECOMMENDER]]
    entries = [*context, ("token", v.rec), ("item", 3), ("token", v.rec_end), *prefix]
    expected = []
    while len(expected) < config.data.max_response_tokens:
        _, logits = reference.read(entries)
        scores = logits[-1].clone()
        scores[banned] = -torch.inf
        if not expected:
            scores[v.eos] = -torch.inf
        token = int(scores.argmax())
        if token == v.eos:
            break
        expected.append(token)
        entries = [*entries, ("token", token)]
    assert written == expected


def test_titles_in_words_are_linked_once_and_before_answering():
    model, films = make(), small_catalogue().items
    spoken = f"I loved {films[3].title}, what else?"
    linked = model.link(spoken, TALK, messages=(4,))
    assert linked == Turn(Speaker.SEEKER, spoken, (Mention(8, 8 + len(films[3].title), films[3].id),), messages=(4,))
    assert model.linked([*TALK, Turn(Speaker.SEEKER, spoken, messages=(4,))]) == [*TALK, linked]

    def named(*turns):
        return {entry.item.id for entry in model.respond(turns, recommend=True, count=99, seed=0).items}

    assert films[3].id not in named(linked)
    assert films[3].id in named(Turn(Speaker.SEEKER, spoken))  # a request is taken as it is


def test_genres_are_compared_without_regard_to_case():
    genre = small_catalogue().items[3].values("genres")[0]
    found = make().recommend(TALK, filters=Filters.of(f"genres={genre.upper()}"), count=99)
    assert found
    assert all(genre in e.item.values("genres") for e in found)


def test_at_least_one_item_is_asked_for():
    with pytest.raises(DataError, match="at least 1"):
        make().respond(TALK, count=0)


def test_unseen_and_new_items_get_their_own_bias():
    def scores(recommender):
        best = recommender.recommend(TALK, count=len(recommender.catalogue))
        return {entry.item.id: entry.retrieval for entry in best}

    plain, helped = make(), make(unseen_bias=2.5)
    new = Item("new", "A new one", 2030, dict(plain.catalogue.items[0].facts))
    seen = dict(zip((item.id for item in plain.catalogue), plain.model.retriever.seen.tolist(), strict=True))
    assert {True, False} == set(seen.values())
    before, after = scores(plain.with_items([new])), scores(helped.with_items([new]))
    gains = {item: after[item] - before[item] for item in before}
    assert gains == pytest.approx({item: 0.0 if seen.get(item) else 2.5 for item in gains})
