from __future__ import annotations

import numpy as np
import pytest

from velocast_trainer.arrays import Float32s
from velocast_trainer.booster import Booster, FitRows, FittedBooster, Labels
from velocast_trainer.catboost_booster import CatboostBooster
from velocast_trainer.fit_outputs import BandedModel
from velocast_trainer.graph_runner import open_graph
from velocast_trainer.horizons import horizon_buckets
from velocast_trainer.lightgbm_booster import LightgbmBooster
from velocast_trainer.onnx_graph import build_graph
from velocast_trainer.outputs import OUTPUTS
from velocast_trainer.request import BoosterParams
from velocast_trainer.usual_count import LEAST, UNKNOWN, UsualCount, usual_count
from velocast_trainer.xgboost_booster import XgboostBooster

DEPARTURES = next(output for output in OUTPUTS if output.name == "departures_mean")
PARAMS = BoosterParams(trees=30, leaves=8, min_rows_per_leaf=20, learning_rate=0.2, feature_fraction=0.7)


def test_the_first_known_candidate_counts_and_never_less_than_the_least() -> None:
    usual = usual_count(["a", "b", "c"], (("c", 1.0), ("missing", 1.0), ("a", 0.5)))
    assert usual == UsualCount(((2, 1.0), (0, 0.5)))
    nan = np.nan
    rows = np.array([[4, 0, 3], [4, 0, nan], [nan, 0, nan], [nan, 0, 0]], dtype=np.float32)
    assert usual.at(rows).tolist() == [3, 2, UNKNOWN, LEAST]
    assert usual_count(["a"], (("c", 1.0),)) is None


@pytest.mark.parametrize("booster", [LightgbmBooster, XgboostBooster, CatboostBooster])
def test_what_was_fitted_in_a_quiet_season_holds_in_a_busy_one(booster: type[LightgbmBooster]) -> None:
    """Departures are Poisson numbers around a multiple of the usual count, which is four times as large later."""
    random = np.random.default_rng(5)

    def season(level: float, rows: int) -> tuple[Float32s, Float32s]:
        usual = random.uniform(0.2, 1.5, rows) * level
        rush = random.integers(0, 2, rows)
        features = np.column_stack([random.normal(size=rows), rush, usual]).astype(np.float32)
        return features, random.poisson(usual * (1 + rush)).astype(np.float32)

    quiet, target = season(1, 6_000)
    later, stopping = season(1, 1_500)
    usual = UsualCount(((2, 1.0),))
    weights = usual.at(quiet), usual.at(later)
    made: Booster = booster(PARAMS, 1)
    fitted: FittedBooster = made.prepare(FitRows(quiet, later)).fit(
        DEPARTURES,
        Labels(target / weights[0], weights[0]),
        Labels(stopping / weights[1], weights[1]),
        lambda _: None,
    )
    model = BandedModel(0, ((horizon_buckets()[-1], (fitted,)),), usual)
    busy, happened = season(4, 4_000)
    said = model.predict(busy, threads=1)
    expected = busy[:, 2] * (1 + busy[:, 1])
    assert float(np.mean(np.abs(said / expected - 1))) < 0.12
    assert said.mean() == pytest.approx(happened.mean(), rel=0.1)

    graph = build_graph({"departures_mean": model.ensemble()}, 3, {"departures_mean": usual})
    busy[:50, 2] = np.nan
    by_graph = open_graph(graph, threads=1)(busy)["departures_mean"]
    assert by_graph == pytest.approx(model.predict(busy, threads=1), abs=1e-4)
