"""The fused update is peft's own update."""

import copy

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers.pytorch_utils import Conv1D

from pecrs.model.backbone.fused_lora import fuse_lora


class Layers(nn.Module):
    """The two kinds of linear layers that decoders are made of, without and with a bias."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.third = nn.Linear(6, 8, bias=False), Conv1D(5, 8), nn.Linear(5, 3)

    def forward(self, x):
        return self.third(torch.tanh(self.second(torch.tanh(self.first(x)))))


def pair():
    """One adapted model as peft makes it, and a fused copy."""
    torch.manual_seed(0)
    settings = LoraConfig(r=2, lora_alpha=3.0, target_modules=["first", "second", "third"], init_lora_weights=False)
    with pytest.warns(UserWarning, match="fan_in_fan_out"):
        plain = get_peft_model(Layers(), settings).double()
    fused = copy.deepcopy(plain)
    fuse_lora(fused)
    return plain, fused


@pytest.mark.parametrize("shape", [(6,), (4, 6), (2, 3, 6)])
def test_outputs_and_gradients_are_pefts(shape):
    plain, fused = pair()
    outputs = [model(torch.ones(shape, dtype=torch.float64)) for model in (plain, fused)]
    assert outputs[1].shape == (*shape[:-1], 3)
    torch.testing.assert_close(*outputs)
    for output in outputs:
        output.square().sum().backward()
    wanted = {name: p.grad for name, p in plain.named_parameters() if p.requires_grad}
    assert len(wanted) == 6
    for name, parameter in fused.named_parameters():
        torch.testing.assert_close(parameter.grad, wanted.get(name))


def test_adapters_switch_off():
    plain, fused = pair()
    x = torch.randn(4, 6, dtype=torch.float64)
    with fused.disable_adapter(), plain.disable_adapter():
        assert torch.equal(fused(x), plain(x))
        base = fused(x)
    assert not torch.allclose(fused(x), base)


@pytest.mark.parametrize("safe", [False, True])
def test_peft_merges_unmerges_and_unloads_them(safe):
    _, fused = pair()
    x = torch.randn(4, 6, dtype=torch.float64)
    adapted, before = fused(x), fused.base_model.first.base_layer.weight.clone()
    fused.merge_adapter(safe_merge=safe)
    assert not torch.allclose(fused.base_model.first.base_layer.weight, before)
    torch.testing.assert_close(fused(x), adapted)
    fused.unmerge_adapter()
    torch.testing.assert_close(fused.base_model.first.base_layer.weight, before)
    torch.testing.assert_close(fused.merge_and_unload(safe_merge=safe)(x), adapted)


def test_what_is_saved_is_pefts():
    plain, fused = pair()
    assert plain.state_dict().keys() == fused.state_dict().keys()
