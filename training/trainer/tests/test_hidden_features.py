from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from tests.generated_city import generate_city
from velocast_trainer.dataset import load_dataset
from velocast_trainer.fit_outputs import Job, run_jobs
from velocast_trainer.hidden_features import hidden_columns
from velocast_trainer.horizons import HorizonRange, horizon_bands
from velocast_trainer.lightgbm_booster import LightgbmBooster
from velocast_trainer.outputs import OUTPUTS
from velocast_trainer.progress import Progress
from velocast_trainer.request import BoosterParams, SplitShares
from velocast_trainer.split import split_by_target_time

DEPARTURES = next(output for output in OUTPUTS if output.name == "departures_mean")


def test_the_weather_as_of_now_is_hidden_within_the_hour_and_days_ahead_and_nowhere_else() -> None:
    names = ["bikes", "temperature_c", "target_temperature_c", "target_temperature_change_c"]
    assert [hidden_columns(names, band) for band in horizon_bands()] == [[1, 3], [], [], [1, 3]]
    # A band of hours and days together is shown all.
    assert hidden_columns(names, HorizonRange(6, 168, True)) == []


def test_no_tree_of_a_band_splits_on_what_is_hidden_from_it_though_it_told_all(tmp_path: Path) -> None:
    city = generate_city(days=40, rows=24_000)
    told = city.column("label_departures")
    city = city.with_column("temperature_c", np.where(np.isnan(told), 0, told).astype(np.float32))
    data = load_dataset(city.write(tmp_path / "rows.arrow"), city.features, "horizon_hours")
    split = split_by_target_time(data, SplitShares(0.7, 0.15, 0.15, 168))
    column = data.feature_names.index("temperature_c")
    bands = (HorizonRange(-1, 24, False), HorizonRange(24, 168, True))
    jobs = [Job(band, DEPARTURES, "lightgbm") for band in bands]
    booster = LightgbmBooster(BoosterParams(20, 15, 20, 0.1, 1.0), seed=1)
    before = data.features.copy()
    tell = partial(Progress(lambda _: None, lambda: 0.0).tell, "fit")
    fitted = run_jobs(data, split.train, split.stopping, jobs, {"lightgbm": booster}, 2, tell)
    asks = [any((tree.feature == column).any() for tree in fitted[job].ensemble().trees) for job in jobs]
    assert asks == [True, False]
    assert np.array_equal(data.features, before, equal_nan=True)
