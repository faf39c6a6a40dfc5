"""What holds of every booster behind the interface."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.awkward_rows import FEATURES, a_target, leaf_of, some_rows
from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.booster import Booster, FitRows, FittedBooster, Labels
from velocast_trainer.catboost_booster import CatboostBooster
from velocast_trainer.graph_runner import open_graph
from velocast_trainer.lightgbm_booster import LightgbmBooster
from velocast_trainer.onnx_graph import build_graph
from velocast_trainer.outputs import OUTPUTS, Output
from velocast_trainer.parity import measure_parity, require_parity, rows_on_thresholds, rows_with_missing
from velocast_trainer.request import BoosterParams
from velocast_trainer.xgboost_booster import XgboostBooster

BOOSTERS = [LightgbmBooster, XgboostBooster, CatboostBooster]
PARAMS = BoosterParams(trees=40, leaves=15, min_rows_per_leaf=20, learning_rate=0.15, feature_fraction=0.7)
# One output of each loss, of pinball the outer ones.
SEVERAL = [output for output in OUTPUTS if output.name not in ("bikes_q50", "p_dock")]
MEAN = OUTPUTS[0]

MakeBooster = Callable[[BoosterParams, int], Booster]
each_booster = pytest.mark.parametrize("make", BOOSTERS)


def nobody(_: float) -> None:
    pass


def fit(
    make: MakeBooster,
    output: Output = MEAN,
    *,
    missing: float = 0.1,
    params: BoosterParams = PARAMS,
    seed: int = 1,
    on_progress: Callable[[float], None] = nobody,
) -> FittedBooster:
    train, stopping = some_rows(1, missing), some_rows(2, missing)
    prepared = make(params, seed).prepare(FitRows(train, stopping))
    labels = Labels(a_target(train, output.loss, 1)), Labels(a_target(stopping, output.loss, 2))
    return prepared.fit(output, *labels, on_progress)


def graph_of(fitted: FittedBooster) -> bytes:
    return build_graph({"a": fitted.ensemble()}, FEATURES)


def loss_of(output: Output, forecast: Float64s, target: Float32s) -> float:
    """What the output is fitted for; 0 for what is always right."""
    if output.level is not None:
        over = target - forecast
        return float(np.maximum(output.level * over, (output.level - 1) * over).mean())
    if output.loss == "log":
        return float(-np.log(np.where(target == 1, forecast, 1 - forecast)).mean())
    if output.loss == "poisson":
        return float((forecast - target - target * np.log(forecast / target)).mean())
    return float(((forecast - target) ** 2).mean())


@each_booster
@pytest.mark.parametrize("missing", [0.0, 0.1])
@pytest.mark.parametrize("output", SEVERAL, ids=lambda output: output.name)
def test_the_graph_is_the_model(make: MakeBooster, output: Output, missing: float) -> None:
    fitted = fit(make, output, missing=missing)
    ensemble = fitted.ensemble()
    assert len(ensemble.trees) > 20
    # Rows of both kinds, with and without missing values, whichever the booster was trained on.
    like = np.concatenate([some_rows(3, 0.0), some_rows(4, 0.2)])
    sets = [like, rows_on_thresholds({"a": ensemble}, like), rows_with_missing(like)]
    require_parity(measure_parity({"a": fitted}, open_graph(graph_of(fitted), threads=1), sets, threads=1))


@each_booster
@pytest.mark.parametrize("output", SEVERAL, ids=lambda output: output.name)
def test_what_is_learnt_is_on_the_scale_of_the_output_and_aims_at_its_loss(make: MakeBooster, output: Output) -> None:
    rows = some_rows(3, 0.1)
    target = a_target(rows, output.loss, 3)
    learnt = loss_of(output, fit(make, output).predict(rows, threads=1), target)
    level = np.quantile(target, output.level) if output.level is not None else target.mean()
    constant = loss_of(output, np.full(len(rows), level), target)
    assert learnt < 0.75 * constant


@each_booster
def test_the_best_trees_are_kept_and_progress_is_told_after_each(make: MakeBooster) -> None:
    hasty = BoosterParams(trees=200, leaves=31, min_rows_per_leaf=5, learning_rate=0.7, feature_fraction=0.7)
    heard: list[float] = []
    fitted = fit(make, params=hasty, on_progress=heard.append)
    built = len(heard) - 1
    patience = 20
    assert fitted.tree_count == built - patience < 200
    assert heard[:-1] == pytest.approx([(tree + 1) / 200 for tree in range(built)])
    assert heard[-1] == 1
    stopping = some_rows(2, 0.1)
    target = a_target(stopping, MEAN.loss, 2)
    ensemble = fitted.ensemble()
    losses = []
    for trees in range(1, fitted.tree_count + 1):
        fewer = dataclasses.replace(ensemble, trees=ensemble.trees[:trees])
        forecast = open_graph(build_graph({"a": fewer}, FEATURES), threads=1)(stopping)["a"]
        losses.append(loss_of(MEAN, forecast.astype(np.float64), target))
    assert np.argmin(losses) == fitted.tree_count - 1


@each_booster
def test_what_hears_of_progress_may_stop_the_fit(make: MakeBooster) -> None:
    class Stopped(Exception):
        pass

    heard: list[float] = []

    def stop_at_the_third(done: float) -> None:
        heard.append(done)
        if len(heard) == 3:
            raise Stopped

    with pytest.raises(Stopped):
        fit(make, on_progress=stop_at_the_third)
    assert len(heard) == 3


@each_booster
def test_the_same_rows_and_seed_give_the_same_bytes_also_beside_other_fits(make: MakeBooster) -> None:
    alone = graph_of(fit(make))
    with ThreadPoolExecutor(2) as pool:
        beside = list(pool.map(lambda output: graph_of(fit(make, output)), [MEAN, SEVERAL[1], MEAN]))
    assert beside[0] == beside[2] == alone
    assert graph_of(fit(make, seed=2)) != alone


@each_booster
def test_one_preparation_serves_outputs_of_any_loss(make: MakeBooster) -> None:
    train, stopping = some_rows(1, 0.1), some_rows(2, 0.1)
    prepared = make(PARAMS, 1).prepare(FitRows(train, stopping))
    for output in SEVERAL:
        labels = Labels(a_target(train, output.loss, 1)), Labels(a_target(stopping, output.loss, 2))
        fitted = prepared.fit(output, *labels, on_progress=nobody)
        assert graph_of(fitted) == graph_of(fit(make, output))


@each_booster
@pytest.mark.parametrize("output", SEVERAL, ids=lambda output: output.name)
def test_fitted_again_on_the_same_rows_with_as_many_trees_it_is_the_same_model(
    make: MakeBooster, output: Output
) -> None:
    train = some_rows(1, 0.1)
    target, weight = a_target(train, output.loss, 1), np.linspace(0.5, 2, len(train)).astype(np.float32)
    fitted = fit(make, output)
    prepared = make(PARAMS, 1).prepare(FitRows(train, None))
    heard: list[float] = []
    again = prepared.fit(output, Labels(target), fitted.tree_count, heard.append)
    assert again.tree_count == fitted.tree_count
    assert heard == sorted(heard)
    assert heard[-1] == 1
    assert graph_of(again) == graph_of(fitted)
    assert graph_of(prepared.fit(output, Labels(target, weight), fitted.tree_count, nobody)) != graph_of(fitted)
    assert graph_of(prepared.fit(output, Labels(target), fitted.tree_count, nobody)) == graph_of(fitted)
    with pytest.raises(ValueError, match="no rows to stop"):
        prepared.fit(output, Labels(target), Labels(target), nobody)


@each_booster
@pytest.mark.parametrize(
    ("output", "value"), [(MEAN, 3.0), (SEVERAL[1], -2.0), (SEVERAL[3], 0.0), (SEVERAL[3], 1.0), (SEVERAL[4], 0.0)]
)
def test_a_target_that_never_changes_is_forecast_for_ever(make: MakeBooster, output: Output, value: float) -> None:
    train, stopping = some_rows(1, 0.1), some_rows(2, 0.1)
    prepared = make(PARAMS, 1).prepare(FitRows(train, stopping))
    same = Labels(np.full(len(train), value, dtype=np.float32))
    fitted = prepared.fit(output, same, same, nobody)
    assert fitted.predict(stopping, threads=1) == pytest.approx(value, abs=1e-5)
    run = open_graph(graph_of(fitted), threads=1)
    require_parity(measure_parity({"a": fitted}, run, [stopping], threads=1))


@pytest.mark.parametrize("make", [LightgbmBooster, XgboostBooster])
@pytest.mark.parametrize("output", SEVERAL, ids=lambda output: output.name)
def test_leaves_and_their_rows_are_bounded(make: MakeBooster, output: Output) -> None:
    """XGBoost bounds a sum of hessians, which is a number of rows at the first tree only."""
    rows = some_rows(1, 0.1)
    first, *_ = fit(make, output, params=BoosterParams(1, 12, 150, 0.15, 0.7)).ensemble().trees
    assert 4 <= len(first.leaf_value) <= 12
    _, counts = np.unique(leaf_of(first, rows), return_counts=True)
    assert counts.min() >= 145


@each_booster
def test_threads_score_the_same(make: MakeBooster) -> None:
    fitted = fit(make)
    rows = some_rows(3, 0.1)
    assert np.array_equal(fitted.predict(rows, threads=1), fitted.predict(rows, threads=2))
