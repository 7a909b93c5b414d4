"""Item text -> token states of the frozen base, computed once and cached on disk.

Adapters and trained token rows are off, so the states never change in training; they are read back memory-mapped.

Source: PECRS §3.2, eq. 1 (the states C_j, without gradient); design section 2.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from pecrs.data.catalogue import Catalogue, Item, ItemText
from pecrs.data.files import cache_folder
from pecrs.data.progress import Progress, Report, silent
from pecrs.errors import CheckpointError
from pecrs.model.attention import Packing
from pecrs.model.backbone.backbone import Backbone

_KEPT = 2**16
"""Items of the largest catalogue whose layout is kept; bounds memory."""


@dataclass(frozen=True, eq=False)
class ItemStates:
    """Ragged token states of N items, back to back.

    Attributes:
        states: (total tokens, d), less their centre.
        offsets: (N + 1,) where each item's states begin, on the CPU; the last entry is the total.
        centre: (d,) what all states share, kept apart so that low precision is spent on differences; None is zero.
    """

    states: Tensor
    offsets: Tensor
    centre: Tensor | None = None

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.offsets) - 1

    def to(self, device: torch.device | str, dtype: torch.dtype | None = None) -> ItemStates:
        """Return the states on a device, in another precision where one is given."""
        centre = None if self.centre is None else self.centre.to(device)
        return ItemStates(self.states.to(device, dtype), self.offsets, centre)

    def compact(self) -> ItemStates:
        """Return the states in bfloat16 around their mean."""
        centre = self.states.mean(0)
        return ItemStates((self.states - centre).to(torch.bfloat16), self.offsets, centre)

    def select(self, items: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the ragged layout of some items, where the states are.

        Args:
            items: (n,) indices, on the CPU, so that no device is waited for.

        Returns:
            (tokens,) rows of ``states``, (tokens,) position of each inside its item, and (n,) starts.
        """
        whole = len(items) == len(self) <= _KEPT and torch.equal(items, torch.arange(len(self)))
        return self._whole if whole else self._layout(items)

    @cached_property
    def _whole(self) -> tuple[Tensor, Tensor, Tensor]:
        """The layout of all items, which a softmax over the whole catalogue asks for in every batch."""
        return self._layout(torch.arange(len(self)))

    def _layout(self, items: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        starts, sizes = self.offsets[items], self.offsets[items + 1] - self.offsets[items]
        bags = torch.cumsum(sizes, 0) - sizes
        positions = torch.arange(int(sizes.sum())) - torch.repeat_interleave(bags, sizes)
        layout = torch.repeat_interleave(starts, sizes) + positions, positions, bags
        rows, positions, bags = (part.to(self.states.device, non_blocking=True) for part in layout)
        return rows, positions, bags


def encode_items(
    backbone: Backbone, texts: Sequence[tuple[int, ...]], *, batch_tokens: int = 4096, report: Report = silent
) -> ItemStates:
    """Read item texts with the frozen base.

    Args:
        backbone: Adapters are switched off inside.
        texts: Token ids of each item, none empty.
        batch_tokens: Upper bound on tokens a pass, padded as the attention pads them.
        report: Is told how many tokens are read.

    Returns:
        States in the precision of the backbone's weights.

    Source: PECRS eq. 1; bidirectional for encoder families, causal otherwise (design section 8).
    """
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    offsets = torch.zeros(len(texts) + 1, dtype=torch.long)
    offsets[1:] = torch.tensor([len(text) for text in texts]).cumsum(0)
    parameter = next(backbone.parameters())
    states = torch.empty(int(offsets[-1]), backbone.width, dtype=parameter.dtype)
    was_training = backbone.training
    backbone.eval()
    what, done, total = f"reading {len(texts):,} item texts", 0, int(offsets[-1])
    report(Progress(what, done, total))
    with torch.no_grad(), backbone.base_only():
        start = 0
        while start < len(order):
            end = start + 1
            while end < len(order) and len(texts[order[end]]) * (end + 1 - start) <= batch_tokens:
                end += 1
            chunk = order[start:end]
            hidden = read_texts(backbone, [texts[i] for i in chunk]).to("cpu")
            for i, part in zip(chunk, torch.split(hidden, [len(texts[i]) for i in chunk]), strict=True):
                states[offsets[i] : offsets[i + 1]] = part
            start, done = end, done + len(hidden)
            report(Progress(what, done, total, "tokens"))
    backbone.train(was_training)
    return ItemStates(states, offsets)


def read_texts(backbone: Backbone, texts: Sequence[tuple[int, ...]]) -> Tensor:
    """Return the states (tokens, d) of texts back to back, read as item text is: both ways by encoder families."""
    device = backbone.device
    tokens = torch.tensor([token for text in texts for token in text], device=device)
    places = torch.tensor([place for text in texts for place in range(len(text))], device=device)
    sizes = torch.tensor([len(text) for text in texts], device=device)
    mask = None
    if backbone.bidirectional:
        mask = (torch.arange(int(sizes.max()), device=device) < sizes[:, None])[:, None, None]
        mask = mask.expand(-1, -1, mask.shape[3], -1)
    states: Tensor = backbone(backbone.embed(tokens)[None], places[None], Packing.of_sizes(sizes, mask))
    return states[0]


def item_texts(
    backbone: Backbone, catalogue: Catalogue | ItemText, items: Iterable[Item], limit: int
) -> list[tuple[int, ...]]:
    """Return the token ids of items' texts.

    Args:
        backbone: Its vocabulary is used.
        catalogue: Says which fields make a text.
        items: What to describe; they may be new to the catalogue.
        limit: Longest text in tokens.
    """
    return backbone.vocabulary.encode_items([catalogue.text_fields(item) for item in items], limit)


def cached_item_states(
    backbone: Backbone, catalogue: Catalogue, limit: int, folder: Path | None = None, report: Report = silent
) -> ItemStates:
    """Return the states of a catalogue from the cache, computing and storing them (bf16) when missing.

    Args:
        backbone: The frozen base.
        catalogue: Items and declared fields.
        limit: Longest text in tokens.
        folder: The cache; None takes that of :func:`pecrs.data.files.cache_folder`.
        report: Is told how many tokens are read, where they are not in the cache.

    Returns:
        States in bfloat16, memory-mapped where the platform allows.

    Raises:
        CheckpointError: If the cache cannot be written.
    """
    key = hashlib.sha256(f"{backbone.fingerprint()} {limit} {backbone.vocabulary.signature}".encode())
    for item in catalogue:
        key.update(repr(catalogue.text_fields(item)).encode())
    folder = folder or cache_folder()
    path = folder / f"items-{key.hexdigest()[:32]}.safetensors"
    try:
        return _stored(path)
    except (SafetensorError, OSError):  # missing, or broken by a crash: made anew
        texts = item_texts(backbone, catalogue, catalogue, limit)
        states = encode_items(backbone, texts, report=report)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".items-") as temporary:
            new = Path(temporary) / path.name
            compact = states.compact()
            tensors = {"states": compact.states, "offsets": compact.offsets, "centre": compact.centre}
            save_file({name: tensor for name, tensor in tensors.items() if tensor is not None}, new)
            new.replace(path)
        return _stored(path)
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{folder}: the item cache cannot be written (see PECRS_CACHE): {error}") from None


def _stored(path: Path) -> ItemStates:
    with safe_open(path, framework="pt") as stored:
        return ItemStates(*(stored.get_tensor(name) for name in ("states", "offsets", "centre")))
