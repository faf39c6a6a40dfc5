"""Every number is worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.handmade import a_forecast, a_truth
from velocast_trainer.dataset import HOUR_MS
from velocast_trainer.forecast import Forecast
from velocast_trainer.scores import Truth, expected_calibration_error, score

NAN = np.nan
NAIVE = ("naive_persistence", "naive_yesterday", "naive_last_week", "naive_climatology", "naive_damped")


def four_rows(naive_damped: list[float]) -> tuple[Forecast, Truth]:
    """Two at 1 h, two at 24 h; the mean is off by 1, 1, 2, 2, the last truth is outside its interval by 1."""
    bikes = np.array([4.0, 6.0, 2.0, 9.0])
    forecast = a_forecast(
        4,
        bikes_mean=bikes + np.array([1, -1, 2, -2]),
        bikes_q05=bikes - np.array([1, 1, 1, 3]),
        bikes_q50=bikes + np.array([0, 1, 0, -1]),
        bikes_q95=bikes + np.array([1, 1, 1, -1]),
        p_bike=[1.0, 0.5, 1.0, 1.0],
        p_dock=1.0,
        departures_q95=[3, 3, 9, 9],
        arrivals_mean=[1, 2, 3, 4],
        arrivals_q05=[1, 1, 1, 1],
        arrivals_q95=[2, 2, 2, 2],
    )
    truth = a_truth(
        4,
        named_hours=[1, 1, 24, 24],
        bikes=bikes,
        had_bike=1.0,
        had_dock=[1, NAN, 1, 0],
        departures=[3, 4, NAN, NAN],
        arrivals=[1, 2, 3, 6],
        had_bike_rate=0.5,
        had_dock_rate=0.5,
        departures_rate=4.0,
        arrivals_rate=[2, 3, 4, NAN],
        naive={**dict.fromkeys(NAIVE, bikes + 4), "naive_damped": naive_damped},
    )
    return forecast, truth


def overall_of(forecast: Forecast, truth: Truth) -> dict[str, Any]:
    overall: Any = score(forecast, truth)["overall"]
    return dict(overall)


def test_numbers_are_those_worked_out_by_hand() -> None:
    metrics: dict[str, Any] = score(*four_rows([6.0, 8.0, 4.0, 11.0]))
    overall = metrics["overall"]
    assert overall["rows"] == overall["comparedRows"] == 4
    assert overall["rmse"] == pytest.approx(np.sqrt(10 / 4), abs=1e-6)
    assert overall["mae"] == 0.5
    # The bikes' variance is 26.75 / 4.
    assert overall["r2"] == pytest.approx(1 - 10 / 26.75, abs=1e-6)
    assert overall["mape"] == pytest.approx((1 / 4 + 1 / 6 + 2 / 2 + 2 / 9) / 4, abs=1e-6)
    assert overall["coverage90"] == 0.75
    assert overall["winkler"] == (2 + 2 + 2 + 2 + 20) / 4
    assert overall["naiveRmse"]["damped"] == 2
    assert overall["naiveRmse"]["persistence"] == 4
    assert overall["naiveMae"]["damped"] == 2
    assert overall["bestNaive"] == "damped"
    assert overall["rmseToBestNaive"] == pytest.approx(np.sqrt(2.5) / 2, abs=1e-6)
    assert overall["maeToBestNaive"] == 0.25
    assert overall["brierBike"] == 0.0625
    assert overall["brierBikeOfClimatology"] == 0.25
    assert overall["brierSkillBike"] == 0.75
    assert overall["brierDock"] == pytest.approx(1 / 3, abs=1e-6)
    assert [bucket["upToHours"] for bucket in metrics["byHorizon"]] == [1, 24]
    assert [bucket["rmse"] for bucket in metrics["byHorizon"]] == [1, 2]


def test_pinball_losses_count_what_is_above_by_the_level_and_what_is_below_by_the_rest() -> None:
    overall = overall_of(*four_rows([6.0, 8.0, 4.0, 11.0]))
    assert overall["pinball05"] == pytest.approx((1 + 1 + 1 + 3) * 0.05 / 4, abs=1e-6)
    assert overall["pinball50"] == pytest.approx((1 * 0.5 + 1 * 0.5) / 4, abs=1e-6)
    # Above by one in three rows, below by one in the last.
    assert overall["pinball95"] == pytest.approx((3 * 0.05 + 1 * 0.95) / 4, abs=1e-6)


def test_an_interval_is_compared_with_fifteen_percent_around_the_median() -> None:
    forecast = a_forecast(2, bikes_q05=[8, 18], bikes_q50=[10, 20], bikes_q95=[12, 22])
    overall = overall_of(forecast, a_truth(2, bikes=[10, 24]))
    assert overall["winkler"] == (4 + 4 + 20 * 2) / 2
    assert overall["winklerOfPlusMinus15Percent"] == pytest.approx((3 + 6 + 20 * 1) / 2)
    assert overall["winklerRatio"] == pytest.approx(48 / 29, abs=1e-6)


def test_a_station_without_bikes_is_no_percentage() -> None:
    overall = overall_of(a_forecast(3, bikes_mean=[3, 3, 3]), a_truth(3, bikes=[0, 2, 4]))
    assert overall["mape"] == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert overall_of(a_forecast(1), a_truth(1))["mape"] is None


def test_flows_are_compared_with_their_rates_where_both_are_known() -> None:
    overall = overall_of(*four_rows([6.0, 8.0, 4.0, 11.0]))
    assert overall["departuresRmse"] == pytest.approx(np.sqrt(12.5), abs=1e-6)
    assert overall["departuresRmseOfClimatology"] == pytest.approx(np.sqrt(0.5), abs=1e-6)
    assert overall["departuresRmseToClimatology"] == pytest.approx(5, abs=1e-4)
    assert overall["arrivalsRmse"] == 0
    assert overall["arrivalsRmseOfClimatology"] == 1
    # 3 is within 0 to 3, 4 is not; 1 and 2 are within 1 to 2, 3 and 6 are not.
    assert overall["departuresCoverage90"] == 0.5
    assert overall["arrivalsCoverage90"] == 0.5


def test_the_calibration_error_is_the_distance_of_word_and_deed_by_bin_weighed_by_rows() -> None:
    said = np.array([0.01, 0.03, 0.55, 0.58, 0.95, 1.0, 1.0, 1.0])
    happened = np.array([0, 0, 1, 0, 1, 1, 1, 0], dtype=np.float64)
    # Bins of 0 to 0.1 (0.02 said, 0 happened), 0.5 to 0.6 (0.565, 0.5), 0.9 to 1 (0.9875, 0.75).
    by_hand = (2 * 0.02 + 2 * 0.065 + 4 * 0.2375) / 8
    assert expected_calibration_error(said, happened) == pytest.approx(by_hand, abs=1e-6)
    assert expected_calibration_error(said[:0], happened[:0]) is None


def test_errors_of_both_signs_cancel_within_a_bin_only() -> None:
    assert expected_calibration_error(np.array([0.5, 0.5]), np.array([0.0, 1.0])) == 0
    assert expected_calibration_error(np.array([0.2, 0.8]), np.array([1.0, 0.0])) == pytest.approx(0.8)


def test_the_calibration_error_is_taken_of_rows_without_a_climatology_too() -> None:
    truth = a_truth(2, had_bike=[1, 0], had_bike_rate=[0.5, NAN])
    overall = overall_of(a_forecast(2, p_bike=[1.0, 1.0]), truth)
    assert overall["eceBike"] == 0.5
    assert overall["brierBike"] == 0.5
    # Of the first row alone: nothing against 0.25.
    assert overall["brierSkillBike"] == 1


def test_stations_with_rows_enough_are_covered_or_not() -> None:
    """Of 200 rows each: the first station is covered 90 % of the time, the second 80 %; the third has 99 rows only."""
    station = np.repeat([0, 1, 2], [200, 200, 99])
    place = np.concatenate([np.arange(200), np.arange(200), np.arange(99)])
    bikes = np.where(place < np.array([20, 40, 99])[station], 9.0, 0.0)
    overall = overall_of(a_forecast(len(station)), a_truth(len(station), station=station, bikes=bikes))
    assert overall["stationsCovered85"] == 0.5
    few = a_truth(99, station=0)
    assert overall_of(a_forecast(99), few)["stationsCovered85"] is None


def test_hours_of_the_day_and_sizes_of_stations_are_scored_alone() -> None:
    hours = np.array([0, 0, 23, 23]) * HOUR_MS + 1
    truth = a_truth(4, target_at=hours, capacity=[15, 16, 26, NAN], bikes=[1, 2, 3, NAN])
    metrics: dict[str, Any] = score(a_forecast(4, bikes_q50=[1, 1, 1, 1]), truth)
    assert metrics["byHour"] == [
        {"hourUtc": 0, "rows": 2, "rmse": pytest.approx(np.sqrt(2.5), abs=1e-6), "mae": 0.5},
        {"hourUtc": 23, "rows": 1, "rmse": 3, "mae": 2},
    ]
    assert [(each["size"], each["rows"], each["mae"]) for each in metrics["bySize"]] == [
        ("up to 15 docks", 1, 0),
        ("up to 25 docks", 1, 1),
        ("more than 25 docks", 1, 2),
    ]


def test_model_and_opponents_are_scored_on_the_same_rows() -> None:
    metrics: dict[str, Any] = score(*four_rows([6.0, 8.0, NAN, NAN]))
    assert metrics["overall"]["rows"] == 2
    assert metrics["overall"]["rmse"] == 1
    assert metrics["overall"]["naiveRmse"]["persistence"] == 4


def test_of_a_short_history_the_model_is_compared_with_the_opponents_that_are_known() -> None:
    for hardly_known in ([NAN] * 4, [NAN, NAN, NAN, 9.0]):
        overall = overall_of(*four_rows(hardly_known))
        assert overall["rows"] == overall["comparedRows"] == 4
        assert overall["naiveRmse"]["damped"] is None
        assert overall["naiveMae"]["damped"] is None
        assert overall["naiveRmse"]["persistence"] == 4
        assert overall["bestNaive"] != "damped"
        assert overall["rmseToBestNaive"] == pytest.approx(2.5**0.5 / 4, abs=1e-6)


def test_without_any_opponent_there_is_no_ratio() -> None:
    forecast, truth = four_rows([NAN] * 4)
    overall = overall_of(forecast, replace(truth, naive={name: said * NAN for name, said in truth.naive.items()}))
    assert (overall["rows"], overall["comparedRows"]) == (4, 0)
    assert overall["rmseToBestNaive"] is None


def test_where_nothing_is_known_every_figure_is_null() -> None:
    unknown = a_truth(2, bikes=NAN, had_bike=NAN, had_dock=NAN, departures=NAN, arrivals=NAN)
    overall = overall_of(a_forecast(2), unknown)
    assert overall.pop("rows") == overall.pop("comparedRows") == 0
    assert set(overall.values()) == {None}
