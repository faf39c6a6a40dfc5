"""The conversion is exact: every float32 row takes the side in the graph that it takes in CatBoost."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import catboost as cb
import numpy as np
import pytest

from tests.awkward_rows import a_target, leaf_of, some_rows
from velocast_trainer.arrays import Float32s
from velocast_trainer.catboost_trees import ensemble_from_model_json
from velocast_trainer.graph_runner import open_graph
from velocast_trainer.onnx_graph import build_graph
from velocast_trainer.parity import rows_on_thresholds, rows_with_missing
from velocast_trainer.tree_ensemble import Link, TreeEnsemble, UnsupportedModel

TREES = 30
BELOW_ALL_NUMBERS = np.finfo(np.float32).min


def train(rows: Float32s, target: Float32s, **settings: Any) -> cb.CatBoost:
    params = {
        "iterations": TREES,
        "depth": 5,
        "learning_rate": 0.2,
        "thread_count": 1,
        "random_seed": 1,
        "allow_writing_files": False,
        "logging_level": "Silent",
        **settings,
    }
    return cb.CatBoost(params).fit(rows, target)


def json_of(model: cb.CatBoost, folder: Path) -> dict[str, Any]:
    model.save_model(str(folder / "model.json"), format="json")
    loaded: dict[str, Any] = json.loads((folder / "model.json").read_bytes())
    return loaded


def difference(model: cb.CatBoost, ensemble: TreeEnsemble, rows: Float32s, prediction: str = "RawFormulaVal") -> float:
    run = open_graph(build_graph({"value": ensemble}, rows.shape[1]), threads=1)
    by_model = np.asarray(model.predict(rows, prediction_type=prediction))
    if prediction == "Probability":
        by_model = by_model[:, 1]
    return float(np.abs(run(rows)["value"] - by_model).max() / np.abs(by_model).max())


def asked_of(ensemble: TreeEnsemble) -> Float32s:
    """Rows with and without missing values, on borders and beside them, whichever the booster was trained on."""
    like = np.concatenate([some_rows(2, 0.0), some_rows(3, 0.2)])
    return np.concatenate([like, rows_on_thresholds({"value": ensemble}, like), rows_with_missing(like)])


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize(
    ("loss_function", "loss", "link", "prediction"),
    [
        ("RMSE", "squared", "identity", "RawFormulaVal"),
        ("Quantile:alpha=0.9", "pinball", "identity", "RawFormulaVal"),
        ("Logloss", "log", "sigmoid", "Probability"),
        ("Poisson", "poisson", "exp", "Exponent"),
    ],
)
def test_graph_and_model_agree_where_conversions_go_wrong(
    loss_function: str, loss: str, link: Link, prediction: str, missing: float, tmp_path: Path
) -> None:
    rows = some_rows(1, missing)
    model = train(rows, a_target(rows, loss), loss_function=loss_function)
    ensemble = ensemble_from_model_json(json_of(model, tmp_path), link)
    assert len(ensemble.trees) > 20
    assert difference(model, ensemble, asked_of(ensemble), prediction) < 1e-5


def test_each_row_meets_the_leaf_that_catboost_names(tmp_path: Path) -> None:
    rows = some_rows(1, 0.1)
    model = train(rows, a_target(rows, "squared"))
    exported = json_of(model, tmp_path)
    ensemble = ensemble_from_model_json(exported, "identity")
    asked = asked_of(ensemble)
    named = model.calc_leaf_indexes(asked)
    for number, (tree, original) in enumerate(zip(ensemble.trees, exported["oblivious_trees"], strict=True)):
        by_catboost = np.array(original["leaf_values"])[named[:, number]]
        assert np.array_equal(tree.leaf_value[leaf_of(tree, asked)], by_catboost)


def test_borders_are_float32_as_they_are_written(tmp_path: Path) -> None:
    rows = some_rows(1, 0.0)
    exported = json_of(train(rows, a_target(rows, "squared")), tmp_path)
    borders = np.array([split["border"] for tree in exported["oblivious_trees"] for split in tree["splits"]])
    assert np.array_equal(borders, borders.astype(np.float32))


def test_a_border_one_step_off_would_move_rows_to_the_other_side(tmp_path: Path) -> None:
    """Shows that the rows of the tests above see it."""
    rows = some_rows(1, 0.0)
    model = train(rows, a_target(rows, "squared"))
    ensemble = ensemble_from_model_json(json_of(model, tmp_path), "identity")
    for side in (-np.inf, np.inf):
        careless = dataclasses.replace(
            ensemble,
            trees=tuple(
                dataclasses.replace(tree, threshold=np.nextafter(tree.threshold, np.float32(side)))
                for tree in ensemble.trees
            ),
        )
        assert difference(model, careless, asked_of(ensemble)) > 1e-3


def test_a_split_that_asks_only_whether_a_value_is_missing(tmp_path: Path) -> None:
    rows = some_rows(1, 0.3)
    target = np.isnan(rows[:, 0]).astype(np.float32) + 0.01 * a_target(rows, "squared")
    model = train(rows, target)
    ensemble = ensemble_from_model_json(json_of(model, tmp_path), "identity")
    assert any(np.any(tree.threshold == BELOW_ALL_NUMBERS) for tree in ensemble.trees)
    assert difference(model, ensemble, asked_of(ensemble)) < 1e-5


def test_a_model_of_another_scale_and_bias(tmp_path: Path) -> None:
    rows = some_rows(1, 0.1)
    model = train(rows, a_target(rows, "squared"))
    model.set_scale_and_bias(0.5, -7.0)
    ensemble = ensemble_from_model_json(json_of(model, tmp_path), "identity")
    assert ensemble.base == -7
    assert difference(model, ensemble, asked_of(ensemble)) < 1e-5


def test_trees_without_a_split_go_into_the_base(tmp_path: Path) -> None:
    rows = some_rows(1, 0.1)
    exported = json_of(train(rows, a_target(rows, "squared")), tmp_path)
    before = ensemble_from_model_json(exported, "identity")
    exported["oblivious_trees"].insert(0, {"leaf_values": [0.25], "leaf_weights": [1], "splits": None})
    after = ensemble_from_model_json(exported, "identity")
    assert after.base == before.base + 0.25
    assert len(after.trees) == len(before.trees)


def test_what_a_graph_of_numeric_splits_cannot_hold_is_refused(tmp_path: Path) -> None:
    rows = some_rows(1, 0.1)
    target = a_target(rows, "squared")
    with pytest.raises(UnsupportedModel, match="symmetric"):
        ensemble_from_model_json(json_of(train(rows, target, grow_policy="Lossguide"), tmp_path), "identity")
    with pytest.raises(UnsupportedModel, match="nan_mode"):
        ensemble_from_model_json(json_of(train(rows, target, nan_mode="Max"), tmp_path), "identity")
    categories = [[number, str(category)] for number, category in zip(target, target > 0, strict=True)]
    pool = cb.Pool(categories, target, cat_features=[1])
    params = {"iterations": 3, "thread_count": 1, "allow_writing_files": False, "logging_level": "Silent"}
    with pytest.raises(UnsupportedModel, match="categorical"):
        ensemble_from_model_json(json_of(cb.CatBoost(params).fit(pool), tmp_path), "identity")
