"""Predictions of memory against closed forms, real models, and what autograd really keeps."""

import pytest
import torch
from predicted_memory import Load, Shape, block_numbers, head_weights, inference_memory, training_memory
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, Qwen3Config

from models import POPULARITY, small_catalogue, stock_config, tiny_vocabulary
from models import tiny_config as small_config
from oracle.dialogues import FULL_OF_CASES
from pecrs.config import ModelConfig
from pecrs.data.stream import StreamLayout
from pecrs.model.backbone.adapters import add_adapters
from pecrs.model.backbone.base import prepare_base
from pecrs.model.item_states import encode_items, item_texts
from pecrs.model.pecrs import PecrsModel, TrainedParameters
from pecrs.training.step import compute_step, prepare_step
from tiny import FAMILIES, tiny_config, world

GPT2 = Shape.of_config(GPT2Config())
LLAMA = Shape.of_config(LlamaConfig(num_hidden_layers=32, intermediate_size=11008, tie_word_embeddings=False))


def test_published_models_have_their_published_numbers_of_weights():
    qwen = Qwen3Config(
        vocab_size=151936, hidden_size=1024, num_hidden_layers=28, num_attention_heads=16, num_key_value_heads=8,
        head_dim=128, intermediate_size=3072, tie_word_embeddings=True,
    )  # fmt: skip
    assert GPT2.weights == 124_439_808
    assert LLAMA.weights == 6_738_415_616
    assert Shape.of_config(qwen).weights == 596_049_920


def test_the_closed_form_of_gpt2():
    d, layers = 768, 12
    assert GPT2.matrices == 12 * d * d * layers
    assert GPT2.others == 50257 * d + 1024 * d + layers * (4 * d + 9 * d) + 2 * d  # tables; norms and biases
    assert GPT2.adapter_weights(16) == 16 * layers * ((d + 3 * d) + (d + d) + (d + 4 * d) + (4 * d + d)) + 4 * d
    assert (GPT2.gated, LLAMA.gated) == (False, True)
    assert (GPT2.inner, GPT2.keys, GPT2.linears, LLAMA.linears) == (4 * d, d, 4, 7)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_trained_is_counted_as_it_is(family):
    model = world(family).model(tiny_config("lora"))
    config = model.backbone.causal_lm.config
    items = len(model.catalogue)
    shape = Shape.of_config(config)
    expected = shape.adapter_weights(2) + head_weights(model.settings, shape.width, items, model.data.max_item_tokens)
    assert TrainedParameters.of_model(model).trained == expected


@pytest.mark.parametrize(
    "model",
    [
        {"heads": "linear"},
        {"item_embedding": False, "reranker": False},
        {"popularity_bias": "learned", "mention_feature": False, "repeat_feature": False},
        {"item_head": False, "popularity_bias": "none"},
    ],
)
def test_heads_that_are_left_out_have_no_weights(model):
    config = tiny_config("lora", model=model, generation={"rerank_weight": 0.0})
    made = world("llama").model(config)
    heads = sum(p.numel() for n, p in made.named_parameters() if not n.startswith("backbone.") and p.requires_grad)
    expected = head_weights(config.model, made.backbone.width, len(made.catalogue), config.data.max_item_tokens)
    assert heads == expected


def kept_bytes(model, step, settings):
    """Bytes that the backward pass of one step needs and that are no parameters, each memory counted once."""
    own = {tensor.untyped_storage().data_ptr() for tensor in [*model.parameters(), *model.buffers()]}
    kept = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own and tensor.is_floating_point():
            kept[storage.data_ptr()] = (storage.nbytes(), storage)  # held, so that no address comes twice
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        compute_step(model, step, settings)
    return sum(size for size, _ in kept.values())


def model_of(family, layers, config):
    """A random model of so many layers in single precision, as users get it."""
    torch.manual_seed(0)
    vocabulary, catalogue = tiny_vocabulary(family, config), small_catalogue()
    stock = stock_config(family, len(vocabulary))
    stock = type(stock).from_dict({**stock.to_dict(), "num_hidden_layers": layers, "layer_types": None})
    base = prepare_base(AutoModelForCausalLM.from_config(stock), vocabulary)
    backbone = add_adapters(base, config.model.lora)
    model = PecrsModel(config.model, config.data, catalogue, backbone, backbone, POPULARITY)
    texts = item_texts(backbone, catalogue, catalogue, config.data.max_item_tokens)
    model.attach_states(encode_items(backbone, texts))
    return model.train()


@pytest.mark.parametrize("family", ["gpt2", "llama", "qwen3"])
@pytest.mark.parametrize("candidates", [False, True])
def test_blocks_keep_what_is_predicted(family, candidates):
    config = small_config(
        model={"reranker": candidates}, training={"negatives": 8, "precision": "fp32", "micro_batch_tokens": 100_000}
    )
    sizes = []
    for layers in (2, 6):
        model = model_of(family, layers, config)
        layout = StreamLayout(model.vocabulary, model.catalogue, config.data)
        streams = [stream for _ in range(6) for stream in layout.streams(FULL_OF_CASES)]
        step = prepare_step(streams, model, config.training, seed=3)
        sizes.append(kept_bytes(model, step, config.training))
    [part] = step.micro_batches
    scored = len(part.queries) * (part.positives.shape[1] + 8) if candidates else 0
    load = Load(len(part.tokens), part.keys.shape[1], part.keys.shape[0], scored, len(part.queries))
    shape = Shape.of_config(model.backbone.causal_lm.config)
    predicted = 4 * block_numbers(shape, load, config.model.lora.rank)
    assert (sizes[1] - sizes[0]) / 4 == pytest.approx(predicted, rel=0.03)


LOAD = Load(positions=1000, longest=250, streams=4, candidates=600, queries=4, targets=400, items=500)


def test_a_training_step_adds_up():
    settings = ModelConfig()
    memory = training_memory(GPT2, settings, LOAD, catalogue=(500, 20_000))
    trained = GPT2.adapter_weights(16) + head_weights(settings, 768, 500, 64)
    assert memory.weights == 4 * (GPT2.weights + trained)
    assert (memory.gradients, memory.optimiser) == (4 * trained, 8 * trained)
    parts = (memory.weights, memory.gradients, memory.optimiser, memory.activations, memory.logits, memory.items)
    assert memory.total == sum(parts)


def test_checkpointing_keeps_one_block_and_the_inputs_of_all():
    plain, again = (
        training_memory(GPT2, ModelConfig(), LOAD, catalogue=(500, 20_000), checkpointing=checkpointing)
        for checkpointing in (False, True)
    )
    assert again.activations == plain.activations / 12 + 12 * 1600 * 768 * 4
    assert again.weights == plain.weights


def test_quantisation_shrinks_the_matrices_alone():
    sizes = {
        precision: inference_memory(LLAMA, ModelConfig(), LOAD, precision=precision, items=500).weights
        for precision in ("fp32", "8bit", "4bit")
    }
    assert sizes["fp32"] - sizes["8bit"] == 3 * LLAMA.matrices
    assert sizes["8bit"] - sizes["4bit"] == pytest.approx(LLAMA.matrices * (0.5 - 1 / 64 - 1 / 4096))
