"""Ensembles of bands of horizons as one: each tree begins with the question whether the row is of its band.

So a model stays one graph, whatever the bands, and whoever runs it need not know of them. A row leaves a tree of
another band at the first or second split.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from velocast_trainer.horizons import HALF_SLOT_HOURS, HorizonRange
from velocast_trainer.tree_ensemble import Tree, TreeEnsemble


def join_bands(parts: Sequence[tuple[HorizonRange, TreeEnsemble]], horizon_column: int) -> TreeEnsemble:
    """One ensemble that gives each row what that of its band gives. All have the same link."""
    links = {ensemble.link for _, ensemble in parts}
    if len(links) != 1:
        raise ValueError(f"bands of one output have different links: {', '.join(sorted(links))}")
    if len(parts) == 1:
        return parts[0][1]
    trees = [
        _within(tree, band, horizon_column) for band, ensemble in parts for tree in (_base(ensemble), *ensemble.trees)
    ]
    return TreeEnsemble(tuple(trees), 0.0, links.pop())


def average(ensembles: Sequence[TreeEnsemble]) -> TreeEnsemble:
    """The mean of ensembles of the identity link."""
    share = 1 / len(ensembles)
    trees = tuple(
        Tree(tree.feature, tree.threshold, tree.missing_left, tree.left, tree.right, tree.leaf_value * share)
        for ensemble in ensembles
        for tree in ensemble.trees
    )
    return TreeEnsemble(trees, sum(ensemble.base for ensemble in ensembles) * share, "identity")


def _base(ensemble: TreeEnsemble) -> Tree:
    """A tree whose leaves are both the base."""
    return Tree(
        feature=np.zeros(1, dtype=np.int64),
        threshold=np.zeros(1, dtype=np.float32),
        missing_left=np.zeros(1, dtype=np.bool_),
        left=np.array([-1]),
        right=np.array([-2]),
        leaf_value=np.full(2, ensemble.base),
    )


def _within(tree: Tree, band: HorizonRange, horizon_column: int) -> Tree:
    """The tree for rows of the band, 0 for others. A row without a horizon counts to the last band."""
    inner = tree
    if not band.is_last:
        inner = _guarded(inner, horizon_column, band.up_to_hours + HALF_SLOT_HOURS, tree_is_left=True)
    if band.above_hours >= 0:
        inner = _guarded(inner, horizon_column, band.above_hours + HALF_SLOT_HOURS, tree_is_left=False)
    return inner


def _guarded(tree: Tree, column: int, threshold: float, tree_is_left: bool) -> Tree:
    """The tree on one side of a first split, a leaf of 0 on the other. Missing goes right."""
    outside = len(tree.leaf_value)  # the new leaf is the last one

    def moved(children: np.ndarray) -> np.ndarray:
        return np.where(children >= 0, children + 1, children)

    root, leaf = 1, -(outside + 1)
    return Tree(
        feature=np.concatenate([[column], tree.feature]),
        threshold=np.concatenate([np.array([threshold], dtype=np.float32), tree.threshold]),
        missing_left=np.concatenate([[False], tree.missing_left]),
        left=np.concatenate([[root if tree_is_left else leaf], moved(tree.left)]),
        right=np.concatenate([[leaf if tree_is_left else root], moved(tree.right)]),
        leaf_value=np.concatenate([tree.leaf_value, [0.0]]),
    )
