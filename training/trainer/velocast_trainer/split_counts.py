"""How often the trees of each output ask for each feature, read from a model's graph.

It costs nothing and shows what a model looks at. What a feature is worth is another question, see `importance`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import numpy_helper

from velocast_trainer.arrays import Bools
from velocast_trainer.bundle import Bundle
from velocast_trainer.horizons import HALF_SLOT_HOURS

SplitCounts = Mapping[str, Mapping[str, int]]


def split_counts(bundle: Bundle) -> SplitCounts:
    """By output, then by feature, those that no tree asks for among them."""
    features = list(bundle.manifest["features"])
    horizon = features.index(bundle.manifest["horizonFeature"])
    band_ends = [band["upToHours"] + HALF_SLOT_HOURS for band in bundle.manifest["bands"][:-1]]
    counts: dict[str, Mapping[str, int]] = {}
    for node in onnx.load_from_string(bundle.model).graph.node:
        if node.op_type == "TreeEnsemble":
            asked = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
            feature = np.array(asked["nodes_featureids"])
            chosen = ~_leaves_alike(asked) & ~_asks_for_the_band(asked, feature == horizon, band_ends)
            by_feature = np.bincount(feature[chosen], minlength=len(features))
            counts[node.name.removesuffix("_trees").removesuffix("_score")] = dict(
                zip(features, by_feature.tolist(), strict=True)
            )
    return counts


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


def _asks_for_the_band(asked: Mapping[str, Any], of_horizon: Bools, band_ends: list[float]) -> Bools:
    """The first splits of a band's trees, which the join of the bands has put there."""
    at_end = np.isin(numpy_helper.to_array(asked["nodes_splits"]), np.array(band_ends, dtype=np.float32))
    outside = (_leaf_weights(asked, "true") == 0) | (_leaf_weights(asked, "false") == 0)
    asks: Bools = of_horizon & at_end & outside
    return asks
