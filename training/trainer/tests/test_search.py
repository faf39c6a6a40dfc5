"""A search for parameters: bounded, seeded, blind to what judges the model."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.child_process import PACKAGE_FOLDER, run
from tests.fit_requests import request_json
from tests.generated_city import City
from velocast_trainer.arrays import Rows
from velocast_trainer.booster import Booster
from velocast_trainer.dataset import Dataset
from velocast_trainer.failures import BadInput
from velocast_trainer.horizons import HorizonRange
from velocast_trainer.lightgbm_booster import LightgbmBooster
from velocast_trainer.progress import Progress
from velocast_trainer.request import BoosterParams, FitRequest, parse_request
from velocast_trainer.search import Search, search_params
from velocast_trainer.split import Split

SPACE = {
    "leaves": [7, 31],
    "minRowsPerLeaf": [20, 200],
    "learningRate": [0.05, 0.3],
    "featureFraction": [0.5, 1],
}
BANDS = (HorizonRange(-1, 6, False), HorizonRange(6, 168, True))


def asking(city: City, folder: Path, trials: int, minutes: float = 60, **changes: Any) -> dict[str, Any]:
    return request_json(city, folder, **{"search": {"trials": trials, "minutes": minutes, "space": SPACE}, **changes})


def search(
    request: FitRequest,
    data: Dataset,
    split: Split,
    progress: Progress | None = None,
    made: list[BoosterParams] | None = None,
) -> Search:
    def make_booster(params: BoosterParams) -> Booster:
        if made is not None:
            made.append(params)
        return LightgbmBooster(params, request.seed)

    assert request.search is not None
    progress = progress or Progress(lambda _: None, lambda: 0.0)
    return search_params(request, request.search, data, split, BANDS, make_booster, progress)


@pytest.fixture
def request_of_four(city: City, tmp_path: Path) -> FitRequest:
    return parse_request(asking(city, tmp_path, trials=4))


def test_a_search_ends_with_its_trials_and_takes_the_best(
    request_of_four: FitRequest, data: Dataset, split: Split
) -> None:
    found = search(request_of_four, data, split)
    assert found.ended_by == "trials"
    assert len(found.trials) == 4
    assert found.trials[0].params == request_of_four.params
    assert found.trials[0].loss == 1
    assert found.best == min(found.trials, key=lambda trial: trial.loss).params
    for trial in found.trials:
        for name, (least, most) in vars(request_of_four.search.space).items():  # type: ignore[union-attr]
            assert least <= vars(trial.params)[name] <= most
        assert trial.params.trees == request_of_four.params.trees


def test_the_same_seed_finds_the_same_with_any_number_of_threads(
    request_of_four: FitRequest, data: Dataset, split: Split
) -> None:
    found = search(request_of_four, data, split)
    assert search(replace(request_of_four, threads=1), data, split) == found
    other = search(replace(request_of_four, seed=12), data, split)
    assert [trial.params for trial in other.trials] != [trial.params for trial in found.trials]


def test_what_calibrates_and_tests_the_model_is_never_seen(
    request_of_four: FitRequest, data: Dataset, split: Split
) -> None:
    found = search(request_of_four, data, split).report()
    assert search(request_of_four, spoilt(data, [split.calibration, split.test]), split).report() == found
    assert search(request_of_four, spoilt(data, [split.stopping]), split).report() != found


def spoilt(data: Dataset, parts: Iterable[Rows]) -> Dataset:
    rows = np.concatenate(list(parts))
    features, bikes = data.features.copy(), data.labels["bikes"].copy()
    features[rows] = 0
    bikes[rows] = 1_000
    return replace(data, features=features, labels={**data.labels, "bikes": bikes})


def test_a_search_ends_in_the_middle_of_a_fit_when_its_minutes_are_over(
    city: City, data: Dataset, split: Split, tmp_path: Path
) -> None:
    # The clock goes on by a second each time it is looked at: a trial looks often, so the second one is given up.
    seconds = iter(range(10_000))
    told: list[dict[str, object]] = []
    progress = Progress(told.append, lambda: float(next(seconds)))
    request = parse_request(asking(city, tmp_path, trials=50, minutes=1 / 60))
    found = search(request, data, split, progress)
    assert (found.ended_by, len(found.trials)) == ("minutes", 1)
    assert found.best == request.params
    assert next(seconds) < 100


def test_leaves_are_as_large_a_part_of_the_sample_as_of_all_rows(
    city: City, data: Dataset, split: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("velocast_trainer.search.TRAIN_ROWS", 1_000)
    made: list[BoosterParams] = []
    search(parse_request(asking(city, tmp_path, trials=1)), data, split, made=made)
    known = split.train[~np.isnan(data.labels["bikes"][split.train] - data.bikes_now[split.train])]
    of_bands = [np.count_nonzero(band.holds(data.named_hours[known])) for band in BANDS]
    assert [params.min_rows_per_leaf for params in made] == [round(50 * 1_000 / rows) for rows in of_bands]


def test_a_fit_goes_on_with_what_was_found(city: City, tmp_path: Path) -> None:
    done = run(asking(city, tmp_path, trials=3))
    assert done.exit_code == 0
    manifest, found = done.bundle_json("manifest.json"), done.result["search"]
    assert manifest["search"] == found
    assert len(found["trials"]) == 3
    assert {name: manifest["params"][name] for name in found["found"]} == found["found"]
    told = [event["done"] for event in done.events if event.get("stage") == "search"]
    assert told == sorted(told)


def test_a_training_without_a_search_does_not_load_optuna() -> None:
    script = "import sys, velocast_trainer.command_line; sys.exit('optuna' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=PACKAGE_FOLDER, check=False).returncode == 0


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"trials": 0}, "search.trials"),
        ({"minutes": 0}, "search.minutes"),
        ({"space": {**SPACE, "leaves": [31, 7]}}, "search.space.leaves"),
        ({"space": {**SPACE, "learningRate": [0.05, 1.5]}}, "search.space.learningRate"),
        ({"space": {**SPACE, "featureFraction": ["a", 1]}}, "search.space.featureFraction"),
        ({"space": {**SPACE, "leaves": [20, 31]}}, "search.space does not hold the leaves"),
    ],
)
def test_a_search_that_cannot_be_is_refused(city: City, tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    search = {"trials": 4, "minutes": 1, "space": SPACE, **change}
    with pytest.raises(BadInput, match=complaint):
        parse_request(request_json(city, tmp_path, search=search))
