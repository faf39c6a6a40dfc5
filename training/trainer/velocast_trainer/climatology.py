"""The rate to beat: what a station does at this hour of the week, learnt from the training rows alone."""

from __future__ import annotations

import numpy as np

from velocast_trainer.arrays import Float32s, Float64s, Int64s, Rows
from velocast_trainer.dataset import HOUR_MS, Dataset

HOURS_OF_WEEK = 168
# An hour of the week at one station is seen a few times only: its mean counts as if the station's own mean had been
# seen this often as well. Without it the opponent would be noise, and beating it no achievement.
PRIOR_ROWS = 4.0


def climatology(data: Dataset, values: Float32s, train: Rows, asked: Rows) -> Float64s:
    """The expected value at the target of the rows asked for; NaN in `values` is unknown."""
    known = train[~np.isnan(values[train])]
    if len(known) == 0:
        return np.full(len(asked), np.nan)
    value = values[known].astype(np.float64)
    stations = int(data.station.max()) + 1
    of_all = float(value.mean())
    of_station = _shrunk_mean(data.station[known], value, np.full(stations, of_all))
    of_hour = _shrunk_mean(_cell(data, known), value, np.repeat(of_station, HOURS_OF_WEEK))
    expected: Float64s = of_hour[_cell(data, asked)]
    return expected


def _cell(data: Dataset, rows: Rows) -> Int64s:
    """Station and hour of the week as one number. UTC does: a week's hours are the same ones, in another order."""
    hour = data.target_at[rows] // HOUR_MS % HOURS_OF_WEEK
    return data.station[rows] * HOURS_OF_WEEK + hour


def _shrunk_mean(cell: Int64s, value: Float64s, prior: Float64s) -> Float64s:
    total = np.bincount(cell, weights=value, minlength=len(prior))
    count = np.bincount(cell, minlength=len(prior))
    return (total + PRIOR_ROWS * prior) / (count + PRIOR_ROWS)
