import copy
import math

import pytest
import torch

from models import FAMILIES, small_catalogue, tiny_config, tiny_model
from pecrs.data.catalogue import Item
from pecrs.model.item_encoder import ItemEncoder
from pecrs.model.item_pool import ItemPool
from pecrs.model.item_states import ItemStates, encode_items, item_texts

pytestmark = pytest.mark.usefixtures("double")


def states_of(sizes, width=4):
    offsets = torch.tensor([0, *sizes]).cumsum(0)
    return ItemStates(torch.randn(int(offsets[-1]), width, generator=torch.Generator().manual_seed(0)), offsets)


def encoder(max_tokens=6, items=None):
    torch.manual_seed(0)
    made = ItemEncoder(4, max_tokens, scale=2.5, seen=None if items is None else torch.ones(items, dtype=torch.bool))
    with torch.no_grad():
        made.pooling.normal_()
    return made


def test_pooling_is_a_weighted_mean_over_the_items_own_tokens():
    made, states = encoder(), states_of([2, 6, 1])
    with torch.no_grad():
        made.pooling.copy_(torch.tensor([1, 3, 2, 1, 1, 50]).log())
    pooled = made.pool(states, torch.tensor([2, 0]))
    torch.testing.assert_close(pooled[0], states.states[8])
    torch.testing.assert_close(pooled[1], 0.25 * states.states[0] + 0.75 * states.states[1])


def test_untrained_pooling_is_the_mean():
    made, states = ItemEncoder(4, 6, scale=1.0, seen=None), states_of([3, 5])
    torch.testing.assert_close(made.pool(states, torch.tensor([1]))[0], states.states[3:].mean(0))


def test_a_vector_does_not_depend_on_its_companions():
    made, states = encoder(items=4), states_of([2, 6, 1, 3])
    with torch.no_grad():
        made.embedding.normal_()
    together = made(states, torch.arange(4))
    for items in ([2], [3, 0], [1, 1, 2], [3, 2, 1, 0]):
        torch.testing.assert_close(made(states, torch.tensor(items)), together[items], rtol=1e-14, atol=1e-14)


def test_vectors_have_the_given_norm_and_a_gradient_to_all_parts():
    made, states = encoder(items=3), states_of([2, 6, 1])
    vectors = made(states, torch.tensor([0, 1]))
    torch.testing.assert_close(vectors.norm(dim=1), torch.full((2,), 2.5))
    (vectors * torch.randn(2, 4)).sum().backward()
    assert all(parameter.grad.abs().max() > 0 for parameter in made.parameters())
    assert made.embedding.grad[2].tolist() == [0, 0, 0, 0]


def test_an_embedding_at_zero_changes_nothing():
    states, items = states_of([2, 6, 1]), torch.arange(3)
    torch.testing.assert_close(encoder(items=3)(states, items), encoder()(states, items))


def test_dropped_items_keep_either_their_text_or_their_embedding():
    count = 4000
    made, states = encoder(items=count), states_of([2] * count)
    made.seen = torch.arange(count) % 2 == 0
    with torch.no_grad():
        made.embedding.normal_()
    items = torch.arange(count)
    whole, text = made(states, items), made(states, items, learned=False)
    learned = 2.5 * torch.nn.functional.normalize(made.embedding, dim=1)
    drawn = made(states, items, dropout=(0.3, 0.2))
    same = {
        name: ((drawn - v).abs().amax(1) < 1e-9) for name, v in (("whole", whole), ("text", text), ("learned", learned))
    }
    assert (same["whole"] | same["text"] | same["learned"]).all()
    assert same["text"][~made.seen].all()  # an item that training never names has its text alone, always
    shares = {name: float(found[made.seen].double().mean()) for name, found in same.items()}
    assert shares == pytest.approx({"whole": 0.5, "text": 0.3, "learned": 0.2}, abs=0.03)
    assert torch.equal(made(states, items), whole)


def test_only_training_drops():
    model = tiny_model("gpt2").model
    items, shares = torch.arange(12), (0.5, 0.5)
    pooled = [ItemPool.of_model(model.train(mode), items, None, None, shares).vectors for mode in (True, False)]
    assert not torch.allclose(pooled[0], model.catalogue_vectors)
    torch.testing.assert_close(pooled[1], model.catalogue_vectors)
    model.train().refresh_vectors()
    torch.testing.assert_close(pooled[1], model.catalogue_vectors)


def test_large_weights_do_not_overflow():
    made, states = encoder(), states_of([2, 6])
    with torch.no_grad():
        made.pooling.copy_(torch.tensor([700.0, 710.0, 0, 0, 0, 0]))
    pooled = made.pool(states, torch.tensor([0]))[0]
    share = 1 / (1 + math.exp(-10))
    torch.testing.assert_close(pooled, (1 - share) * states.states[0] + share * states.states[1])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_item_vectors_are_as_long_as_token_rows(family, tuning):
    tiny = tiny_model(family, tiny_config(model={"tuning": tuning}))
    vocabulary = tiny.model.vocabulary
    rows = tiny.base.get_input_embeddings().weight[: min(vocabulary.special)]
    expected = rows.norm(dim=1).mean().expand(12)
    torch.testing.assert_close(tiny.model.catalogue_vectors.norm(dim=1), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_item_states_do_not_depend_on_companions_adapters_or_mode(family):
    tiny = tiny_model(family)
    backbone, catalogue = tiny.model.backbone, small_catalogue()
    texts = item_texts(backbone, catalogue, catalogue, 24)
    assert len({len(text) for text in texts}) > 1
    backbone.train()
    together, alone = encode_items(backbone, texts), encode_items(backbone, texts, batch_tokens=1)
    assert backbone.training
    assert together.offsets.tolist() == [0, *torch.tensor([len(text) for text in texts]).cumsum(0).tolist()]
    torch.testing.assert_close(together.states, alone.states, rtol=1e-12, atol=1e-12)
    with torch.no_grad():
        for name in backbone.trainable_names():
            backbone.get_parameter(name).normal_()
    assert torch.equal(encode_items(backbone, texts).states, together.states)


def test_new_items_are_encoded_from_their_text_alone():
    tiny = tiny_model("gpt2")
    model, known = tiny.model, small_catalogue().items[3]
    before = copy.deepcopy(model.item_encoder.state_dict())
    film = Item("new", "The Unheard Sonata", 2031, {"genres": ("romance",)})
    alone, again = model.encode_new_items([known]), model.encode_new_items([film, known])[1:]
    torch.testing.assert_close(alone, again, rtol=1e-12, atol=1e-12)
    assert not torch.allclose(alone[0], model.catalogue_vectors[3])  # the learned embedding is not theirs
    assert all(torch.equal(value, before[name]) for name, value in model.item_encoder.state_dict().items())
    with torch.no_grad():
        model.item_encoder.embedding.zero_()
    model.refresh_vectors()
    torch.testing.assert_close(alone[0], model.catalogue_vectors[3], rtol=1e-12, atol=1e-12)


def test_standardising_centres_and_scales_what_the_head_reads():
    made, states = encoder(), states_of([2, 6, 1, 3, 5])
    states.states[:, 2] = 7.0  # a dimension in which no item differs
    made.standardise(states)
    read = (made.pool(states, torch.arange(5)) - made.mean) / made.deviation
    torch.testing.assert_close(read.mean(0), torch.zeros(4), rtol=0, atol=1e-9)
    torch.testing.assert_close(read[:, [0, 1, 3]].std(0, correction=0), torch.ones(3))
    assert read[:, 2].abs().max() < 1e-9
    assert {"mean", "deviation"} <= set(made.state_dict())
