"""LightGBM's trees, rewritten to the rules of `tree_ensemble`.

They are read from LightGBM's own model text, the format that it loads its models from: thresholds and leaves are in
it with 17 digits, that is exactly, as arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from velocast_trainer.arrays import Float64s, Int64s
from velocast_trainer.tree_ensemble import Link, Tree, TreeEnsemble, UnsupportedModel, round_down_to_float32

# Bits of `decision_type`: 0 categorical, 1 a missing value goes left, 2-3 what counts as missing.
CATEGORICAL = 1
DEFAULT_LEFT = 2
MISSING_SHIFT = 2
MISSING_NONE, MISSING_ZERO, MISSING_NAN = 0, 1, 2

# LightGBM's prediction takes everything this close to zero for zero.
ZERO_BAND = float(np.float32(1e-35))
BELOW_ZERO_BAND = float(np.nextafter(np.float32(-ZERO_BAND), np.float32(-np.inf)))

# Makes a subtree and returns where it is, as a child is named.
Grow = Callable[[], int]


def ensemble_from_model_text(text: str, link: Link) -> TreeEnsemble:
    """The trees of `Booster.model_to_string()`. Trees without a split go into the base value."""
    trees: list[Tree] = []
    base = 0.0
    for block in _tree_blocks(text):
        if int(block["num_leaves"]) == 1:
            base += float(block["leaf_value"])
        else:
            trees.append(_tree_from_block(block))
    return TreeEnsemble(tuple(trees), base, link)


def _tree_blocks(text: str) -> Iterator[dict[str, str]]:
    forest = text.partition("end of trees")[0]
    for part in forest.split("\nTree=")[1:]:
        lines = (line.partition("=") for line in part.splitlines())
        yield {key: value for key, _, value in lines}


def _tree_from_block(block: dict[str, str]) -> Tree:
    if block.get("is_linear", "0") != "0":
        raise UnsupportedModel("linear leaves; train with linear_tree=false")
    decision = _integers(block["decision_type"])
    if np.any(decision & CATEGORICAL):
        raise UnsupportedModel("categorical splits; encode categories as numbers before training")
    threshold = _floats(block["threshold"])
    default_left = (decision & DEFAULT_LEFT) != 0
    missing = decision >> MISSING_SHIFT

    # All of the zero band goes where zero goes.
    threshold = np.where((threshold >= 0) & (threshold < ZERO_BAND), ZERO_BAND, threshold)
    threshold = np.where((threshold >= -ZERO_BAND) & (threshold < 0), BELOW_ZERO_BAND, threshold)
    # Without missing values in training LightGBM reads NaN as 0.
    missing_left = np.where(missing == MISSING_NONE, threshold >= 0, default_left)
    tree = Tree(
        feature=_integers(block["split_feature"]),
        threshold=round_down_to_float32(threshold),
        missing_left=missing_left,
        left=_integers(block["left_child"]),
        right=_integers(block["right_child"]),
        leaf_value=_floats(block["leaf_value"]),
    )
    return _with_zero_as_missing(tree, np.flatnonzero(missing == MISSING_ZERO))


def _with_zero_as_missing(tree: Tree, asking: Int64s) -> Tree:
    """Sends zero where missing values go, at the splits that ask for it.

    Where zero is on that side anyway nothing is to be done. Elsewhere the zero band is cut out of the other side by
    two more splits. What they lead to is copied, since ONNX Runtime takes no shared children: such trees grow large.
    """
    torn = {int(split) for split in asking if tree.missing_left[split] != (tree.threshold[split] >= 0)}
    if not torn:
        return tree
    splits: list[tuple[int, float, bool, int, int]] = []
    leaves: list[float] = []

    def split(feature: int, threshold: float, missing_left: bool, left: Grow, right: Grow) -> int:
        at = len(splits)
        splits.append((0, 0.0, False, 0, 0))  # its place: a root comes before its children
        splits[at] = (feature, threshold, missing_left, left(), right())
        return at

    def grow(child: int) -> int:
        if child < 0:
            leaves.append(float(tree.leaf_value[-child - 1]))
            return -len(leaves)
        feature, threshold = int(tree.feature[child]), float(tree.threshold[child])
        missing_left = bool(tree.missing_left[child])

        def yes() -> int:
            return grow(int(tree.left[child]))

        def no() -> int:
            return grow(int(tree.right[child]))

        if child not in torn:
            return split(feature, threshold, missing_left, yes, no)
        in_band, beside = (yes, no) if missing_left else (no, yes)

        def band() -> int:  # beside, zero band, beside
            return split(
                feature, BELOW_ZERO_BAND, False, beside, lambda: split(feature, ZERO_BAND, False, in_band, beside)
            )

        return split(feature, threshold, missing_left, *((yes, band) if missing_left else (band, no)))

    grow(0)
    feature, threshold, missing_left, left, right = zip(*splits, strict=True)
    return Tree(
        feature=np.array(feature),
        threshold=np.array(threshold, dtype=np.float32),
        missing_left=np.array(missing_left),
        left=np.array(left),
        right=np.array(right),
        leaf_value=np.array(leaves),
    )


def _integers(text: str) -> Int64s:
    return np.array(text.split(), dtype=np.int64)


def _floats(text: str) -> Float64s:
    return np.array(text.split(), dtype=np.float64)
