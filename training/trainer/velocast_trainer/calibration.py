"""Conformal calibration of the 90 % interval: what to add to the two outer quantiles, by horizon.

Conformalized quantile regression: on rows that neither trained nor stopped the model, the quantile of "how far is the
truth outside" is what the bound has to move by. Both bounds are calibrated on their own (5 % outside each), since bikes
are skewed near empty and near full, and by horizon, since one radius for all covers 99.8 % at 15 minutes and 74 % at a
week.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from velocast_trainer.arrays import Bools, Float32s, Float64s
from velocast_trainer.horizon_buckets import horizon_buckets

OUTSIDE_EACH_BOUND = 0.05
# Fewer rows than this make a noisy 95th percentile: they are calibrated together with the next longer horizons.
MIN_ROWS_PER_POINT = 200


@dataclass(frozen=True)
class Calibration:
    """Additions to the bounds, in bikes, at ascending horizons; linear between them, constant beyond the ends."""

    horizon_hours: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def at(self, horizon_hours: Float64s) -> tuple[Float64s, Float64s]:
        return (
            np.interp(horizon_hours, self.horizon_hours, self.lower),
            np.interp(horizon_hours, self.horizon_hours, self.upper),
        )

    def report(self) -> dict[str, list[float]]:
        return {
            "horizonHours": list(self.horizon_hours),
            "lower": list(self.lower),
            "upper": list(self.upper),
        }


def calibration_from_report(report: Mapping[str, list[float]]) -> Calibration:
    return Calibration(tuple(report["horizonHours"]), tuple(report["lower"]), tuple(report["upper"]))


def calibrate(
    lower_change: Float32s, upper_change: Float32s, true_change: Float32s, horizon_hours: Float64s
) -> Calibration:
    """From the raw outer quantiles and the truth on held-out rows, all changes from now, none missing."""
    below = lower_change.astype(np.float64) - true_change
    above = true_change.astype(np.float64) - upper_change
    points = [_point(below, above, horizon_hours, rows) for rows in _rows_by_point(horizon_hours)]
    hours, lower, upper = zip(*points, strict=True)
    return Calibration(hours, lower, upper)


def _rows_by_point(horizon_hours: Float64s) -> list[Bools]:
    """Buckets joined with the next longer ones until they have enough rows, the longest with the one before."""
    points: list[Bools] = []
    gathered = np.zeros(len(horizon_hours), dtype=np.bool_)
    for bucket in horizon_buckets():
        gathered = gathered | bucket.holds(horizon_hours)
        if int(gathered.sum()) >= MIN_ROWS_PER_POINT:
            points.append(gathered)
            gathered = np.zeros_like(gathered)
    if gathered.any():
        points.append(points.pop() | gathered if points else gathered)
    return points


def _point(below: Float64s, above: Float64s, horizon_hours: Float64s, rows: Bools) -> tuple[float, float, float]:
    return (
        round(float(horizon_hours[rows].mean()), 6),
        round(-_conformal_quantile(below[rows]), 6),
        round(_conformal_quantile(above[rows]), 6),
    )


def _conformal_quantile(outside: Float64s) -> float:
    """The smallest distance that enough rows stay within, counting the row to come as one more."""
    count = len(outside)
    rank = min(count, math.ceil((1 - OUTSIDE_EACH_BOUND) * (count + 1)))
    return float(np.partition(outside, rank - 1)[rank - 1])
