"""The conversion is exact: every float32 row takes the side in the graph that it takes in LightGBM."""

from __future__ import annotations

import dataclasses
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest

from tests.awkward_rows import FEATURES, a_target, some_rows
from velocast_trainer.arrays import Float32s
from velocast_trainer.graph_runner import open_graph
from velocast_trainer.lightgbm_trees import ensemble_from_model_text
from velocast_trainer.onnx_graph import build_graph
from velocast_trainer.parity import rows_on_thresholds, rows_with_missing
from velocast_trainer.tree_ensemble import Link, TreeEnsemble, UnsupportedModel, round_down_to_float32


def train(rows: Float32s, **settings: Any) -> lgb.Booster:
    target = a_target(rows, settings.get("objective", "regression"))
    params = {"verbosity": -1, "num_threads": 1, "num_leaves": 31, "min_data_in_leaf": 20, **settings}
    return lgb.train(params, lgb.Dataset(rows, target, params=params), 30)


def difference(booster: lgb.Booster, ensemble: TreeEnsemble, rows: Float32s) -> float:
    run = open_graph(build_graph({"value": ensemble}, rows.shape[1]), threads=1)
    by_booster = np.asarray(booster.predict(rows))
    return float(np.abs(run(rows)["value"] - by_booster).max() / np.abs(by_booster).max())


@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("zero_as_missing", [False, True])
@pytest.mark.parametrize(
    ("objective", "link"),
    [("regression", "identity"), ("quantile", "identity"), ("binary", "sigmoid"), ("poisson", "exp")],
)
def test_graph_and_booster_agree_where_conversions_go_wrong(
    objective: str, link: Link, zero_as_missing: bool, missing: float
) -> None:
    rows = some_rows(1, missing)
    booster = train(rows, objective=objective, zero_as_missing=zero_as_missing)
    ensemble = ensemble_from_model_text(booster.model_to_string(), link)
    assert len(ensemble.trees) > 20
    # Rows of both kinds, with and without missing values, whichever the booster was trained on.
    like = np.concatenate([some_rows(2, 0.0), some_rows(3, 0.2)])
    asked = np.concatenate([like, rows_on_thresholds({"value": ensemble}, like), rows_with_missing(like)])
    assert difference(booster, ensemble, asked) < 1e-5


@pytest.mark.parametrize("threshold", ["-1e-35", "-5e-36", "0", "5e-36"])
def test_what_is_almost_zero_goes_where_zero_goes(threshold: str) -> None:
    """LightGBM puts no threshold there itself; a model from elsewhere may have one."""
    text = train(some_rows(1, 0.0), max_bin=8).model_to_string()
    edited = "\n".join(
        f"threshold={' '.join([threshold] * len(line.split()))}" if line.startswith("threshold=") else line
        for line in text.splitlines()
        if not line.startswith("tree_sizes=")  # the edit changes them, and LightGBM reads without
    )
    booster = lgb.Booster(model_str=edited)
    ensemble = ensemble_from_model_text(edited, "identity")
    around = np.array([0, 2e-36, 7e-36, 1e-35, 2e-35], dtype=np.float32)
    rows = np.random.default_rng(1).choice(np.concatenate([-around, around]), (2_000, FEATURES))
    assert difference(booster, ensemble, rows) < 1e-5


def test_thresholds_rounded_to_the_nearest_would_move_rows_to_the_other_side() -> None:
    """Shows that the rows of the test above see the mistake that rounding down avoids."""
    rows = some_rows(1, 0.0)
    booster = train(rows)
    text = booster.model_to_string()
    ensemble = ensemble_from_model_text(text, "identity")
    exact = _exact_thresholds(text)
    careless = dataclasses.replace(
        ensemble,
        trees=tuple(
            dataclasses.replace(tree, threshold=thresholds.astype(np.float32))
            for tree, thresholds in zip(ensemble.trees, exact, strict=True)
        ),
    )
    asked = rows_on_thresholds({"value": careless}, rows)
    assert difference(booster, ensemble, asked) < 1e-5
    assert difference(booster, careless, asked) > 1e-3


def test_rounding_down_keeps_every_comparison_of_a_float32() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=5_000).astype(np.float32)
    neighbours = np.nextafter(values, np.float32(np.inf))
    between = (values.astype(np.float64) + neighbours) / 2
    for exact in (values.astype(np.float64), between, neighbours.astype(np.float64) - 1e-18):
        rounded = round_down_to_float32(exact)
        for row in (values, neighbours, np.nextafter(values, np.float32(-np.inf))):
            assert np.array_equal(row <= rounded, row.astype(np.float64) <= exact)
    assert round_down_to_float32(np.array([1e300]))[0] == np.finfo(np.float32).max


def test_a_booster_that_learnt_nothing_is_a_constant() -> None:
    rows = some_rows(1, 0.0)[:200]
    params = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    booster = lgb.train(params, lgb.Dataset(rows, np.ones(len(rows)), params=params), 5)
    ensemble = ensemble_from_model_text(booster.model_to_string(), "sigmoid")
    assert ensemble.trees == ()
    assert difference(booster, ensemble, rows) < 1e-6


def test_categorical_splits_and_linear_leaves_are_refused() -> None:
    rows = np.nan_to_num(some_rows(1, 0.0))
    rows[:, 1] += 3
    params = {"verbosity": -1, "num_threads": 1, "min_data_per_group": 5, "cat_smooth": 1}
    target = (rows[:, 1] % 2).astype(np.float64)
    by_category = lgb.train(params, lgb.Dataset(rows, target, categorical_feature=[1], params=params), 3)
    with pytest.raises(UnsupportedModel, match="categorical"):
        ensemble_from_model_text(by_category.model_to_string(), "identity")
    with pytest.raises(UnsupportedModel, match="linear"):
        ensemble_from_model_text(train(rows, linear_tree=True).model_to_string(), "identity")


def _exact_thresholds(text: str) -> list[np.ndarray]:
    lines = [line.removeprefix("threshold=") for line in text.splitlines() if line.startswith("threshold=")]
    return [np.array(line.split(), dtype=np.float64) for line in lines]
