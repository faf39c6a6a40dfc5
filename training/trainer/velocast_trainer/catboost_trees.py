"""CatBoost's trees, rewritten to the rules of `tree_ensemble`.

They are read from its JSON model. A tree of CatBoost asks the same question in all nodes of a level: d borders and
2^d leaves, the answer to the k-th border being bit k of the leaf's number. It is written out as the full binary tree.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from velocast_trainer.tree_ensemble import Link, Tree, TreeEnsemble, UnsupportedModel

# Where a missing value goes is said for a feature. `AsIs`: training had none, and NaN is compared like a number;
# neither `NaN > border` nor the smallest number's comparison is true, so that both go left.
MISSING_GOES_LEFT = ("AsIs", "AsFalse")


def ensemble_from_model_json(model: dict[str, Any], link: Link) -> TreeEnsemble:
    """The trees of `save_model(format="json")`. Trees without a split go into the base value."""
    if "oblivious_trees" not in model:
        raise UnsupportedModel("trees that are not symmetric; train with grow_policy=SymmetricTree")
    for feature in model["features_info"]["float_features"]:
        if feature["nan_value_treatment"] not in MISSING_GOES_LEFT:
            raise UnsupportedModel("missing values above all others; train with nan_mode=Min")
    scale, (base,) = model["scale_and_bias"]
    trees: list[Tree] = []
    for tree in model["oblivious_trees"]:
        if tree["splits"]:
            trees.append(_tree(tree, scale))
        else:
            base += scale * tree["leaf_values"][0]
    return TreeEnsemble(tuple(trees), float(base), link)


def _tree(tree: dict[str, Any], scale: float) -> Tree:
    splits = tree["splits"]
    if any(split["split_type"] != "FloatFeature" for split in splits):
        raise UnsupportedModel("categorical splits; encode categories as numbers before training")
    depth = len(splits)
    # As in a heap: level k holds nodes 2^k - 1 to 2^(k+1) - 2, the children of node i are 2i + 1 and 2i + 2.
    level = np.repeat(np.arange(depth), 2 ** np.arange(depth))
    left = 2 * np.arange(2**depth - 1) + 1
    first_leaf = 2**depth - 1
    left, right = (np.where(at < first_leaf, at, first_leaf - at - 1) for at in (left, left + 1))
    # Leaves from left to right have the first border's answer as their highest bit, CatBoost has it as the lowest.
    from_left = np.arange(2**depth)
    number = sum(((from_left >> (depth - 1 - k)) & 1) << k for k in range(depth))
    return Tree(
        feature=np.array([split["float_feature_index"] for split in splits], dtype=np.int64)[level],
        # Borders are float32 in CatBoost and are written with more digits than that: the nearest is the border itself.
        threshold=np.array([split["border"] for split in splits], dtype=np.float32)[level],
        missing_left=np.ones(len(level), dtype=np.bool_),
        left=left,
        right=right,
        leaf_value=scale * np.array(tree["leaf_values"], dtype=np.float64)[number],
    )
