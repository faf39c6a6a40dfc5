from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.handmade import a_calibration, raw_outputs
from velocast_trainer.arrays import Bools, Float32s, Float64s
from velocast_trainer.calibration import (
    CURVE_AT,
    Calibration,
    FlowInterval,
    HeldOut,
    calibrate,
    calibration_from_report,
    tune_bounds,
)
from velocast_trainer.failures import BadInput

HORIZONS = (1.0, 24.0, 168.0)
# Where each band between them ends, and where the next begins.
TABLE_HOURS = (1.0, 6.0, 6.25, 24.0, 24.25, 168.0)


def held_out(hours: Float64s, days: int = 1, **changes: Float64s) -> HeldOut:
    """Nothing is known but what is given; the bikes do not change."""
    unknown = np.full(len(hours), np.nan)
    names = ("had_bike", "had_dock", "departures", "arrivals")
    usual = {"change": np.zeros(len(hours)), **dict.fromkeys(names, unknown)}
    return HeldOut(named_hours=hours, days=days, **{**usual, **changes})


def said(**outputs: Float64s) -> dict[str, Float32s]:
    return raw_outputs(**{name: values.tolist() for name, values in outputs.items()})


def read_bike(calibration: Calibration, p_bike: Sequence[float], hours: float = 1.0) -> Float64s:
    values = np.array(p_bike, dtype=np.float32)
    return calibration.probability(calibration.bike_curve, values, np.full(len(values), hours))


def test_intervals_that_are_wrong_by_horizon_cover_ninety_percent_at_each() -> None:
    rng = np.random.default_rng(2)
    hours = rng.choice(HORIZONS, 30_000)
    change = rng.normal(size=len(hours)) * np.sqrt(hours)
    two = np.full(15_000, 2.0)
    known, later = slice(0, 15_000), slice(15_000, None)
    calibration = calibrate(said(bikes_q05=-two, bikes_q95=two), held_out(hours[known], change=change[known]))
    lower = -2 + calibration.interpolated(calibration.lower, hours[later])
    upper = 2 + calibration.interpolated(calibration.upper, hours[later])
    for horizon in HORIZONS:
        rows = hours[later] == horizon
        truth = change[later][rows]
        assert np.mean((truth >= lower[rows]) & (truth <= upper[rows])) == pytest.approx(0.9, abs=0.015)
        assert np.mean(truth < lower[rows]) == pytest.approx(0.05, abs=0.012)


def test_tables_are_linear_between_horizons_and_constant_beyond() -> None:
    calibration = a_calibration([1.0, 3.0])
    at = np.array([0.5, 1.0, 2.0, 3.0, 168.0])
    assert calibration.interpolated((-1.0, -2.0), at).tolist() == [-1, -1, -1.5, -2, -2]


def test_horizons_with_few_rows_are_calibrated_together() -> None:
    hours = np.repeat(HORIZONS, [150, 150, 150])
    change = np.linspace(-1, 1, 450)
    calibration = calibrate(said(bikes_mean=change), held_out(hours, change=change))
    assert len(calibration.horizon_hours) == 1
    assert calibration.horizon_hours[0] == pytest.approx(hours.mean(), abs=1e-3)
    some_more = np.repeat(HORIZONS, [150, 250, 150])
    two = calibrate(raw_outputs(bikes_mean=[0.0] * 550), held_out(some_more))
    # 1 h goes with 24 h, and 168 h with what is there.
    assert two.horizon_hours == (round(float(some_more.mean()), 6),)


def test_no_number_is_read_out_of_too_few_rows() -> None:
    """With ten rows even the largest distance is not known to hold 95 %: it is the best there is."""
    change = np.arange(10.0)
    assert calibrate(said(bikes_q95=change * 0), held_out(np.ones(10), change=change)).upper == (9.0,)


