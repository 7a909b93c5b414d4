"""What texts mean to the frozen base and which tokens they have: one vector a text, for comparing messages with items.

Adapters are off, so that the vectors of a catalogue stay what they are whatever is trained. Source: design section 10.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from pecrs.model.backbone.backbone import Backbone
from pecrs.model.item_states import encode_items

LONGEST = 128
"""So many tokens of a text are read."""


def text_vectors(backbone: Backbone, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the mean state and the mean token embedding of each text, both of length 1, side by side (n, 2 d).

    States tell texts of one sense, embeddings texts of the same words; an empty text has zeros.

    Args:
        backbone: Its frozen base reads.
        texts: What to read.
    """
    tokens = [tuple(ids[:LONGEST]) for ids in backbone.vocabulary.encode_texts(list(texts))]
    found = torch.zeros(len(texts), 2, backbone.width)
    filled = [place for place, ids in enumerate(tokens) if ids]
    if filled:
        read = encode_items(backbone, [tokens[place] for place in filled])
        sizes = (read.offsets[1:] - read.offsets[:-1]).tolist()
        found[filled, 0] = torch.stack([part.float().mean(0) for part in torch.split(read.states, sizes)])
        found[filled, 1] = _mean_embeddings(backbone, [tokens[place] for place in filled])
    vectors: NDArray[np.float32] = normalize(found, dim=2).flatten(1).numpy()
    return vectors


@torch.no_grad()
def _mean_embeddings(backbone: Backbone, texts: Sequence[tuple[int, ...]]) -> Tensor:
    with backbone.base_only():
        parts = [backbone.embed(torch.tensor(ids, device=backbone.device)).float().mean(0) for ids in texts]
    return torch.stack(parts).cpu()
