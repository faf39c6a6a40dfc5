"""A backtest as it is run by hand: a child process, fitted on the first weeks of a city, tried on the days after."""

from __future__ import annotations

import csv
import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tests.child_process import Run, run
from tests.fit_requests import RequestJson, request_json
from tests.generated_city import HORIZONS_HOURS, START_MS, City, generate_city
from velocast_trainer.backtest import backtest
from velocast_trainer.dataset import HOUR_MS
from velocast_trainer.importance import measure_importance
from velocast_trainer.progress import Progress
from velocast_trainer.request import parse_backtest_request

DAY_MS = 24 * HOUR_MS
TEST_FROM = START_MS + 30 * DAY_MS
MINUTES = [15, 30, 60, 180, 1440, 10_080]
NAIVE = ("naivePersistence", "naiveYesterday", "naiveLastWeek", "naiveClimatology", "naiveDamped")
Columns = dict[str, np.ndarray]


def until_and_from(city: City, moment: int) -> tuple[City, City]:
    is_older = pc.less(city.table["target_at"], moment)
    older, newer = city.table.filter(is_older), city.table.filter(pc.invert(is_older))
    return City(city.features, older.combine_chunks()), City(city.features, newer.combine_chunks())


@pytest.fixture(scope="module")
def cities() -> tuple[City, City]:
    return until_and_from(generate_city(days=36, rows=10_000), TEST_FROM)


