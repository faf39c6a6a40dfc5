"""Ensembles of bands of horizons as one: a row is scored by the trees of its band, and by no others.

So a model stays one graph, whatever the bands, and whoever runs it need not know of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from velocast_trainer.horizons import HALF_SLOT_HOURS, HorizonRange
from velocast_trainer.tree_ensemble import Link, Tree, TreeEnsemble


@dataclass(frozen=True)
class BandedEnsemble:
    """Ensembles of one link, one for each band, shortest first.

    A row is of the first band whose edge (hours) its horizon does not pass; of the last if it passes all or has none.
    """

    horizon_column: int
    edges: tuple[float, ...]
    parts: tuple[TreeEnsemble, ...]

    @property
    def link(self) -> Link:
        return self.parts[0].link

    @property
    def trees(self) -> tuple[Tree, ...]:
        """All of them, and for each edge a split there: all that is asked of a row."""
        at_edges = tuple(_split(self.horizon_column, edge) for edge in self.edges)
        return at_edges + tuple(tree for part in self.parts for tree in part.trees)


AnyEnsemble = TreeEnsemble | BandedEnsemble


def join_bands(parts: Sequence[tuple[HorizonRange, TreeEnsemble]], horizon_column: int) -> AnyEnsemble:
    """One ensemble that gives each row what that of its band gives. All have the same link."""
    links = {ensemble.link for _, ensemble in parts}
    if len(links) != 1:
        raise ValueError(f"bands of one output have different links: {', '.join(sorted(links))}")
    if len(parts) == 1:
        return parts[0][1]
    edges = tuple(band.up_to_hours + HALF_SLOT_HOURS for band, _ in parts[:-1])
    return BandedEnsemble(horizon_column, edges, tuple(ensemble for _, ensemble in parts))


def average(ensembles: Sequence[TreeEnsemble]) -> TreeEnsemble:
    """The mean of ensembles of the identity link."""
    share = 1 / len(ensembles)
    trees = tuple(
        Tree(tree.feature, tree.threshold, tree.missing_left, tree.left, tree.right, tree.leaf_value * share)
        for ensemble in ensembles
        for tree in ensemble.trees
    )
    return TreeEnsemble(trees, sum(ensemble.base for ensemble in ensembles) * share, "identity")


def _split(column: int, threshold: float) -> Tree:
    return Tree(
        feature=np.array([column]),
        threshold=np.array([threshold], dtype=np.float32),
        missing_left=np.array([False]),
        left=np.array([-1]),
        right=np.array([-2]),
        leaf_value=np.zeros(2),
    )
