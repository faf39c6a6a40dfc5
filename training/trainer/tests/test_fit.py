"""Whole runs, as the training consumer starts them: a child process, a request, a folder. Where it is about what comes
of the request and not about the process, the same in this one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.child_process import PACKAGE_FOLDER, Run, command, run
from tests.fit_requests import fit_here, request_json
from tests.generated_city import City
from velocast_trainer.calibration import calibration_from_report
from velocast_trainer.champion import NotComparable, score_champion
from velocast_trainer.dataset import Dataset
from velocast_trainer.failures import BadInput, ModelRefused
from velocast_trainer.fit_outputs import best_of_few
from velocast_trainer.forecast import StationNow, forecast_from_outputs
from velocast_trainer.graph_runner import open_graph
from velocast_trainer.scores import truth_of
from velocast_trainer.split import Split


@pytest.fixture(scope="module")
def first_run(city: City, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(request_json(city, tmp_path_factory.mktemp("first")))


@pytest.fixture(scope="module")
def again(first_run: Run, city: City, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same with one thread, the first for its champion."""
    champion = {"bundleDir": str(first_run.out_dir / "bundle")}
    return run(request_json(city, tmp_path_factory.mktemp("again"), threads=1, champion=champion))


def test_a_run_ends_with_a_result_and_a_bundle(first_run: Run) -> None:
    assert first_run.exit_code == 0
    result = first_run.result
    assert result["manifestSha256"] == hashlib.sha256(first_run.bundle_file("manifest.json")).hexdigest()
    assert result["runId"] is result["modelVersion"] is result["artifactUri"] is None
    assert result["champion"] is None
    assert result["parity"]["rows"] > 8_000
    assert result["parity"]["maxAbsDifference"] <= 1e-4
    assert {"load", "leaks", "fit", "parity", "score"} <= set(result["secondsByStage"])
    outputs = {event["output"] for event in first_run.events if "output" in event}
    assert outputs == {output["name"] for output in first_run.bundle_json("manifest.json")["outputs"]}
    assert first_run.events[-1]["event"] == "done"


def test_the_manifest_says_what_it_was_made_from(first_run: Run, city: City) -> None:
    manifest = first_run.bundle_json("manifest.json")
    assert manifest["features"] == list(city.features)
    assert manifest["fingerprint"] == "0123456789abcdef" * 4
    assert manifest["maxHorizonHours"] == 168
    assert manifest["outputs"][0] == {"name": "bikes_mean", "kind": "change", "quantity": "bikes"}
    assert manifest["format"] == 2
    calibration = manifest["calibration"]
    hours = calibration["horizonHours"]
    assert hours == sorted(set(hours))
    tables = ("meanShare", "medianShare", "lower", "upper", "lowerShare", "upperShare")
    assert {len(calibration[table]) for table in tables} == {len(hours)}
    for curves in (calibration["bikeCurve"], calibration["dockCurve"]):
        assert [len(curve) for curve in curves] == [len(calibration["curveAt"])] * len(hours)
    assert [band["upToHours"] for band in manifest["bands"]] == [6, 168]
    assert {tuple(band["taken"]) for band in manifest["bands"]} == {("lightgbm",)}
    assert manifest["params"]["boosters"] == ["lightgbm"]
    assert manifest["split"]["gapNote"] == "as requested"
    assert manifest["split"]["parts"]["test"]["rows"] > 1_000


def test_the_graph_answers_the_golden_rows_as_the_bundle_says(first_run: Run) -> None:
    golden = first_run.bundle_json("golden.json")
    rows = np.array(golden["rows"], dtype=np.float32)
    outputs = open_graph(first_run.bundle_file("model.onnx"), threads=1)(rows)
    for name, expected in golden["outputs"].items():
        assert outputs[name] == pytest.approx(expected, abs=golden["tolerance"])
    calibration = calibration_from_report(first_run.bundle_json("manifest.json")["calibration"])
    now = StationNow(**{name: np.array(values, dtype=np.float64) for name, values in golden["now"].items()})
    forecast = forecast_from_outputs(
        {name: np.array(values, dtype=np.float32) for name, values in golden["outputs"].items()}, calibration, now
    )
    for name, expected in golden["forecasts"].items():
        numbers = np.array(expected, dtype=np.float64)
        assert getattr(forecast, name) == pytest.approx(numbers, abs=golden["tolerance"], nan_ok=True)