@pytest.mark.parametrize(("quiet", "busy"), [(0.8, 6.0), (1.5, 9.0), (0.6, 10.0)])
def test_quiet_and_busy_stations_are_covered_alike(quiet: float, busy: float) -> None:
    """Whatever their true spread, while the model says 1 and 9 bikes to each side."""
    rng = np.random.default_rng(12)
    said_spread = np.repeat([1.0, 9.0], 10_000)
    change = rng.normal(size=20_000) * np.where(said_spread == 1, quiet, busy)
    outputs = said(bikes_q05=-said_spread, bikes_q95=said_spread)
    calibration = calibrate(outputs, held_out(np.ones(20_000), change=change))
    lower = -said_spread + calibration.lower[0] + 2 * said_spread * calibration.lower_share[0]
    upper = said_spread + calibration.upper[0] + 2 * said_spread * calibration.upper_share[0]
    for each in (1.0, 9.0):
        rows = said_spread == each
        assert np.mean(change[rows] < lower[rows]) == pytest.approx(0.05, abs=0.01)
        assert np.mean(change[rows] > upper[rows]) == pytest.approx(0.05, abs=0.01)


def test_one_band_says_nothing_of_another() -> None:
    """A model of the hours to 24 that covers far too little, and one beyond that covers far too much."""
    hours = np.repeat([20.0, 24.0, 25.0, 48.0], 1_000)
    change = np.tile(np.linspace(-1, 1, 1_000), 4) * np.where(hours > 24, 0.1, 10.0)
    one = np.full(4_000, 1.0)
    calibration = calibrate(said(bikes_q05=-one, bikes_q95=one), held_out(hours, change=change))
    assert calibration.horizon_hours == (22.0, 24.0, 24.25, 36.5)
    at = calibration.interpolated(calibration.upper, np.array([23.0, 24.0, 24.25, 30.0]))
    assert at == pytest.approx([8, 8, -0.91, -0.91], abs=0.02)


def test_horizons_on_both_sides_of_an_edge_that_are_calibrated_together_have_one_point() -> None:
    hours = np.repeat([24.0, 48.0], 150)
    calibration = calibrate(raw_outputs(bikes_mean=[0.0] * 300), held_out(hours))
    assert calibration.horizon_hours == (36.0,)


def test_beyond_a_day_two_days_of_horizons_say_together_where_their_bounds_are() -> None:
    rng = np.random.default_rng(13)
    hours = rng.choice([12.0, 24.0, 48.0, 72.0, 168.0], 50_000)
    change = rng.normal(size=50_000) * np.select([hours == 72, hours == 168, hours == 24], [3.0, 2.0, 1.5], 1.0)
    two = np.full(50_000, 2.0)
    start = calibrate(said(bikes_q05=-two, bikes_q95=two), held_out(hours, change=change))

    def misses_of(tried: Calibration) -> tuple[Bools, Bools]:
        return change < -2 + tried.interpolated(tried.lower, hours), change > 2 + tried.interpolated(tried.upper, hours)

    for calibration in (start, tune_bounds(start, misses_of, hours)):
        upper = dict(zip(calibration.horizon_hours, calibration.upper, strict=True))
        assert upper[48.0] == upper[72.0] != upper[168.0]
        assert [upper[hour] for hour in (12.0, 24.0)] == pytest.approx([1.645 - 2, 1.5 * 1.645 - 2], abs=0.1)
        both = (hours == 48) | (hours == 72)
        assert misses_of(calibration)[1][both].mean() == pytest.approx(0.05, abs=0.005)


@pytest.mark.parametrize(("truth_of_said", "share"), [(0.6, 0.6), (-0.5, 0.0), (1.7, 1.0), (0.0, 0.0)])
def test_as_much_of_the_mean_change_is_kept_as_has_come_true(truth_of_said: float, share: float) -> None:
    rng = np.random.default_rng(4)
    forecast, noise = rng.normal(size=(2, 20_000)) * 3
    calibration = calibrate(
        said(bikes_mean=forecast), held_out(np.ones(20_000), change=truth_of_said * forecast + noise)
    )
    assert calibration.mean_share[0] == pytest.approx(share, abs=0.03)


def test_a_model_that_says_no_change_keeps_none_of_it() -> None:
    change = np.arange(300.0)
    assert calibrate(said(bikes_mean=change * 0), held_out(np.ones(300), change=change)).mean_share == (0.0,)


