"""A small graph with all that a model's may hold, of random trees: bands, links, usual counts and shares of a line;
trees that ask something else at each split, and such as ask one question a level, as CatBoost's.

`libs/inference/testing/banded-graph.onnx` is what this writes (`python -m tests.banded_graph FILE`), for the tests of
what serves models without ONNX Runtime.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from velocast_trainer.bands import AnyEnsemble, join_bands
from velocast_trainer.horizons import HorizonRange
from velocast_trainer.line import KNOT_HOURS, Line
from velocast_trainer.onnx_graph import build_graph
from velocast_trainer.tree_ensemble import Link, Tree, TreeEnsemble
from velocast_trainer.usual_count import UsualCount

FEATURES = 12
HORIZON = 3
BANDS = (HorizonRange(-1, 1, False), HorizonRange(1, 6, False), HorizonRange(6, 168, True))


def banded_graph() -> bytes:
    random = np.random.default_rng(5)

    def banded(link: Link, trees: int, base: float, levels: tuple[int, ...] = ()) -> AnyEnsemble:
        parts = [
            (band, TreeEnsemble(_trees(random, trees * some, levels if some else ()), base, link))
            for some, band in enumerate(BANDS)
        ]
        return join_bands(parts, HORIZON)

    line = Line(HORIZON, 0, (1, 2), tuple((0.1 / (knot + 1), 0.05) for knot in range(len(KNOT_HOURS))))
    ensembles = {
        "bikes_mean": banded("identity", 4, 0.5, (1, 6, 8, 9)),
        "bikes_q05": banded("identity", 3, -1.0),
        "p_bike": banded("sigmoid", 0, 1.0, (2, 3, 3, 5)),
        "departures_mean": banded("exp", 3, 0.0),
    }
    usual = {"departures_mean": UsualCount(((4, 1.0), (5, 1 / 24)))}
    return build_graph(ensembles, FEATURES, usual, line, {"bikes_mean": banded("identity", 1, 0.3)})


def _trees(random: np.random.Generator, count: int, levels: tuple[int, ...]) -> tuple[Tree, ...]:
    return (*(_tree(random) for _ in range(count)), *(_symmetric_tree(random, each) for each in levels))


def _symmetric_tree(random: np.random.Generator, levels: int) -> Tree:
    splits = 2**levels - 1
    level = np.repeat(np.arange(levels), 2 ** np.arange(levels))
    left = 2 * np.arange(splits) + 1
    return Tree(
        feature=random.integers(0, FEATURES, levels)[level],
        threshold=random.integers(-2, 12, levels).astype(np.float32)[level],
        missing_left=np.ones(splits, dtype=np.bool_),
        left=np.where(left < splits, left, splits - left - 1),
        right=np.where(left + 1 < splits, left + 1, splits - left - 2),
        leaf_value=random.normal(0, 0.2, splits + 1).astype(np.float32).astype(np.float64),
    )


def _tree(random: np.random.Generator) -> Tree:
    """Of 7 to 40 leaves; thresholds are whole, so that rows of whole numbers lie on them."""
    leaves = int(random.integers(7, 41))
    left, right = [-1], [-2]
    for leaf in range(2, leaves):
        split = len(left)
        grown = int(random.integers(0, leaf))
        for side in (left, right):
            if -grown - 1 in side:
                side[side.index(-grown - 1)] = split
        left.append(-grown - 1)
        right.append(-leaf - 1)
    threshold = random.integers(-2, 12, leaves - 1).astype(np.float32)
    # Parts what is missing from all that is known.
    threshold[-1] = np.inf
    return Tree(
        feature=random.integers(0, FEATURES, leaves - 1),
        threshold=threshold,
        missing_left=random.random(leaves - 1) < 0.5,
        left=np.array(left),
        right=np.array(right),
        leaf_value=random.normal(0, 0.2, leaves).astype(np.float32).astype(np.float64),
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(banded_graph())
