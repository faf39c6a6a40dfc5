from __future__ import annotations

import numpy as np
import pytest

from velocast_trainer.climatology import climatology
from velocast_trainer.dataset import HOUR_MS, Dataset


def test_a_station_s_hour_of_the_week_is_learnt_from_training_rows_alone(data: Dataset) -> None:
    hour = data.target_at // HOUR_MS % 168
    values = (data.station * 10 + (hour == 7)).astype(np.float32)
    train = np.arange(0, 6_000)
    asked = np.arange(6_000, 8_000)
    poisoned = values.copy()
    poisoned[asked] = 1e6
    expected = climatology(data, poisoned, train, asked)
    assert np.array_equal(expected, climatology(data, values, train, asked))
    assert expected == pytest.approx(values[asked], abs=1.2)


def test_few_rows_lean_on_the_station(data: Dataset) -> None:
    values = np.full(data.row_count, np.nan, dtype=np.float32)
    one, same_hour = _two_rows_of_a_cell(data)
    values[one] = 10
    hour = data.target_at // HOUR_MS % 168
    others = np.flatnonzero((data.station == data.station[one]) & (hour != hour[one]))
    values[others] = 0
    expected = climatology(data, values, np.append(others, one), np.array([same_hour]))
    # One row of 10 at this hour, beside the weight of four rows of the station's mean, which is almost 0.
    assert expected[0] == pytest.approx(10 / 5, abs=0.1)


def _two_rows_of_a_cell(data: Dataset) -> tuple[int, int]:
    """Two rows of one station at the same hour of the week, in different weeks."""
    cell = data.station * 168 + data.target_at // HOUR_MS % 168
    for one in range(data.row_count):
        alike = np.flatnonzero((cell == cell[one]) & (data.target_at != data.target_at[one]))
        if len(alike):
            return one, int(alike[0])
    raise AssertionError("no station is asked twice for an hour of the week")