def test_the_median_is_kept_by_horizon_where_it_beats_no_change_in_whole_bikes() -> None:
    hours = np.repeat(HORIZONS, 400)
    change = np.tile([0.0, 0.0, 0.0, 4.0], 300)
    # At 1 h it moves where nothing does, at 24 h by less than half a bike, at 168 h where bikes move.
    median = np.where(hours == 1, 1.0, np.where(hours == 24, 0.4, change * 0.7))
    assert calibrate(said(bikes_q50=median), held_out(hours, change=change)).median_share == (0, 0, 0, 0, 1, 1)


def too_sure(rows: int) -> tuple[Float64s, Float64s, Float64s]:
    """True probabilities, what is said instead (with twice their log odds), and what happened."""
    rng = np.random.default_rng(6)
    true = rng.uniform(0, 1, rows)
    return true, true**2 / (true**2 + (1 - true) ** 2), (rng.random(rows) < true).astype(np.float64)


def odds(probability: Float64s) -> Float64s:
    log_odds: Float64s = np.log(probability / (1 - probability))
    return log_odds


def test_probabilities_become_how_often_it_happened_where_so_much_was_said() -> None:
    true, p_bike, had_bike = too_sure(60_000)
    calibration = calibrate(said(p_bike=p_bike), held_out(np.ones(60_000), days=100_000, had_bike=had_bike))
    assert read_bike(calibration, p_bike.tolist()) == pytest.approx(true, abs=0.03)
    # Nothing is known of docks: they are left as they are.
    assert calibration.dock_curve == (CURVE_AT,)


def test_of_few_days_only_a_part_is_believed() -> None:
    """Of twenty half, in log odds: they were doubled, and become one and a half times too large."""
    _, p_bike, had_bike = too_sure(60_000)
    calibration = calibrate(said(p_bike=p_bike), held_out(np.ones(60_000), days=20, had_bike=had_bike))
    at = np.array(CURVE_AT)[5:-5]
    assert odds(np.array(calibration.bike_curve[0])[5:-5]) == pytest.approx(odds(at) * 0.75, abs=0.05)


@pytest.mark.parametrize("happens", [0.0, 1.0])
def test_what_always_or_never_happened_is_not_taken_for_certain(happens: float) -> None:
    had_bike = np.full(5_000, happens)
    calibration = calibrate(said(p_bike=np.full(5_000, 0.9)), held_out(np.ones(5_000), days=100, had_bike=had_bike))
    assert calibration.bike_curve == (CURVE_AT,)


def test_a_curve_rises_whatever_has_happened() -> None:
    _, p_bike, had_bike = too_sure(20_000)
    calibration = calibrate(said(p_bike=p_bike), held_out(np.ones(20_000), days=100_000, had_bike=1 - had_bike))
    (curve,) = calibration.bike_curve
    assert np.all(np.diff(curve) > 0)
    assert (curve[0], curve[-1]) == (0, 1)


def test_each_horizon_with_rows_enough_has_a_curve_of_its_own_and_between_them_both_count() -> None:
    rng = np.random.default_rng(7)
    hours = np.repeat([2.0, 6.0], 5_000)
    often = np.where(hours == 2, 0.8, 0.4)
    had_bike = (rng.random(10_000) < often).astype(np.float64)
    calibration = calibrate(said(p_bike=np.full(10_000, 0.6)), held_out(hours, days=100_000, had_bike=had_bike))
    first, between, last = (read_bike(calibration, [0.6], at)[0] for at in (2.0, 4.0, 6.0))
    assert (first, last) == pytest.approx((0.8, 0.4), abs=0.02)
    assert between == pytest.approx((first + last) / 2)


def bounds_as_served(truth: Float64s, hours: Float64s) -> Callable[[Calibration], tuple[Bools, Bools]]:
    """Rounded to whole bikes, the outer ones inward."""

    def misses_of(tried: Calibration) -> tuple[Bools, Bools]:
        lower = np.ceil(tried.interpolated(tried.lower, hours))
        upper = np.floor(tried.interpolated(tried.upper, hours))
        return truth < lower, truth > upper

    return misses_of


