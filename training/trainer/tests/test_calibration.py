from __future__ import annotations

import numpy as np
import pytest

from velocast_trainer.calibration import Calibration, calibrate


def test_intervals_that_are_wrong_by_horizon_cover_ninety_percent_at_each() -> None:
    rng = np.random.default_rng(2)
    hours = rng.choice([1.0, 24.0, 168.0], 30_000)
    truth = rng.normal(size=len(hours)) * np.sqrt(hours)
    said_lower = np.full(len(hours), -2.0, dtype=np.float32)
    half = np.arange(len(hours)) < 15_000
    calibration = calibrate(said_lower[half], -said_lower[half], truth[half].astype(np.float32), hours[half])
    add_lower, add_upper = calibration.at(hours)
    lower, upper = said_lower + add_lower, -said_lower + add_upper
    for horizon in (1.0, 24.0, 168.0):
        rows = ~half & (hours == horizon)
        assert np.mean((truth[rows] >= lower[rows]) & (truth[rows] <= upper[rows])) == pytest.approx(0.9, abs=0.015)
        assert np.mean(truth[rows] < lower[rows]) == pytest.approx(0.05, abs=0.012)


def test_additions_are_linear_between_horizons_and_constant_beyond() -> None:
    calibration = Calibration((1.0, 3.0), (-1.0, -2.0), (0.0, 4.0))
    lower, upper = calibration.at(np.array([0.5, 1.0, 2.0, 3.0, 168.0]))
    assert lower.tolist() == [-1, -1, -1.5, -2, -2]
    assert upper.tolist() == [0, 0, 2, 4, 4]


def test_horizons_with_few_rows_are_calibrated_together() -> None:
    hours = np.repeat([1.0, 24.0, 168.0], [150, 150, 150])
    change = np.linspace(-1, 1, 450).astype(np.float32)
    calibration = calibrate(change * 0, change * 0, change, hours)
    assert len(calibration.horizon_hours) == 1
    assert calibration.horizon_hours[0] == pytest.approx(hours.mean(), abs=1e-3)


def test_no_number_is_read_out_of_too_few_rows() -> None:
    """With ten rows even the largest distance is not known to hold 95 %: it is the best there is."""
    change = np.arange(10, dtype=np.float32)
    calibration = calibrate(change * 0, change * 0, change, np.ones(10))
    assert calibration.upper == (9.0,)
