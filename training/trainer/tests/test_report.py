from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import image

from tests.child_process import PACKAGE_FOLDER
from tests.fit_requests import request_json
from tests.generated_city import City
from velocast_trainer.bands import average, join_bands
from velocast_trainer.bundle import Bundle, read_bundle
from velocast_trainer.fit import Result, fit
from velocast_trainer.horizons import HorizonRange
from velocast_trainer.onnx_graph import build_graph
from velocast_trainer.progress import Progress
from velocast_trainer.report import write_report
from velocast_trainer.request import parse_request
from velocast_trainer.split_counts import split_counts
from velocast_trainer.tree_ensemble import Tree, TreeEnsemble

PICTURES = ("error-by-horizon.png", "reliability.png", "importance.png")
REPORT_FILES = (*PICTURES, "metrics-by-horizon.csv", "splits-by-feature.csv")


@pytest.fixture(scope="module")
def fitted(city: City, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Bundle]:
    request = parse_request(request_json(city, tmp_path_factory.mktemp("report")))
    result = fit(request, Progress(lambda event: None, lambda: 0.0))
    return result, read_bundle(request.out_dir / "bundle")


def report_of(result: Result, bundle: Bundle, folder: Path) -> dict[str, bytes]:
    folder.mkdir(exist_ok=True)
    write_report(folder, result, split_counts(bundle))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_pictures_and_tables_are_the_same_bytes_every_time(fitted: tuple[Result, Bundle], tmp_path: Path) -> None:
    first = report_of(*fitted, tmp_path / "first")
    assert set(first) == set(REPORT_FILES)
    assert report_of(*fitted, tmp_path / "again") == first


def test_pictures_show_something(fitted: tuple[Result, Bundle], tmp_path: Path) -> None:
    report_of(*fitted, tmp_path)
    for name in PICTURES:
        pixels = image.imread(tmp_path / name)
        assert min(pixels.shape[:2]) > 300
        assert 0.01 < np.mean(pixels[:, :, :3].min(axis=2) < 0.9) < 0.6


def test_nobodys_settings_change_them(fitted: tuple[Result, Bundle], tmp_path: Path) -> None:
    here = report_of(*fitted, tmp_path / "here")
    (tmp_path / "matplotlibrc").write_text("figure.facecolor: black\nfont.size: 30\nbackend: TkAgg\n")
    (tmp_path / "told.json").write_text(json.dumps([fitted[0], split_counts(fitted[1])]))
    there = tmp_path / "there"
    there.mkdir()
    script = (
        "import json, sys; from pathlib import Path; from velocast_trainer.report import write_report; "
        "write_report(Path(sys.argv[1]), *json.loads(Path(sys.argv[2]).read_text()))"
    )
    subprocess.run(
        [sys.executable, "-c", script, str(there), str(tmp_path / "told.json")],
        cwd=PACKAGE_FOLDER,
        env={**os.environ, "MATPLOTLIBRC": str(tmp_path)},
        check=True,
    )
    assert {path.name: path.read_bytes() for path in there.iterdir()} == here


def test_the_tables_hold_the_figures_of_the_result(fitted: tuple[Result, Bundle], tmp_path: Path) -> None:
    result: dict[str, Any] = fitted[0]
    report_of(*fitted, tmp_path)
    with (tmp_path / "metrics-by-horizon.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    by_horizon = result["metrics"]["byHorizon"]
    assert [float(row["rmse"]) for row in rows] == [bucket["rmse"] for bucket in by_horizon]
    assert [float(row["naiveRmse.damped"]) for row in rows] == [bucket["naiveRmse"]["damped"] for bucket in by_horizon]


def test_a_history_without_opponents_has_pictures_too(fitted: tuple[Result, Bundle], tmp_path: Path) -> None:
    """As of the first days: nothing to compare with, no dock ever known."""
    result: dict[str, Any] = fitted[0]
    nothing: dict[str, Any] = {"naiveRmse": None, "naiveMae": None, "mae": None}
    first_days = {
        **result,
        "metrics": {
            "overall": {**result["metrics"]["overall"], "eceDock": None},
            "byHorizon": [{**bucket, **nothing} for bucket in result["metrics"]["byHorizon"]],
        },
        "reliability": {**result["reliability"], "dock": []},
    }
    assert set(report_of(first_days, fitted[1], tmp_path)) == set(REPORT_FILES)


def test_reliability_adds_up_to_the_calibration_error(fitted: tuple[Result, Bundle]) -> None:
    result: dict[str, Any] = fitted[0]
    for subject, bins in result["reliability"].items():
        rows = sum(each["rows"] for each in bins)
        error = sum(each["rows"] * abs(each["said"] - each["happened"]) for each in bins) / rows
        assert error == pytest.approx(result["metrics"]["overall"][f"ece{subject.capitalize()}"], abs=1e-5)


def a_tree(features: list[int], value: float) -> Tree:
    """A chain of splits on these, each with a leaf to its left."""
    count = len(features)
    return Tree(
        feature=np.array(features),
        threshold=np.full(count, 1.125, dtype=np.float32),
        missing_left=np.zeros(count, dtype=np.bool_),
        left=-np.arange(1, count + 1),
        right=np.array([*range(1, count), -(count + 1)]),
        leaf_value=np.arange(count + 1, dtype=np.float64) + value,
    )


def test_splits_are_counted_without_those_that_keep_the_bands_apart() -> None:
    """Feature 0 is the horizon; every threshold is the end of the first band, and most are the model's own."""
    short = TreeEnsemble((a_tree([1, 0, 2], 0.5), a_tree([2], 0.5)), 3.0, "identity")
    long = average([TreeEnsemble((a_tree([0, 2], 1.0),), 2.0, "identity"), TreeEnsemble((), 1.0, "identity")])
    bands = [(HorizonRange(-1, 1, False), short), (HorizonRange(1, 168, True), long)]
    graph = build_graph({"joined": join_bands(bands, 0), "alone": short, "none": TreeEnsemble((), 1.0, "exp")}, 4)
    manifest = {
        "features": ["h", "a", "b", "c"],
        "horizonFeature": "h",
        "bands": [{"upToHours": 1}, {"upToHours": 168}],
    }
    assert split_counts(Bundle(manifest, "", graph)) == {
        "joined": {"h": 2, "a": 1, "b": 3, "c": 0},
        "alone": {"h": 1, "a": 1, "b": 2, "c": 0},
        "none": {"h": 0, "a": 0, "b": 0, "c": 0},
    }