def test_the_model_has_learnt_something(first_run: Run) -> None:
    overall = first_run.result["metrics"]["overall"]
    for naive in ("persistence", "yesterday", "last_week"):
        assert overall["rmse"] < 0.95 * overall["naiveRmse"][naive]
    assert overall["brierSkillBike"] > 0.0
    assert 0.85 < overall["coverage90"] < 0.95
    assert overall["eceBike"] < 0.05
    assert overall["eceDock"] < 0.05
    for flow in ("departures", "arrivals"):
        # The climatology of the generated city is the rate that its numbers are drawn with.
        assert 1 < overall[f"{flow}RmseToClimatology"] < 1.3
        assert 0.85 < overall[f"{flow}Coverage90"] < 1


def test_the_same_request_gives_the_same_bytes_with_any_number_of_threads(
    first_run: Run, again: Run, city: City, tmp_path: Path
) -> None:
    for name in ("manifest.json", "golden.json", "model.onnx"):
        assert again.bundle_file(name) == first_run.bundle_file(name)
    fit_here(request_json(city, tmp_path, seed=12))
    assert (tmp_path / "out" / "bundle" / "model.onnx").read_bytes() != first_run.bundle_file("model.onnx")


def test_all_three_boosters_fit_the_mean_and_the_best_of_each_band_is_taken_the_same_with_any_number_of_threads(
    city: City, tmp_path: Path
) -> None:
    boosters = ["lightgbm", "xgboost", "catboost"]
    two, one = (
        run(request_json(city, tmp_path / str(threads), boosters=boosters, threads=threads)) for threads in (2, 1)
    )
    assert two.exit_code == 0
    for name in ("manifest.json", "golden.json", "model.onnx"):
        assert two.bundle_file(name) == one.bundle_file(name)
    assert {event["booster"] for event in two.events if "booster" in event} == set(boosters)
    bands = two.bundle_json("manifest.json")["bands"]
    for band in bands:
        errors = {name: float(error) for name, error in band["rmse"].items()}
        pairs = {"lightgbm+xgboost", "lightgbm+catboost", "xgboost+catboost"}
        assert set(errors) == {*boosters, *pairs, "lightgbm+xgboost+catboost"}
        by_members = {tuple(name.split("+")): error for name, error in errors.items()}
        assert band["taken"] == list(best_of_few(by_members))
    # One booster is best in every band here, for the line fits: test_bands holds graphs of averages to their models.
    assert two.result["parity"]["maxAbsDifference"] <= 1e-4


def test_a_champion_is_scored_on_the_same_rows_by_its_own_features(first_run: Run, city: City, tmp_path: Path) -> None:
    champion = {"bundleDir": str(first_run.out_dir / "bundle")}
    fewer = City(city.features[:-1], city.table)
    second = fit_here(request_json(fewer, tmp_path, champion=champion))
    assert second["champion"]["manifestSha256"] == first_run.result["manifestSha256"]
    assert second["champion"]["metrics"] == first_run.result["metrics"]
    comparison = second["champion"]["comparison"]
    assert comparison["days"] >= 4
    assert comparison["lower95"] <= comparison["gain"]
    assert abs(comparison["gain"]) < 0.05
    assert comparison["coverage90"] == pytest.approx(second["metrics"]["overall"]["coverage90"], abs=0.02)
    assert [band["upToHours"] for band in comparison["byBand"]] == [1, 6, 24, 168]


