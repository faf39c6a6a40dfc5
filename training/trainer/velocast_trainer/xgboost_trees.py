"""XGBoost's trees, rewritten to the rules of `tree_ensemble`.

They are read from its own JSON model, in which every number is written with the digits that give its float32 back.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from velocast_trainer.first_forecast import before_link
from velocast_trainer.tree_ensemble import Link, Tree, TreeEnsemble, UnsupportedModel

# XGBoost itself keeps a starting probability this far from 0 and 1.
CLOSEST_TO_CERTAIN = 1e-6


def ensemble_from_model_json(text: bytes | bytearray, link: Link) -> TreeEnsemble:
    """The trees of `Booster.save_raw("json")`. Trees without a split go into the base value."""
    learner: dict[str, Any] = json.loads(text)["learner"]
    shape = learner["learner_model_param"]
    if shape["num_target"] != "1" or shape["num_class"] != "0":
        raise UnsupportedModel("several values a row; train one booster for each")
    booster = learner["gradient_booster"]
    if booster["name"] != "gbtree":
        raise UnsupportedModel(f"the booster {booster['name']}; train with booster=gbtree")
    trees: list[Tree] = []
    (base_score,) = json.loads(shape["base_score"])
    base = _base(base_score, link)
    for tree in booster["model"]["trees"]:
        if tree["left_children"][0] < 0:
            base += float(tree["split_conditions"][0])
        else:
            trees.append(_tree(tree))
    return TreeEnsemble(tuple(trees), base, link)


def _base(base_score: float, link: Link) -> float:
    """The base score is on the scale of the output, the base value is before the link."""
    if link == "sigmoid":
        base_score = min(max(base_score, CLOSEST_TO_CERTAIN), 1 - CLOSEST_TO_CERTAIN)
    return before_link(base_score, link)


def _tree(tree: dict[str, Any]) -> Tree:
    if any(tree["split_type"]):
        raise UnsupportedModel("categorical splits; encode categories as numbers before training")
    if tree["tree_param"]["num_deleted"] != "0":
        raise UnsupportedModel("trees that were pruned after they grew")
    left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
    # A leaf's value stands where a split's threshold does.
    condition = np.array(tree["split_conditions"], dtype=np.float32)
    is_leaf = left < 0
    child_name = np.where(is_leaf, -np.cumsum(is_leaf, dtype=np.int64), np.cumsum(~is_leaf, dtype=np.int64) - 1)
    splits = np.flatnonzero(~is_leaf)
    return Tree(
        feature=np.array(tree["split_indices"], dtype=np.int64)[splits],
        # `x < threshold` of float32 values is `x <= the one before it`.
        threshold=np.nextafter(condition[splits], np.float32(-np.inf)),
        missing_left=np.array(tree["default_left"], dtype=np.bool_)[splits],
        left=child_name[left[splits]],
        right=child_name[right[splits]],
        leaf_value=condition[is_leaf].astype(np.float64),
    )
