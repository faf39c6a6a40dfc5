from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.fit_requests import request_json
from tests.generated_city import City
from velocast_trainer.failures import BadInput
from velocast_trainer.fit import fit
from velocast_trainer.importance import _gain, importance_report, measure_importance
from velocast_trainer.progress import Progress
from velocast_trainer.request import parse_request


@pytest.fixture(scope="module")
def fitted(city: City, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A bundle and the data set that it was fitted on."""
    request = parse_request(request_json(city, tmp_path_factory.mktemp("importance")))
    fit(request, Progress(lambda event: None, lambda: 0.0))
    return request.out_dir / "bundle", request.dataset


def test_a_feature_that_the_model_lives_on_is_told_from_one_that_says_nothing(fitted: tuple[Path, Path]) -> None:
    bundle, dataset = fitted
    gains = measure_importance(bundle, dataset, most_rows=2_000, seed=1, threads=1)
    report = json.loads(json.dumps(importance_report(gains)))
    assert set(report) == set(json.loads((bundle / "manifest.json").read_bytes())["features"])
    assert report["bikes"]["helps"]
    assert report["bikes"]["gains"]["bikes_mean"]["share"] > 0.02


def test_it_is_the_same_every_time(fitted: tuple[Path, Path]) -> None:
    first, second = (measure_importance(*fitted, most_rows=300, seed=5, threads=2) for _ in range(2))
    assert first == second


def test_a_gain_is_judged_by_the_days_not_by_the_rows() -> None:
    days = np.repeat(np.arange(4), 1_000)
    whole = np.ones(4_000)
    one_bad_day = np.where(days == 0, 2.0, 1.0)
    assert not _gain(whole, one_bad_day, days).is_convincing
    assert _gain(whole, whole * 1.2, days).is_convincing
    assert _gain(whole, whole * 1.2, days).share == pytest.approx(0.2)


def test_rows_that_the_model_was_fitted_on_are_not_scored(fitted: tuple[Path, Path], tmp_path: Path) -> None:
    bundle, dataset = fitted
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    manifest["split"]["parts"]["test"]["firstTargetAt"] = 2**52
    newer = tmp_path / "bundle"
    newer.mkdir()
    for file in bundle.iterdir():
        (newer / file.name).write_bytes(file.read_bytes())
    (newer / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BadInput, match="no row as new"):
        measure_importance(newer, dataset, most_rows=300, seed=1, threads=1)


def test_the_command_prints_one_event(fitted: tuple[Path, Path]) -> None:
    bundle, dataset = fitted
    command = ["importance", "--bundle", str(bundle), "--dataset", str(dataset), "--rows", "300"]
    done = subprocess.run(
        [sys.executable, "-m", "velocast_trainer", *command],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        check=True,
    )
    [event] = [json.loads(line) for line in done.stdout.splitlines()]
    assert event["event"] == "done"
