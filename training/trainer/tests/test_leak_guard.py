from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import load
from tests.generated_city import City
from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.booster import FitRows, Labels
from velocast_trainer.dataset import Dataset
from velocast_trainer.failures import ModelRefused
from velocast_trainer.leak_guard import SHUFFLED_FIT, guard_against_leaks
from velocast_trainer.lightgbm_booster import LightgbmBooster
from velocast_trainer.outputs import MEAN_CHANGE, Output, target_of
from velocast_trainer.split import Split
from velocast_trainer.tree_ensemble import TreeEnsemble

QUICK = LightgbmBooster(SHUFFLED_FIT, seed=1)


def test_an_honest_data_set_passes(data: Dataset, split: Split) -> None:
    leaks = guard_against_leaks(data, split.train, split.test, QUICK, seed=1)
    assert leaks.shuffled_r2 < 0.01
    assert leaks.strongest_explains < 0.9


def bikes_then(city: City) -> Float32s:
    return city.column("label_bikes")


def docks_then(city: City) -> Float32s:
    return city.column("label_docks")


def fill_then(city: City) -> Float32s:
    return np.divide(city.column("label_bikes"), city.column("capacity"))


def change_to_come(city: City) -> Float32s:
    return np.subtract(city.column("label_bikes"), city.column("bikes_now"))


def departures_to_come(city: City) -> Float32s:
    return np.multiply(city.column("label_departures"), 60)


def arrivals_to_come(city: City) -> Float32s:
    return np.divide(city.column("label_arrivals"), 60)


def bikes_then_with_noise_and_gaps(city: City) -> Float32s:
    rng = np.random.default_rng(1)
    noisy = city.column("label_bikes") + rng.normal(size=city.table.num_rows) * 0.3
    return np.where(rng.random(city.table.num_rows) < 0.3, np.nan, noisy)


def bikes_in_24_hours(city: City) -> Float32s:
    """The answer for one horizon, and no news for the others."""
    is_a_day = np.abs(city.column("horizon_hours") - 24) < 1
    return np.where(is_a_day, city.column("label_bikes"), city.column("bikes_now"))


@pytest.mark.parametrize(
    "leak",
    [
        bikes_then,
        docks_then,
        fill_then,
        change_to_come,
        departures_to_come,
        arrivals_to_come,
        bikes_then_with_noise_and_gaps,
        bikes_in_24_hours,
    ],
)
def test_a_planted_leak_is_refused_by_name(
    leak: Callable[[City], Float32s], city: City, split: Split, tmp_path: Path
) -> None:
    leaking = load(city.with_column("planted", leak(city)), tmp_path)
    with pytest.raises(ModelRefused, match="the feature planted"):
        guard_against_leaks(leaking, split.train, split.test, QUICK, seed=1)


@dataclass(frozen=True)
class Clairvoyant:
    """A booster that knows the test rows' answers whatever it is fitted to, as if they were among its rows."""

    answers: Float64s
    tree_count: int = 1

    def prepare(self, rows: FitRows) -> Clairvoyant:
        return self

    def fit(
        self, output: Output, train: Labels, until: Labels | int, on_progress: Callable[[float], None]
    ) -> Clairvoyant:
        return self

    def predict(self, features: Float32s, threads: int) -> Float64s:
        return self.answers * 0.5

    def ensemble(self) -> TreeEnsemble:
        raise NotImplementedError


def test_a_model_of_shuffled_targets_that_scores_is_refused(data: Dataset, split: Split) -> None:
    change = target_of(MEAN_CHANGE, data)[split.test]
    answers = change[~np.isnan(change)].astype(np.float64)
    with pytest.raises(ModelRefused, match="of shuffled targets"):
        guard_against_leaks(data, split.train, split.test, Clairvoyant(answers), seed=1)
