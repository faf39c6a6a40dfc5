from __future__ import annotations

import numpy as np

from velocast_trainer.dataset import Dataset
from velocast_trainer.outputs import OUTPUTS, fitted_target, target_of


def test_quantiles_are_fitted_to_bikes_spread_evenly_within_half_a_bike(data: Dataset) -> None:
    for output in OUTPUTS:
        target, fitted = target_of(output, data), fitted_target(output, data)
        assert np.array_equal(np.isnan(fitted), np.isnan(target))
        known = ~np.isnan(target)
        spread = fitted[known] - target[known]
        if output.level is None:
            assert (spread == 0).all()
        else:
            assert np.abs(spread).max() <= 0.5
            shares = np.histogram(spread, bins=10, range=(-0.5, 0.5))[0] / known.sum()
            assert np.abs(shares - 0.1).max() < 0.01


def test_a_probability_is_of_at_least_one_and_a_change_is_from_now(data: Dataset) -> None:
    for output in OUTPUTS:
        target, label = target_of(output, data), data.labels[output.quantity]
        if output.kind == "probability":
            assert np.array_equal(target == 1, label >= 1)
            assert np.array_equal(target == 0, label < 1)
        elif output.kind == "change":
            assert np.array_equal(target + data.bikes_now, label, equal_nan=True)
        else:
            assert target is label
