"""A training step asks no device for a value, and on a GPU it computes what it computes on the CPU."""

from __future__ import annotations

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from pecrs.data.protocol import protocol_variants
from pecrs.inference.ranker import Ranker
from pecrs.model.item_pool import ItemPool
from pecrs.training.losses import pecrs_losses
from pecrs.training.step import MicroBatches, compute_step, prepare_step
from tiny import tiny_config, world

WAITS = {"_local_scalar_dense", "nonzero", "equal", "is_nonzero", "masked_select", "unique2", "_unique2", "unique_dim"}
"""Operations whose result a program must have before it goes on; on a GPU they wait for all that was asked of it."""

SETTINGS = [
    {"negatives": 0, "rerank_negatives": 6},
    {"negatives": 6, "rerank_negatives": 6},
    {"negatives": 0, "rerank_negatives": 3, "rerank_shortlist": 5},
]


class Waiting(TorchDispatchMode):
    """Keeps the names of operations that would wait for a device, indexing by truth values included."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func._schema.name.removeprefix("aten::")
        places = args[1] if name in ("index", "index_put", "index_put_", "_index_put_impl_") else ()
        if name in WAITS or any(place is not None and place.dtype == torch.bool for place in places):
            self.found.append(name)
        return func(*args, **(kwargs or {}))


def test_what_waits_is_noticed():
    with Waiting() as waiting:
        values = torch.arange(3.0)
        bool(values[0] > 1), values[values > 1], values.max().item(), values + 1
    assert waiting.found == ["_local_scalar_dense", "index", "_local_scalar_dense"]


def prepared(family: str, **training: object):
    config = tiny_config(data={"generation": "per_item"}, model={"similarity": "angular"}, precision="fp32", **training)
    model = world(family).model(config)
    step = prepare_step(world(family).streams(model)[:4], model, config.training, seed=3)
    return model.train(), config, step


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_a_micro_batch_waits_for_no_value(family, settings):
    model, config, step = prepared(family, **settings)
    drawn, (batch,) = step.drawn[0], step.micro_batches
    pool = ItemPool.of_model(model, step.named, drawn.recall, drawn.rerank).detached()
    with Waiting() as waiting:
        output = model(batch, pool.against(drawn.recall, drawn.rerank, drawn.shortlist))
        pecrs_losses(output.exact(), batch, config.training, step.points, drawn.log_counts).total.backward()
    assert waiting.found == []
    assert pool.vectors.grad.abs().sum() > 0


def losses_and_gradients(device: str, settings, precision: str):
    model, config, step = prepared("llama", **settings)
    config = config.training.model_copy(update={"precision": precision})
    model = model.to(device)
    model.states = model.states.to(device)
    losses = compute_step(model, step, config).named()
    gradients = {name: p.grad for name, p in model.trained_parameters().items() if p.grad is not None}
    return {name: value.cpu() for name, value in losses.items()}, {n: g.cpu() for n, g in gradients.items()}


@pytest.mark.gpu
@pytest.mark.parametrize("settings", SETTINGS[:2])
def test_a_step_on_a_gpu_is_that_of_the_cpu(settings):
    (here, left), (there, right) = (losses_and_gradients(device, settings, "fp32") for device in ("cpu", "cuda"))
    torch.testing.assert_close(there, here, rtol=1e-4, atol=1e-5)
    assert left.keys() == right.keys()
    for name, gradient in left.items():
        torch.testing.assert_close(right[name], gradient, rtol=1e-2, atol=1e-4, msg=name)
    half, _ = losses_and_gradients("cuda", settings, "bf16")
    torch.testing.assert_close(half, here, rtol=0.05, atol=0.02)


@pytest.mark.gpu
def test_a_step_on_a_gpu_never_waits():
    model, config, step = prepared("llama", negatives=0, rerank_negatives=6)
    model = model.to("cuda")
    model.states = model.states.to("cuda")
    _step(model, step, config)
    torch.cuda.set_sync_debug_mode("error")
    try:
        _step(model, step, config)
    finally:
        torch.cuda.set_sync_debug_mode("default")


def _step(model, step: MicroBatches, config) -> None:
    compute_step(model, step, config.training.model_copy(update={"precision": "bf16"}))


@pytest.mark.gpu
def test_rankings_on_a_gpu_are_those_of_the_cpu():
    points = protocol_variants(world().dialogues, "standard")["all"][:8]
    found = []
    for device in ("cpu", "cuda"):
        model = world().model(tiny_config()).eval().to(device)
        model.catalogue_vectors = model.catalogue_vectors.to(device)
        found.append(list(Ranker.of_model(model).rank(points, 10)))
    for here, there in zip(*found, strict=True):
        torch.testing.assert_close(torch.tensor(there.scores), torch.tensor(here.scores), rtol=1e-3, atol=1e-4)
