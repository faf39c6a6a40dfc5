"""Which booster fits what, and what is fitted again on the rows that stopped and calibrated the first fits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import load
from tests.generated_city import City
from velocast_trainer.dataset import HOUR_MS
from velocast_trainer.fit_outputs import best_of_few, fit_again, fit_outputs
from velocast_trainer.horizons import HorizonRange
from velocast_trainer.lightgbm_booster import LightgbmBooster
from velocast_trainer.progress import Progress
from velocast_trainer.request import BoosterParams, SplitShares
from velocast_trainer.split import split_by_target_time
from velocast_trainer.xgboost_booster import XgboostBooster

SHARES = SplitShares(train=0.6, early=0.3, test=0.1, gap_hours=24)
BANDS = (HorizonRange(-1, 6, False), HorizonRange(6, 168, True))
PARAMS = BoosterParams(20, 15, 50, 0.15, 0.7)


QUANTILES = ("bikes_q05", "bikes_q50", "bikes_q95")
OTHERS = ("bikes_mean", "p_bike", "p_dock", "departures_mean", "arrivals_mean")


def test_what_changed_lately_is_in_all_that_is_kept_but_the_quantiles(city: City, tmp_path: Path) -> None:
    whole = load(city, tmp_path)
    lately = whole.target_at >= split_by_target_time(whole, SHARES).stopping_from - 24 * HOUR_MS
    bikes = city.column("label_bikes")
    data = load(city.with_column("label_bikes", np.where(lately, bikes + 10, bikes)), tmp_path)
    split = split_by_target_time(data, SHARES)
    boosters = {"lightgbm": LightgbmBooster(PARAMS, seed=1), "xgboost": XgboostBooster(PARAMS, seed=1)}
    heard: list[dict[str, object]] = []
    progress = Progress(heard.append, lambda: 0.0)
    first = fit_outputs(data, split, BANDS, boosters, 2, progress)
    kept = fit_again(data, split, first, boosters, 2, progress)

    features = data.features[split.test[BANDS[0].holds(data.named_hours[split.test])]]

    def said(name: str) -> tuple[float, float]:
        before, after = (fits.models[name].predict(features, 1).mean() for fits in (first, kept))
        return before, after

    before, after = said("bikes_mean")
    assert after > before + 2
    before, after = said("p_bike")
    assert after > before
    assert kept.models["bikes_mean"].tree_count == pytest.approx(first.models["bikes_mean"].tree_count, abs=1)
    assert all(kept.models[name] is first.models[name] for name in QUANTILES)
    for name in OTHERS:
        days_ahead = [fits.models[name].bands[1][1] for fits in (first, kept)]
        assert days_ahead[0] == days_ahead[1]
    again = {(event["output"], event["band"]) for event in heard if event["stage"] == "refit"}
    assert again == {(name, "6h") for name in OTHERS}


def test_changes_are_the_first_boosters_probabilities_and_counts_of_later_targets_the_lasts(
    city: City, tmp_path: Path
) -> None:
    data = load(city, tmp_path)
    split = split_by_target_time(data, SHARES)
    boosters = {"lightgbm": LightgbmBooster(PARAMS, seed=1), "xgboost": XgboostBooster(PARAMS, seed=1)}
    bands = (HorizonRange(-1, 1, False), HorizonRange(1, 168, True))
    fits = fit_outputs(data, split, bands, boosters, 2, Progress(lambda _: None, lambda: 0.0))

    fitted_by = {
        name: [{type(each).__name__ for each in models} for _, models in model.bands]
        for name, model in fits.models.items()
    }
    first, last = {"_LightgbmModel"}, {"_XgboostModel"}
    for name in QUANTILES:
        assert fitted_by[name] == [first, first]
    for name in ("p_bike", "p_dock"):
        assert fitted_by[name] == [last, last]
    for name in ("departures_mean", "arrivals_mean"):
        assert fitted_by[name] == [first, last]


def test_of_means_that_are_hardly_apart_that_of_the_fewest_boosters_is_taken() -> None:
    errors = {("a",): 1.01, ("b",): 1.02, ("a", "b"): 1.001, ("a", "c"): 1.0009, ("a", "b", "c"): 1.0}
    assert best_of_few(errors) == ("a", "c")
    assert best_of_few(errors | {("a",): 1.001}) == ("a",)
    assert best_of_few(errors | {("a", "b"): 1.002, ("a", "c"): 1.002}) == ("a", "b", "c")


def test_one_band_for_all_horizons_is_left_as_it_is(city: City, tmp_path: Path) -> None:
    data = load(city, tmp_path)
    split = split_by_target_time(data, SHARES)
    boosters = {"lightgbm": LightgbmBooster(PARAMS, seed=1)}
    progress = Progress(lambda _: None, lambda: 0.0)
    first = fit_outputs(data, split, (HorizonRange(-1, 168, True),), boosters, 2, progress)
    assert fit_again(data, split, first, boosters, 2, progress) is first