def test_a_model_gains_nothing_over_itself(again: Run) -> None:
    comparison = again.result["champion"]["comparison"]
    assert (comparison["gain"], comparison["lower95"]) == (0, 0)


def test_a_champion_whose_features_are_gone_is_no_opponent(first_run: Run, city: City, tmp_path: Path) -> None:
    champion = {"bundleDir": str(first_run.out_dir / "bundle")}
    fewer = City(city.features[:-1], city.table.drop_columns([city.features[-1]]))
    second = fit_here(request_json(fewer, tmp_path, champion=champion))
    assert second["champion"] is None
    assert city.features[-1] in second["championReason"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda manifest: manifest.update(format=1), "format 1"),
        (lambda manifest: manifest["outputs"].pop(), "arrivals_mean"),
        (lambda manifest: manifest["calibration"].update(curveAt=[0.0, 1.0]), "other probabilities"),
    ],
)
def test_a_champion_of_an_older_version_is_no_opponent(
    change: Callable[[dict[str, Any]], object], reason: str, first_run: Run, data: Dataset, split: Split, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(first_run.out_dir / "bundle", bundle)
    manifest = first_run.bundle_json("manifest.json")
    change(manifest)
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    scored = score_champion(bundle, data, split.test, truth_of(data, split.test), threads=1)
    assert isinstance(scored, NotComparable)
    assert reason in scored.reason


def test_bad_input_is_told_as_an_event_with_exit_code_2(city: City, tmp_path: Path) -> None:
    bad = run(request_json(city, tmp_path, features=["horizon_hours", "never_computed"]))
    assert bad.exit_code == 2
    assert bad.events[-1]["event"] == "error"
    assert bad.events[-1]["code"] == "columns-missing"
    assert "never_computed" in bad.events[-1]["detail"]
    assert not (bad.out_dir / "result.json").exists()


def test_a_leak_is_refused_with_exit_code_3(city: City, tmp_path: Path) -> None:
    leaking = city.with_column("planted", city.column("label_bikes"))
    refused = run(request_json(leaking, tmp_path))
    assert refused.exit_code == 3
    assert refused.events[-1]["code"] == "leaking-feature"
    assert not (refused.out_dir / "bundle").exists()


def test_counts_to_come_are_a_leak_too(city: City, tmp_path: Path) -> None:
    with pytest.raises(ModelRefused, match="leaking-feature"):
        fit_here(request_json(city.with_column("planted", city.column("label_arrivals")), tmp_path))


def test_a_city_where_nobody_has_left_yet_gets_a_model(city: City, tmp_path: Path) -> None:
    result = fit_here(request_json(city.with_column("label_departures", np.zeros(city.table.num_rows)), tmp_path))
    golden = json.loads((tmp_path / "out" / "bundle" / "golden.json").read_bytes())
    assert golden["forecasts"]["departures_mean"] == pytest.approx(np.zeros(32), abs=1e-5)
    assert result["metrics"]["overall"]["departuresCoverage90"] == 1


def test_sigterm_stops_a_run_in_the_middle_of_a_fit_and_leaves_no_result(city: City, tmp_path: Path) -> None:
    params = {"trees": 100_000, "leaves": 15, "minRowsPerLeaf": 50, "learningRate": 0.0001, "featureFraction": 0.7}
    request = request_json(city, tmp_path, params=params)
    with subprocess.Popen(command(request), cwd=PACKAGE_FOLDER, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        while b'"stage":"fit"' not in child.stdout.readline():
            assert child.poll() is None
        os.kill(child.pid, signal.SIGTERM)
        assert child.wait(timeout=20) == 143
    assert not (tmp_path / "out" / "result.json").exists()


def test_labels_that_are_never_known_are_bad_input(city: City, tmp_path: Path) -> None:
    blind = city.with_column("label_docks", np.full(city.table.num_rows, np.nan))
    with pytest.raises(BadInput, match="too-few-labels: p_dock"):
        fit_here(request_json(blind, tmp_path))
