from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from velocast_trainer.forecast import Forecast
from velocast_trainer.scores import Truth, score

NAIVE = ("naive_persistence", "naive_yesterday", "naive_last_week", "naive_climatology", "naive_damped")


def four_rows(naive_damped: list[float]) -> tuple[Forecast, Truth]:
    """Two at 1 h, two at 24 h; the mean is off by 1, 1, 2, 2, the last truth is outside its interval by 1."""
    bikes = np.array([4.0, 6.0, 2.0, 9.0])
    forecast = Forecast(
        bikes_mean=bikes + np.array([1, -1, 2, -2]),
        bikes_q05=bikes - np.array([1, 1, 1, 3]),
        bikes_q50=bikes + np.array([0, 1, 0, -1]),
        bikes_q95=bikes + np.array([1, 1, 1, -1]),
        p_bike=np.array([1.0, 0.5, 1.0, 1.0]),
        p_dock=np.ones(4),
        departures_mean=np.zeros(4),
    )
    naive = {**dict.fromkeys(NAIVE, bikes + 4), "naive_damped": np.array(naive_damped)}
    return forecast, Truth(
        horizon_hours=np.array([1.0, 1.0, 24.0, 24.0]),
        bikes=bikes,
        had_bike=np.ones(4),
        had_dock=np.array([1.0, np.nan, 1.0, 0.0]),
        departures=np.array([3.0, 4.0, np.nan, np.nan]),
        had_bike_rate=np.full(4, 0.5),
        had_dock_rate=np.full(4, 0.5),
        departures_rate=np.full(4, 4.0),
        naive=naive,
    )


def test_numbers_are_those_worked_out_by_hand() -> None:
    metrics: dict[str, Any] = score(*four_rows([6.0, 8.0, 4.0, 11.0]))
    overall = metrics["overall"]
    assert overall["rows"] == overall["comparedRows"] == 4
    assert overall["rmse"] == pytest.approx(np.sqrt(10 / 4), abs=1e-6)
    assert overall["mae"] == 0.5
    assert overall["coverage90"] == 0.75
    assert overall["winkler"] == (2 + 2 + 2 + 2 + 20) / 4
    assert overall["naiveRmse"]["damped"] == 2
    assert overall["naiveRmse"]["persistence"] == 4
    assert overall["bestNaive"] == "damped"
    assert overall["rmseToBestNaive"] == pytest.approx(np.sqrt(2.5) / 2, abs=1e-6)
    assert overall["maeToBestNaive"] == 0.25
    assert overall["brierBike"] == 0.0625
    assert overall["brierSkillBike"] == 0.75
    assert overall["departuresRmseToClimatology"] == pytest.approx(np.sqrt(12.5) / np.sqrt(0.5), abs=1e-4)
    assert [bucket["upToHours"] for bucket in metrics["byHorizon"]] == [1, 24]
    assert [bucket["rmse"] for bucket in metrics["byHorizon"]] == [1, 2]


def test_model_and_opponents_are_scored_on_the_same_rows() -> None:
    metrics: dict[str, Any] = score(*four_rows([6.0, 8.0, np.nan, np.nan]))
    assert metrics["overall"]["rows"] == 2
    assert metrics["overall"]["rmse"] == 1
    assert metrics["overall"]["naiveRmse"]["persistence"] == 4


def test_without_any_row_of_all_opponents_there_is_no_ratio() -> None:
    metrics: dict[str, Any] = score(*four_rows([np.nan] * 4))
    assert metrics["overall"]["rows"] == 4
    assert metrics["overall"]["comparedRows"] == 0
    assert metrics["overall"]["rmseToBestNaive"] is None
