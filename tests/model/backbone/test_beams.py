"""Beam search against every response there is, on a backbone so small that all can be scored."""

import itertools
from dataclasses import replace

import pytest
import torch

from models import tiny_config, tiny_model
from pecrs.config import GenerationConfig
from pecrs.data.stream import NO_ITEM, TokenSequence
from pecrs.model.generator import ConversationCache, Prompt, generate, read
from pecrs.model.pecrs import PecrsModel

LIMIT = 3
KEPT = 5
"""So many tokens of the vocabulary may be written, beside EOS."""


@pytest.fixture
def model(double) -> PecrsModel:
    return tiny_model("gpt2", tiny_config(data={"max_response_tokens": LIMIT})).model


@pytest.fixture
def prompt(model) -> Prompt:
    vocabulary = len(model.vocabulary.tokenizer)
    allowed = {model.vocabulary.eos, *range(40, 40 + KEPT)}
    start = TokenSequence((50, 60, 70), (NO_ITEM,) * 3)
    return Prompt(start, frozenset(range(vocabulary)) - allowed, seed=1)


def write(model, prompt, **settings):
    cache, chosen = ConversationCache(), GenerationConfig(**settings)
    [tokens] = generate(model, [cache], [prompt], model.catalogue_vectors, chosen)
    assert cache.sequence == prompt.sequence
    assert cache.kept.length == len(prompt.sequence)
    return tokens


@torch.inference_mode()
def log_probabilities(model, prompt, written):
    """Of each token, read afresh from the beginning, as the search restricts them."""
    start = prompt.sequence
    sequence = TokenSequence(start.tokens + tuple(written), start.items + (NO_ITEM,) * len(written))
    cache = ConversationCache()
    states = read(model, [cache], [sequence], model.catalogue_vectors)[0][len(start) - 1 : -1]
    logits = model.backbone.logits(states).float()
    logits[:, sorted(prompt.banned)] = -torch.inf
    logits[0, model.vocabulary.eos] = -torch.inf
    return logits.log_softmax(-1)[torch.arange(len(written)), torch.tensor(written)]


def every_response(model, prompt):
    """All responses with their mean log-probability, EOS counted; those of full length need none."""
    eos, words = model.vocabulary.eos, sorted(set(range(40, 40 + KEPT)))
    for length in range(1, LIMIT + 1):
        for tokens in itertools.product(words, repeat=length):
            written = tokens if length == LIMIT else (*tokens, eos)
            yield float(log_probabilities(model, prompt, written).mean()), tokens


def test_a_wide_beam_finds_the_best_of_all_responses(model, prompt):
    best = max(every_response(model, prompt))
    assert write(model, prompt, strategy="greedy", beams=KEPT**LIMIT + 1) == list(best[1])


def test_a_beam_of_one_path_is_greedy(model, prompt):
    greedy = write(model, prompt, strategy="greedy")
    sampled = write(model, prompt, strategy="sample", top_k=1, beams=2)  # one continuation a step
    assert sampled == greedy


def test_groups_without_diversity_write_alike_and_with_it_apart(model, prompt):
    plain = write(model, prompt, strategy="greedy", beams=2)
    assert write(model, prompt, strategy="greedy", beams=4, beam_groups=2) == plain
    costly = [write(model, prompt, strategy="greedy", beams=4, beam_groups=4, diversity=cost) for cost in (0.0, 50.0)]
    assert costly[0] == write(model, prompt, strategy="greedy", beams=4, beam_groups=4)
    assert all(token not in prompt.banned for tokens in costly for token in tokens)


def test_a_search_hangs_on_its_seed_alone_where_it_draws(model, prompt):
    drawn = {seed: write(model, replace(prompt, seed=seed), beams=2, temperature=3.0) for seed in range(8)}
    again = {seed: write(model, replace(prompt, seed=seed), beams=2, temperature=3.0) for seed in range(8)}
    assert drawn == again
    assert len({tuple(tokens) for tokens in drawn.values()}) > 1


def test_several_prompts_are_searched_each_by_itself(model, prompt):
    other = replace(prompt, sequence=TokenSequence((90, 100), (NO_ITEM,) * 2))
    settings = GenerationConfig(strategy="greedy", beams=3)
    together = generate(
        model, [ConversationCache(), ConversationCache()], [prompt, other], model.catalogue_vectors, settings
    )
    assert together == [write(model, one, strategy="greedy", beams=3) for one in (prompt, other)]


def test_a_nucleus_keeps_the_fewest_tokens_that_reach_its_mass(model, prompt):
    chances = {t: float(log_probabilities(model, prompt, [t]).exp()[0]) for t in range(40, 40 + KEPT)}
    assert sum(chances.values()) == pytest.approx(1.0)
    best = max(chances, key=chances.__getitem__)
    for seed in range(5):
        narrow = write(model, replace(prompt, seed=seed), top_k=0, top_p=chances[best] * 0.99)
        assert narrow[0] == best
    wide = {write(model, replace(prompt, seed=seed), top_k=0, top_p=1.0)[0] for seed in range(60)}
    assert len(wide) > 1
