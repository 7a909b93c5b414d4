"""What texts mean, as the mean of the frozen base's states: one vector a text, for comparing messages with items.

Adapters are off, so that the vectors of a catalogue stay what they are whatever is trained. Source: design section 10.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from pecrs.model.backbone.backbone import Backbone
from pecrs.model.item_states import encode_items

LONGEST = 128
"""So many tokens of a text are read."""


def text_vectors(backbone: Backbone, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the mean state (n, d) of each text; zeros for an empty one.

    Args:
        backbone: Its frozen base reads.
        texts: What to read.
    """
    tokens = [tuple(ids[:LONGEST]) for ids in backbone.vocabulary.encode_texts(list(texts))]
    found = torch.zeros(len(texts), backbone.width)
    filled = [place for place, ids in enumerate(tokens) if ids]
    if filled:
        read = encode_items(backbone, [tokens[place] for place in filled])
        sizes = (read.offsets[1:] - read.offsets[:-1]).tolist()
        found[filled] = torch.stack([part.float().mean(0) for part in torch.split(read.states, sizes)])
    vectors: NDArray[np.float32] = found.numpy()
    return vectors
