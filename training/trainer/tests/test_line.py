from __future__ import annotations

import numpy as np
import pytest

from velocast_trainer.arrays import Float32s
from velocast_trainer.booster import FitRows, Labels
from velocast_trainer.fit_outputs import BandedModel
from velocast_trainer.graph_runner import open_graph
from velocast_trainer.horizons import horizon_bands
from velocast_trainer.lightgbm_booster import LightgbmBooster
from velocast_trainer.line import KNOT_HOURS, fit_line
from velocast_trainer.onnx_graph import build_graph
from velocast_trainer.outputs import MEAN_CHANGE
from velocast_trainer.request import BoosterParams

NAMES = ("weather", "horizon_hours", "bikes", "target_usual_bikes", "bikes_mean_24h")
PARAMS = BoosterParams(trees=40, leaves=8, min_rows_per_leaf=20, learning_rate=0.2, feature_fraction=0.7)


def season(spread: float, rows: int, seed: int) -> tuple[Float32s, Float32s]:
    """A station moves towards what is usual, all the way at the longest horizon; in rain a bike less."""
    random = np.random.default_rng(seed)
    hours = random.choice(KNOT_HOURS, rows)
    bikes, usual, mean = random.normal(20, spread, (3, rows))
    rain = random.integers(0, 2, rows)
    change = hours / KNOT_HOURS[-1] * (usual - bikes) - rain + random.normal(0, 0.2, rows)
    features = np.column_stack([rain, hours, bikes, usual, mean]).astype(np.float32)
    return features, change.astype(np.float32)


def test_distances_count_by_shares_that_change_with_the_horizon() -> None:
    line = fit_line(NAMES, 1, *season(2, 20_000, seed=1))
    assert line is not None
    hours = np.array([0.25, 48, 72, 168, 999, np.nan])
    rows = np.tile(np.array([0, 0, 20, 27, 20], dtype=np.float32), (len(hours), 1))
    rows[:, 1] = hours
    assert line.at(rows) == pytest.approx([0, 2, 3, 7, 7, 7], abs=0.35)
    # Of what is missing nothing is known, and nothing is said.
    rows[:, 3] = np.nan
    assert line.at(rows) == pytest.approx([0] * 6, abs=0.05)


def test_what_was_fitted_in_a_quiet_season_holds_in_a_busy_one_and_in_the_graph() -> None:
    quiet, change = season(2, 12_000, seed=1)
    later, stopping = season(2, 3_000, seed=2)
    busy, happened = season(8, 4_000, seed=3)
    line = fit_line(NAMES, 1, quiet, change)
    assert line is not None

    def fitted(on_line: bool) -> BandedModel:
        targets = (change - line.at(quiet), stopping - line.at(later)) if on_line else (change, stopping)
        first, second = (np.asarray(target, dtype=np.float32) for target in targets)
        prepared = LightgbmBooster(PARAMS, 1).prepare(FitRows(quiet, later))
        model = prepared.fit(MEAN_CHANGE, Labels(first), Labels(second), lambda _: None)
        bands = tuple((band, (model,)) for band in horizon_bands())
        return BandedModel(1, bands, line=line, line_shares=(float(on_line),) * len(bands))

    def rmse(model: BandedModel) -> float:
        return float(np.sqrt(np.mean((model.predict(busy, threads=1) - happened) ** 2)))

    with_line = fitted(True)
    assert rmse(with_line) < 0.35
    assert rmse(fitted(False)) > 3 * rmse(with_line)

    shares = BandedModel(1, with_line.bands, line=line, line_shares=(0.0, 0.5, 1.0, 2 / 3))
    for row, column in enumerate((1, 2, 3, 4)):
        busy[row, column] = np.nan
        # The borders of trees are tried, and some lie below or above all numbers.
        busy[10 + row, column] = np.finfo(np.float32).min
        busy[20 + row, column] = np.inf
    graph = build_graph(
        {"a": shares.ensemble(), "b": shares.ensemble()}, len(NAMES), line=line, line_shares={"a": shares.line_share()}
    )
    by_graph = open_graph(graph, threads=1)(busy)
    assert by_graph["a"] == pytest.approx(shares.predict(busy, threads=1), abs=1e-4)
    assert by_graph["b"] == pytest.approx(BandedModel(1, shares.bands).predict(busy, threads=1), abs=1e-4)


def test_there_is_no_line_without_levels() -> None:
    assert fit_line(("horizon_hours", "bikes"), 0, np.ones((3, 2), np.float32), np.ones(3, np.float32)) is None
    assert fit_line(NAMES, 1, np.ones((0, 5), np.float32), np.ones(0, np.float32)) is None
