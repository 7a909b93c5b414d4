"""Fitting boosted trees to dialogues that neither the model nor the counts have seen.

In-sample scores would teach the trees to trust the model, and counts that hold the dialogue at hand to trust counts.

Source: design section 10; Burges, "From RankNet to LambdaRank to LambdaMART", 2010; Ke et al., NeurIPS 2017.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pecrs.config import RankingConfig
from pecrs.errors import ConfigError, DataError
from pecrs.ranking.reordering import Examined, Weights
from pecrs.ranking.sparse import Floats
from pecrs.ranking.trees import Trees

Labelled = tuple[Examined, NDArray[np.bool_]]
"""The candidates of a turn, and (n,) which of them are right."""


def fit_weights(turns: Iterable[Labelled], names: Sequence[str], settings: RankingConfig) -> Weights:
    """Fit trees for items that are new to a dialogue, and trees for those that it has named.

    Args:
        turns: Of dialogues that were held out from training.
        names: The columns of their tables.
        settings: Size of the trees.

    Raises:
        ConfigError: If LightGBM is missing.
        DataError: If no candidate is right.
    """
    parts: dict[bool, list[tuple[Floats, NDArray[np.bool_]]]] = {True: [], False: []}
    for examined, right in turns:
        for named, some in parts.items():
            chosen = examined.named == named
            some.append((examined.table[chosen], right[chosen]))
    if not any(right.any() for some in parts.values() for _, right in some):
        raise DataError("no candidate is right in any dialogue: there is nothing to learn from")
    return Weights(tuple(names), *(_fit(parts[named], settings) for named in (False, True)))


def _fit(turns: Sequence[tuple[Floats, NDArray[np.bool_]]], settings: RankingConfig) -> Trees:
    try:
        import lightgbm
    except ModuleNotFoundError:
        raise ConfigError("fitting needs pip install 'pecrs[ranking]'") from None
    table = np.concatenate([rows for rows, _ in turns])
    right = np.concatenate([right for _, right in turns])
    if not right.any():  # as where nobody recommends what was named already
        return Trees.constant(-float(np.log(2 * len(right) + 1)))
    parameters: dict[str, Any] = {
        "objective": "binary",
        "num_leaves": settings.leaves,
        "learning_rate": settings.learning_rate,
        "min_data_in_leaf": settings.leaf_rows,
        "feature_fraction": 0.7,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "seed": settings.seed,
        "deterministic": True,
        "force_col_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
    booster = lightgbm.train(parameters, lightgbm.Dataset(table, right.astype(np.float32)), settings.trees)
    return Trees.of_booster(booster.dump_model())
