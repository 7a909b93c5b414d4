"""The blocks of a backbone: where they are, computed again instead of kept, or spread over the processes of a run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from torch import nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import fully_shard
from torch.utils.checkpoint import checkpoint
from transformers.modeling_layers import GradientCheckpointingLayer

from pecrs.errors import ConfigError

if TYPE_CHECKING:
    from pecrs.model.backbone.backbone import Backbone


def named_blocks(model: nn.Module) -> dict[str, GradientCheckpointingLayer]:
    """Return the blocks of a transformers model by name, in order; none where those of its family are not known."""
    return {name: module for name, module in model.named_modules() if isinstance(module, GradientCheckpointingLayer)}


def recompute_blocks(backbone: Backbone) -> None:
    """Keep only the blocks' inputs of a training pass; its backward pass computes the rest again, block by block.

    Gradients are the same, dropout included. It has no effect in evaluation mode.

    Raises:
        ConfigError: If the family's blocks cannot do so.
    """
    for block in _known_blocks(backbone, "training.gradient_checkpointing"):
        block.gradient_checkpointing = True
        block._gradient_checkpointing_func = partial(checkpoint, use_reentrant=False)


def shard_blocks(backbone: Backbone, processes: DeviceMesh) -> None:
    """Keep this process's part of the blocks' frozen weights; a block has them whole while it computes.

    From then on all processes must go through the blocks equally often, forth and back. What is trained stays whole
    everywhere, and so do tables of embeddings.

    Args:
        backbone: Its fingerprint is computed first, as no process has all weights afterwards.
        processes: Those that share, and the kind of device that they compute on.

    Raises:
        ConfigError: If the family's blocks are not known.

    Source: Zhao et al., "PyTorch FSDP", VLDB 2023.
    """
    backbone.keep_fingerprint()
    names = backbone.trainable_names()
    trained = {parameter for name, parameter in backbone.named_parameters() if name in names}
    for block in _known_blocks(backbone, "training.shard_backbone"):
        fully_shard(block, mesh=processes, ignored_params=trained)
    # The root holds nothing itself, but lets the weights of one block arrive while another computes.
    fully_shard(backbone.body, mesh=processes, ignored_params=set(backbone.body.parameters()))


def _known_blocks(backbone: Backbone, wanted: str) -> list[GradientCheckpointingLayer]:
    blocks = list(named_blocks(backbone.causal_lm).values())
    if not blocks:
        raise ConfigError(f"{wanted}: the backbone's family does not support it")
    return blocks
