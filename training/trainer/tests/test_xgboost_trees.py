"""The conversion is exact: every float32 row takes the side in the graph that it takes in XGBoost."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest
import xgboost as xgb

from tests.awkward_rows import a_target, leaf_of, some_rows
from velocast_trainer.arrays import Float32s
from velocast_trainer.graph_runner import open_graph
from velocast_trainer.onnx_graph import build_graph
from velocast_trainer.parity import rows_on_thresholds, rows_with_missing
from velocast_trainer.tree_ensemble import Link, TreeEnsemble, UnsupportedModel
from velocast_trainer.xgboost_trees import ensemble_from_model_json

TREES = 30


def train(rows: Float32s, target: Float32s, **settings: Any) -> xgb.Booster:
    params = {"max_leaves": 31, "max_depth": 0, "grow_policy": "lossguide", "nthread": 1, "verbosity": 0, **settings}
    return xgb.train(params, xgb.DMatrix(rows, target, nthread=1, enable_categorical=True), TREES)


def ensemble_of(booster: xgb.Booster, link: Link = "identity") -> TreeEnsemble:
    return ensemble_from_model_json(booster.save_raw("json"), link)


def difference(booster: xgb.Booster, ensemble: TreeEnsemble, rows: Float32s) -> float:
    run = open_graph(build_graph({"value": ensemble}, rows.shape[1]), threads=1)
    by_booster = np.asarray(booster.predict(xgb.DMatrix(rows, nthread=1)))
    return float(np.abs(run(rows)["value"] - by_booster).max() / np.abs(by_booster).max())


def asked_of(ensemble: TreeEnsemble) -> Float32s:
    """Rows with and without missing values, on thresholds and beside them, whichever the booster was trained on."""
    like = np.concatenate([some_rows(2, 0.0), some_rows(3, 0.2)])
    return np.concatenate([like, rows_on_thresholds({"value": ensemble}, like), rows_with_missing(like)])


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("base_score", [None, 0.2])
@pytest.mark.parametrize(
    ("objective", "loss", "link"),
    [
        ("reg:squarederror", "squared", "identity"),
        ("reg:quantileerror", "pinball", "identity"),
        ("binary:logistic", "log", "sigmoid"),
        ("count:poisson", "poisson", "exp"),
    ],
)
def test_graph_and_booster_agree_where_conversions_go_wrong(
    objective: str, loss: str, link: Link, base_score: float | None, missing: float
) -> None:
    rows = some_rows(1, missing)
    settings = {"quantile_alpha": 0.9} if loss == "pinball" else {}
    booster = train(rows, a_target(rows, loss), objective=objective, base_score=base_score, **settings)
    ensemble = ensemble_of(booster, link)
    assert len(ensemble.trees) > 20
    assert difference(booster, ensemble, asked_of(ensemble)) < 1e-5


def test_each_row_meets_the_leaf_that_xgboost_names() -> None:
    rows = some_rows(1, 0.1)
    booster = train(rows, a_target(rows, "squared"))
    ensemble = ensemble_of(booster)
    asked = asked_of(ensemble)
    named = booster.predict(xgb.DMatrix(asked, nthread=1), pred_leaf=True)
    trees = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]["trees"]
    for number, (tree, original) in enumerate(zip(ensemble.trees, trees, strict=True)):
        leaves = np.flatnonzero(np.array(original["left_children"]) < 0)  # in the order that we number them
        assert np.array_equal(leaves[leaf_of(tree, asked)], named[:, number])


def test_thresholds_taken_as_they_are_would_move_rows_to_the_other_side() -> None:
    """Shows that the rows of the tests above see the mistake that the step down avoids."""
    rows = some_rows(1, 0.0)
    booster = train(rows, a_target(rows, "squared"))
    ensemble = ensemble_of(booster)
    careless = dataclasses.replace(
        ensemble,
        trees=tuple(
            dataclasses.replace(tree, threshold=np.nextafter(tree.threshold, np.float32(np.inf)))
            for tree in ensemble.trees
        ),
    )
    assert difference(booster, ensemble, asked_of(careless)) < 1e-5
    assert difference(booster, careless, asked_of(careless)) > 1e-3


def test_a_column_without_any_value_in_training_is_missing_or_not_as_in_xgboost() -> None:
    rows = some_rows(1, 0.1)
    target = a_target(rows, "squared")
    rows[:, 0] = np.nan
    booster = train(rows, target)
    ensemble = ensemble_of(booster)
    assert difference(booster, ensemble, asked_of(ensemble)) < 1e-5


def test_trees_without_a_split_go_into_the_base() -> None:
    rows = some_rows(1, 0.0)
    target = a_target(rows, "squared")
    booster = train(rows, target, base_score=0.5, min_child_weight=len(rows))
    ensemble = ensemble_of(booster)
    assert ensemble.trees == ()
    assert ensemble.base == pytest.approx(target.mean(), abs=1e-3)
    assert difference(booster, ensemble, rows) < 1e-6


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_what_is_certain_in_training_stays_this_side_of_infinity(certain: float) -> None:
    rows = some_rows(1, 0.0)
    booster = train(rows, np.full(len(rows), certain, dtype=np.float32), objective="binary:logistic")
    ensemble = ensemble_of(booster, "sigmoid")
    assert np.isfinite(ensemble.base)
    run = open_graph(build_graph({"value": ensemble}, rows.shape[1]), threads=1)
    assert run(rows)["value"] == pytest.approx(booster.predict(xgb.DMatrix(rows, nthread=1)), abs=1e-7)


def test_what_a_graph_of_numeric_splits_cannot_hold_is_refused() -> None:
    rows = np.nan_to_num(some_rows(1, 0.0))
    target = a_target(rows, "squared")
    categories = np.column_stack([rows[:, 0], rows[:, 1] + 3])
    kinds = ["float", "c"]
    by_category = xgb.train(
        {"nthread": 1},
        xgb.DMatrix(categories, categories[:, 1] % 2, feature_types=kinds, enable_categorical=True, nthread=1),
        3,
    )
    with pytest.raises(UnsupportedModel, match="categorical"):
        ensemble_of(by_category)
    with pytest.raises(UnsupportedModel, match="dart"):
        ensemble_of(train(rows, target, booster="dart"))
    vectors = train(rows, np.column_stack([target, -target]), multi_strategy="multi_output_tree")
    with pytest.raises(UnsupportedModel, match="several"):
        ensemble_of(vectors)
