"""Where learned item embeddings start: factors of which items are named in the same training dialogue.

Positive pointwise mutual information of co-occurrence, factorised: items that people name together begin close
together, so that a query has something to learn from on the first day. It is computed in closed form from the training
dialogues alone; an item that was never named with another starts at zero and is described by its text.

Source: Levy, Goldberg, "Neural Word Embedding as Implicit Matrix Factorization", NeurIPS 2014 (PPMI, symmetric square
root of the singular values, context distribution smoothed by 0.75); design section 6 (learned item embedding).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import permutations

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from pecrs.data.catalogue import Catalogue
from pecrs.data.dialogue import Dialogue

_SMOOTHING = 0.75
_ITERATIONS = 4


def cooccurrence_factors(dialogues: Sequence[Dialogue], catalogue: Catalogue, width: int, seed: int) -> Tensor:
    """Return a start for learned item embeddings.

    Args:
        dialogues: Training dialogues.
        catalogue: The items.
        width: Hidden width d; fewer factors than that are padded with zeros.
        seed: Of the randomised factorisation.

    Returns:
        (N, width); rows have the norm sqrt(width) / 2, or zero for items without co-occurrence.
    """
    pairs: Counter[tuple[int, int]] = Counter()
    for dialogue in dialogues:
        named = sorted({catalogue.index(item) for turn in dialogue.turns for item in turn.items})
        pairs.update(permutations(named, 2))
    count = len(catalogue)
    factors = torch.zeros(count, width)
    if not pairs:
        return factors
    places = torch.tensor(sorted(pairs)).T  # (2, pairs)
    together = torch.tensor([float(pairs[pair]) for pair in sorted(pairs)])
    totals = torch.zeros(count).index_add_(0, places[0], together)
    context = totals**_SMOOTHING / (totals**_SMOOTHING).sum()
    information = torch.log(together / totals[places[0]] / context[places[1]]).clamp_min(0)
    matrix = torch.sparse_coo_tensor(places, information, (count, count), check_invariants=True).coalesce()
    rank = min(width, count)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        left, values, _ = torch.svd_lowrank(matrix, q=rank, niter=_ITERATIONS)
    factors[:, :rank] = F.normalize(left * values.sqrt(), dim=1, eps=1e-6) * (width**0.5 / 2)
    factors[totals == 0] = 0
    return factors