def backtest_request(cities: tuple[City, City], folder: Path, **changes: Any) -> RequestJson:
    older, newer = cities
    folder.mkdir(parents=True, exist_ok=True)
    return request_json(
        older,
        folder,
        **{
            "split": {"train": 0.7, "early": 0.3, "test": 0, "gapHours": 168},
            "testDataset": str(newer.write(folder / "test.arrow")),
            "horizonsMinutes": MINUTES,
            "predictions": str(folder / "said" / "rows.parquet"),
            **changes,
        },
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backtest")


@pytest.fixture(scope="module")
def done(cities: tuple[City, City], folder: Path) -> Run:
    return run(backtest_request(cities, folder), "backtest")


@pytest.fixture(scope="module")
def said(done: Run, folder: Path) -> Columns:
    table = pq.read_table(folder / "said" / "rows.parquet")
    return {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}


def test_a_backtest_ends_with_figures_for_every_horizon_that_was_asked_for(done: Run) -> None:
    assert done.exit_code == 0
    result = done.result
    assert result["manifestSha256"] == hashlib.sha256(done.bundle_file("manifest.json")).hexdigest()
    assert [cell["minutes"] for cell in result["horizons"]] == MINUTES
    for cell in result["horizons"]:
        empty = {name for name, value in cell.items() if value is None}
        # A station with a hundred rows of one horizon is asked too much here.
        assert empty == {"stationsCovered85"}
    overall = result["overall"]
    assert overall["rows"] == result["rows"]
    assert min(overall["coverage90"], overall["stationsCovered85"], overall["winklerRatio"]) > 0
    assert {each["hourUtc"] for each in result["byHour"]} == set(range(24))
    assert len(result["bySize"]) >= 2
    assert result["parity"]["maxAbsDifference"] <= 1e-4
    assert set(result["split"]["parts"]) == {"train", "stopping", "calibration", "refit"}
    assert max(part["lastTargetAt"] for part in result["split"]["parts"].values()) < TEST_FROM
    assert {"load", "leaks", "fit", "refit", "score", "predictions"} <= set(result["secondsByStage"])
    assert 50 < result["peakRssMb"] < 5_000


def test_every_row_of_the_test_set_that_can_be_scored_is_among_the_predictions(
    done: Run, said: Columns, cities: tuple[City, City]
) -> None:
    newer = cities[1]
    scored = ~np.isnan(newer.column("label_bikes"))
    assert done.result["rows"] == len(said["mean"]) == scored.sum()
    for ours, theirs in (("targetAt", "target_at"), ("asOf", "as_of"), ("actual", "label_bikes")):
        assert np.array_equal(said[ours], newer.table[theirs].to_numpy()[scored])
    assert list(said["station"]) == list(np.array(newer.table["station_id"].to_pylist())[scored])
    assert set(said["horizonMinutes"]) == {round(hours * 60) for hours in HORIZONS_HOURS}
    assert np.abs((said["targetAt"] - said["asOf"]) / 60_000 - said["horizonMinutes"]).max() <= 7.5


def rmse(forecast: np.ndarray, truth: np.ndarray) -> float:
    return math.sqrt(float(np.mean((forecast - truth) ** 2)))


def winkler(low: np.ndarray, high: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean(high - low + 20 * np.maximum(low - truth, 0) + 20 * np.maximum(truth - high, 0)))


def calibration_error(forecast: np.ndarray, happened: np.ndarray) -> float:
    error = 0.0
    for bin_ in range(10):
        rows = (forecast >= bin_ / 10) & ((forecast < (bin_ + 1) / 10) | (bin_ == 9))
        if rows.any():
            error += rows.mean() * abs(float(forecast[rows].mean()) - float(happened[rows].mean()))
    return error


def figures(rows: Columns) -> dict[str, float]:
    """Written down anew, from nothing but the columns of the predictions."""
    opponents = np.column_stack([rows[name] for name in NAIVE])
    same = ~np.isnan(opponents).any(axis=1)
    truth = rows["actual"][same]
    mean, low, median, high = (rows[name][same] for name in ("mean", "q05", "q50", "q95"))
    some = truth > 0
    best = min(rmse(opponents[same, index], truth) for index in range(len(NAIVE)))
    best_mae = min(float(np.abs(opponents[same, index] - truth).mean()) for index in range(len(NAIVE)))
    above = truth - high
    worked_out = {
        "rows": float(same.sum()),
        "rmse": rmse(mean, truth),
        "mae": float(np.abs(median - truth).mean()),
        "mape": float((np.abs(mean - truth)[some] / truth[some]).mean()),
        "r2": 1 - rmse(mean, truth) ** 2 / float(truth.astype(np.float64).var()),
        "pinball95": float(np.where(above > 0, 0.95 * above, -0.05 * above).mean()),
        "coverage90": float(((truth >= low) & (truth <= high)).mean()),
        "winkler": winkler(low, high, truth),
        "winklerRatio": winkler(low, high, truth) / winkler(median * 0.85, median * 1.15, truth),
        "rmseToBestNaive": rmse(mean, truth) / best,
        "maeToBestNaive": float(np.abs(median - truth).mean()) / best_mae,
    }
    for of, probability, label in (("Bike", "pBike", "actual"), ("Dock", "pDock", "actualDocks")):
        happened = (rows[label] >= 1).astype(np.float64)
        worked_out[f"brier{of}"] = float(np.mean((rows[probability] - happened) ** 2))
        worked_out[f"ece{of}"] = calibration_error(rows[probability], happened)
        rate = rows[f"naive{of}Rate"]
        worked_out[f"brierSkill{of}"] = 1 - worked_out[f"brier{of}"] / float(np.mean((rate - happened) ** 2))
    for flow in ("departures", "arrivals"):
        happened = rows[f"actual{flow.capitalize()}"]
        worked_out[f"{flow}Rmse"] = rmse(rows[flow], happened)
        rate = rows[f"naive{flow.capitalize()}"]
        worked_out[f"{flow}RmseToClimatology"] = rmse(rows[flow], happened) / rmse(rate, happened)
        inside = (happened >= rows[f"{flow}Q05"]) & (happened <= rows[f"{flow}Q95"])
        worked_out[f"{flow}Coverage90"] = float(inside.mean())
    return worked_out


def test_the_figures_can_be_worked_out_again_from_the_predictions(done: Run, said: Columns) -> None:
    for cell in done.result["horizons"]:
        rows = {name: values[said["horizonMinutes"] == cell["minutes"]] for name, values in said.items()}
        again = figures(rows)
        # Ratios in the result are of rounded figures.
        assert {name: cell[name] for name in again} == pytest.approx(again, abs=1e-4)


def test_hours_and_sizes_and_reliability_can_be_worked_out_again_too(done: Run, said: Columns) -> None:
    result = done.result
    hour = said["targetAt"] // HOUR_MS % 24
    for cell in result["byHour"]:
        rows = hour == cell["hourUtc"]
        assert cell["rows"] == rows.sum()
        assert cell["rmse"] == pytest.approx(rmse(said["mean"][rows], said["actual"][rows]), abs=2e-5)
    for cell, (least, most) in zip(result["bySize"], ((0, 15), (15, 25), (25, 99)), strict=True):
        rows = (said["capacity"] > least) & (said["capacity"] <= most)
        assert cell["rows"] == rows.sum()
    for of, probability, label in (("bike", "pBike", "actual"), ("dock", "pDock", "actualDocks")):
        bins = result["reliability"][of]
        assert sum(each["rows"] for each in bins) == len(said["mean"])
        error = sum(each["rows"] * abs(each["said"] - each["happened"]) for each in bins) / len(said["mean"])
        happened = (said[label] >= 1).astype(np.float64)
        assert error == pytest.approx(calibration_error(said[probability], happened), abs=2e-5)


def test_a_model_of_the_first_weeks_is_better_than_the_opponents_on_the_days_after(done: Run) -> None:
    by_minutes = {cell["minutes"]: cell for cell in done.result["horizons"]}
    for minutes in (180, 1440):
        assert by_minutes[minutes]["rmse"] < 0.95 * by_minutes[minutes]["naiveRmse"]["persistence"]
        assert 0.8 < by_minutes[minutes]["coverage90"] < 0.97


def test_a_csv_has_the_same_rows_and_the_same_request_the_same_figures(
    done: Run, said: Columns, cities: tuple[City, City], tmp_path: Path
) -> None:
    path = tmp_path / "rows.csv"
    again = run(backtest_request(cities, tmp_path, predictions=str(path), threads=1), "backtest")
    timeless = {"secondsByStage", "peakRssMb", "bundleDir"}
    assert {name: value for name, value in again.result.items() if name not in timeless} == {
        name: value for name, value in done.result.items() if name not in timeless
    }
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(said)
    assert [row["station"] for row in rows] == list(said["station"])
    for name, values in said.items():
        if name != "station":
            read = np.array([float(row[name] or "nan") for row in rows])
            assert np.array_equal(read, values.astype(np.float64), equal_nan=True)


def test_a_horizon_without_rows_is_left_out_and_without_a_path_no_row_is_written(
    cities: tuple[City, City], tmp_path: Path
) -> None:
    request = backtest_request(cities, tmp_path, horizonsMinutes=[60, 75], predictions=None)
    progress = Progress(lambda _: None, lambda: 0.0)
    horizons: Any = backtest(parse_backtest_request(request), progress)["horizons"]
    assert [cell["minutes"] for cell in horizons] == [60]
    assert "predictions" not in progress.seconds_by_stage


def test_a_test_set_that_is_too_small_is_bad_input(cities: tuple[City, City], tmp_path: Path) -> None:
    older, newer = cities
    few = City(newer.features, newer.table.slice(0, 50))
    bad = run(backtest_request((older, few), tmp_path), "backtest")
    assert (bad.exit_code, bad.events[-1]["code"]) == (2, "too-few-test-rows")
    assert not (bad.out_dir / "result.json").exists()


def test_what_the_features_of_a_backtest_are_worth_is_measured_on_its_test_set(done: Run, folder: Path) -> None:
    gains = measure_importance(done.out_dir / "bundle", folder / "test.arrow", most_rows=1_000, seed=1, threads=1)
    assert gains["bikes"]["bikes_mean"].share > gains["idle_0"]["bikes_mean"].share
