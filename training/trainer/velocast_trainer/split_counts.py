"""How often the trees of each output ask for each feature, read from a model's graph.

It costs nothing and shows what a model looks at. What a feature is worth is another question, see `importance`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from velocast_trainer.arrays import Bools
from velocast_trainer.bundle import Bundle

SplitCounts = Mapping[str, Mapping[str, int]]


def split_counts(bundle: Bundle) -> SplitCounts:
    """By output, then by feature, those that no tree asks for among them."""
    features = list(bundle.manifest["features"])
    counts: dict[str, np.ndarray] = {}
    for node in onnx.load_from_string(bundle.model).graph.node:
        if node.op_type == "TreeEnsemble":
            asked = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
            # Above their number they stand once more, see `onnx_graph`.
            feature = np.array(asked["nodes_featureids"]) % len(features)
            by_feature = np.bincount(feature[~_leaves_alike(asked)], minlength=len(features))
            output = re.sub(r"(_score|_correction|_line_share)?(_in_\d+)?_trees$", "", node.name)
            counts[output] = counts.get(output, 0) + by_feature
    return {output: dict(zip(features, found.tolist(), strict=True)) for output, found in counts.items()}


def _leaf_weights(asked: Mapping[str, Any], side: str) -> np.ndarray:
    """Of the leaf on this side of each split; NaN where there is none."""
    weights = numpy_helper.to_array(asked["leaf_weights"])
    child = np.array(asked[f"nodes_{side}nodeids"])
    is_leaf = np.array(asked[f"nodes_{side}leafs"]) == 1
    found: np.ndarray = np.where(is_leaf, weights[np.where(is_leaf, child, 0)], np.nan)
    return found


def _leaves_alike(asked: Mapping[str, Any]) -> Bools:
    """Of a tree that stands for a constant."""
    alike: Bools = _leaf_weights(asked, "true") == _leaf_weights(asked, "false")
    return alike