def test_bounds_are_moved_until_as_much_is_missed_as_may_be_in_what_is_served() -> None:
    rng = np.random.default_rng(10)
    hours = rng.choice(HORIZONS, 30_000)
    truth = np.round(rng.normal(size=len(hours)) * np.sqrt(hours) * 2)
    start = a_calibration(
        TABLE_HOURS,
        lower=tuple(-1.7 * 2 * hour**0.5 for hour in (1, 1, 24, 24, 168, 168)),
        upper=tuple(1.6 * 2 * hour**0.5 for hour in (1, 1, 24, 24, 168, 168)),
    )
    misses_of = bounds_as_served(truth, hours)
    tuned = tune_bounds(start, misses_of, hours)
    below, above = misses_of(tuned)
    # One bike further in, and more than may be would be missed.
    further_below, further_above = misses_of(
        replace(tuned, lower=tuple(np.array(tuned.lower) + 1), upper=tuple(np.array(tuned.upper) - 1))
    )
    for horizon in HORIZONS:
        rows = hours == horizon
        for missed, further in ((below, further_below), (above, further_above)):
            assert missed[rows].mean() <= 0.05 < further[rows].mean()
    assert (tuned.horizon_hours, tuned.bike_curve) == (start.horizon_hours, start.bike_curve)


def test_bounds_that_nothing_is_outside_of_are_moved_a_little_only() -> None:
    hours = np.ones(1_000)
    start = a_calibration(lower=(-9.0,), upper=(9.0,))
    tuned = tune_bounds(start, bounds_as_served(np.zeros(1_000), hours), hours)
    assert (tuned.lower[0], tuned.upper[0]) == pytest.approx((-7, 7), abs=0.01)


def test_intervals_of_counts_hold_nine_in_ten_at_least_whatever_the_mean() -> None:
    rng = np.random.default_rng(8)
    mean = rng.gamma(2, 2, 40_000)
    departures = rng.poisson(mean).astype(np.float64)
    departures[::7] = np.nan
    table = calibrate(said(departures_mean=mean), held_out(np.ones(40_000), departures=departures)).departures
    assert np.all(np.diff(table.mean) > 0)
    assert np.all(np.diff(table.lower) >= 0)
    assert np.all(np.diff(table.upper) >= 0)
    lower, upper = table.at(mean)
    later = rng.poisson(mean)
    for low, high in ((0, 2), (2, 5), (5, 99)):
        rows = (mean > low) & (mean <= high)
        assert 0.87 < np.mean((later[rows] >= np.ceil(lower[rows])) & (later[rows] <= np.floor(upper[rows]))) < 0.99


def test_counts_that_are_never_known_or_never_change_have_an_interval_too() -> None:
    ones = np.ones(500)
    calibration = calibrate(said(departures_mean=ones, arrivals_mean=ones), held_out(ones, arrivals=ones * 0))
    assert calibration.departures == FlowInterval((0.0,), (0.0,), (0.0,))
    assert calibration.arrivals == FlowInterval((1.0,), (0.0,), (0.0,))


def test_a_calibration_comes_back_from_its_report() -> None:
    rng = np.random.default_rng(9)
    hours = rng.choice(HORIZONS, 6_000)
    outputs = said(**{name: rng.uniform(0.01, 0.99, 6_000) for name in raw_outputs(p_bike=[0.0])})
    truth = held_out(
        hours,
        change=rng.normal(size=6_000),
        had_bike=(rng.random(6_000) < 0.9).astype(np.float64),
        had_dock=(rng.random(6_000) < 0.8).astype(np.float64),
        departures=rng.poisson(2, 6_000).astype(np.float64),
        arrivals=rng.poisson(3, 6_000).astype(np.float64),
        days=9,
    )
    calibration = calibrate(outputs, truth)
    assert calibration.horizon_hours == TABLE_HOURS
    assert calibration_from_report(json.loads(json.dumps(calibration.report()))) == calibration


def test_a_calibration_of_an_older_version_moves_its_bounds_by_bikes_alone() -> None:
    report = a_calibration(HORIZONS, lower=(-1.0, -2.0, -3.0)).report()
    del report["lowerShare"], report["upperShare"]
    older = calibration_from_report(report)
    assert (older.lower, older.lower_share, older.upper_share) == ((-1, -2, -3), (0, 0, 0), (0, 0, 0))


def test_curves_at_other_points_than_ours_are_not_read() -> None:
    report = {**a_calibration().report(), "curveAt": [0.0, 0.5, 1.0]}
    with pytest.raises(BadInput, match="other probabilities"):
        calibration_from_report(report)
