"""Boosted trees as arrays: fitted by LightGBM, evaluated without it.

Source: Friedman, "Greedy function approximation: a gradient boosting machine", 2001; Ke et al., "LightGBM", NeurIPS
2017.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Nodes = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Trees:
    """T binary trees in one numbering of nodes; a leaf leads to itself.

    Attributes:
        roots: (T,) first node of each tree.
        features: (nodes,) column that a node looks at.
        thresholds: (nodes,) largest value that goes to the left.
        left: (nodes,) next node for small values.
        right: (nodes,) next node for others.
        values: (nodes,) what a leaf adds.
        depth: Longest way from a root to a leaf.
    """

    roots: Nodes
    features: Nodes
    thresholds: NDArray[np.float64]
    left: Nodes
    right: Nodes
    values: NDArray[np.float64]
    depth: int

    @classmethod
    def of_booster(cls, dumped: Mapping[str, Any]) -> Self:
        """Read what ``lightgbm.Booster.dump_model`` returns; features without categories or missing values."""
        nodes: list[tuple[int, float, int, int, float]] = []
        roots, depths = [], [0]

        def add(node: Mapping[str, Any], depth: int) -> int:
            place = len(nodes)
            nodes.append((0, np.inf, place, place, float(node.get("leaf_value", 0.0))))
            depths.append(depth)
            if "split_feature" in node:
                left, right = add(node["left_child"], depth + 1), add(node["right_child"], depth + 1)
                nodes[place] = (int(node["split_feature"]), float(node["threshold"]), left, right, 0.0)
            return place

        for tree in dumped["tree_info"]:
            roots.append(add(tree["tree_structure"], 0))
        features, thresholds, left, right, values = (np.array(column) for column in zip(*nodes, strict=True))
        return cls(
            roots=np.array(roots, dtype=np.int32),
            features=features.astype(np.int32),
            thresholds=thresholds.astype(np.float64),
            left=left.astype(np.int32),
            right=right.astype(np.int32),
            values=values.astype(np.float64),
            depth=max(depths),
        )

    @classmethod
    def constant(cls, value: float) -> Self:
        """Return one leaf."""
        return cls.of_booster({"tree_info": [{"tree_structure": {"leaf_value": value}}]})

    def __call__(self, table: Floats) -> Floats:
        """Return the sums (n,) of the trees for rows of features (n, F)."""
        rows = np.arange(len(table))[:, None]
        nodes = np.broadcast_to(self.roots, (len(table), len(self.roots)))
        for _ in range(self.depth):
            small = table[rows, self.features[nodes]] <= self.thresholds[nodes]
            nodes = np.where(small, self.left[nodes], self.right[nodes])
        scores: Floats = self.values[nodes].sum(axis=1).astype(np.float32)
        return scores

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as arrays by name."""
        return {
            "roots": self.roots,
            "features": self.features,
            "thresholds": self.thresholds,
            "left": self.left,
            "right": self.right,
            "values": self.values,
            "depth": np.array([self.depth]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], columns: int) -> Self:
        """Make trees of what :meth:`arrays` returned.

        Args:
            arrays: Those arrays.
            columns: Number of features there are.

        Raises:
            ValueError: If a node looks at another feature or leads to no node.
        """
        parts = {name: arrays[name] for name in ("roots", "features", "thresholds", "left", "right", "values")}
        size = len(parts["values"])
        places = np.concatenate([parts["roots"], parts["left"], parts["right"]])
        fits = all(len(parts[name]) == size for name in ("features", "thresholds", "left", "right"))
        inside = 0 <= places.min(initial=0) and places.max(initial=0) < size
        looks = 0 <= parts["features"].min(initial=0) and parts["features"].max(initial=0) < columns
        if not (fits and inside and looks):
            raise ValueError("trees that lead nowhere, or look at features that are not there")
        return cls(**parts, depth=min(int(arrays["depth"][0]), size))
