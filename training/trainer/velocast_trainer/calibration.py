"""What held-out rows say of a model's raw outputs, as tables by horizon: rows that neither trained nor stopped it.

- Shares of the forecast change that are kept, of the mean and of the median: where a model has not beaten persistence
  the share is 0, and persistence is served.
- What to add to the outer quantiles. Conformalized quantile regression (Romano, Patterson, Candès, NeurIPS 2019): the
  quantile of "how far is the truth outside" is what the bound has to move by. Both bounds on their own (5 % outside
  each), since bikes are skewed near empty and near full, and by horizon, since one radius for all covers 99.8 % at 15
  minutes and 74 % at a week.
- A monotone curve for each probability: what was said against what happened (isotonic regression, by pool adjacent
  violators).
- Intervals of departures and arrivals: what happened where about so many were expected. Not by horizon: a count's
  spread follows its mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from velocast_trainer.arrays import Bools, Float32s, Float64s
from velocast_trainer.failures import BadInput
from velocast_trainer.horizons import horizon_buckets

OUTSIDE_EACH_BOUND = 0.05
# Fewer rows than this make a noisy 95th percentile: they are calibrated together with the next longer horizons.
MIN_ROWS_PER_POINT = 200
# A probability's curve asks for more.
MIN_ROWS_PER_CURVE = 1_000
# Where the curves are written down: evenly in log odds, for most forecasts are near certain.
CURVE_AT: tuple[float, ...] = (
    0.0,
    *(round(1 / (1 + math.exp(-odds / 2)), 6) for odds in range(-14, 15)),
    1.0,
)
FLOW_KNOTS = 24
MIN_ROWS_PER_FLOW_KNOT = 100


@dataclass(frozen=True)
class FlowInterval:
    """The 5 % and 95 % quantiles of a count at ascending means; linear between them, constant beyond the ends."""

    mean: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def at(self, mean: Float64s) -> tuple[Float64s, Float64s]:
        return np.interp(mean, self.mean, self.lower), np.interp(mean, self.mean, self.upper)

    def report(self) -> dict[str, list[float]]:
        return {"mean": list(self.mean), "lower": list(self.lower), "upper": list(self.upper)}


@dataclass(frozen=True)
class Calibration:
    """Tables at ascending (named) horizons; linear between them, constant beyond the ends. Bounds are in bikes."""

    horizon_hours: tuple[float, ...]
    mean_share: tuple[float, ...]
    median_share: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    # By horizon, along CURVE_AT.
    bike_curve: tuple[tuple[float, ...], ...]
    dock_curve: tuple[tuple[float, ...], ...]
    departures: FlowInterval
    arrivals: FlowInterval

    def interpolated(self, values: Sequence[float] | Float64s, named_hours: Float64s) -> Float64s:
        return np.interp(named_hours, self.horizon_hours, values)

    def probability(self, curves: Sequence[Sequence[float]], said: Float32s, named_hours: Float64s) -> Float64s:
        """Read off the curves of the two horizons around each row's, and between them."""
        at = self.interpolated(np.arange(len(self.horizon_hours), dtype=np.float64), named_hours)
        before = np.floor(at).astype(np.int64)
        after = np.minimum(before + 1, len(self.horizon_hours) - 1)
        share = at - before
        table = np.array(curves, dtype=np.float64)
        grid = np.array(CURVE_AT)
        place = np.interp(said.astype(np.float64), grid, np.arange(len(grid), dtype=np.float64))
        low = np.minimum(np.floor(place).astype(np.int64), len(grid) - 2)
        part = place - low

        def read(horizon: np.ndarray) -> Float64s:
            values: Float64s = table[horizon, low] * (1 - part) + table[horizon, low + 1] * part
            return values

        return read(before) * (1 - share) + read(after) * share

    def report(self) -> dict[str, object]:
        return {
            "horizonHours": list(self.horizon_hours),
            "meanShare": list(self.mean_share),
            "medianShare": list(self.median_share),
            "lower": list(self.lower),
            "upper": list(self.upper),
            "curveAt": list(CURVE_AT),
            "bikeCurve": [list(curve) for curve in self.bike_curve],
            "dockCurve": [list(curve) for curve in self.dock_curve],
            "departures": self.departures.report(),
            "arrivals": self.arrivals.report(),
        }


def calibration_from_report(report: Mapping[str, Any]) -> Calibration:
    """Raises BadInput where it was made by a version with other curves."""
    if tuple(report["curveAt"]) != CURVE_AT:
        raise BadInput(
            "calibration-format", "its calibration has curves at other probabilities than those of this version"
        )

    def flow(name: str) -> FlowInterval:
        return FlowInterval(*(tuple(report[name][part]) for part in ("mean", "lower", "upper")))

    return Calibration(
        tuple(report["horizonHours"]),
        tuple(report["meanShare"]),
        tuple(report["medianShare"]),
        tuple(report["lower"]),
        tuple(report["upper"]),
        tuple(tuple(curve) for curve in report["bikeCurve"]),
        tuple(tuple(curve) for curve in report["dockCurve"]),
        flow("departures"),
        flow("arrivals"),
    )


@dataclass(frozen=True)
class HeldOut:
    """What is known of held-out rows; NaN is unknown. The bikes of none are missing."""

    named_hours: Float64s
    change: Float64s
    had_bike: Float64s
    had_dock: Float64s
    departures: Float64s
    arrivals: Float64s


def calibrate(raw: Mapping[str, Float32s], truth: HeldOut) -> Calibration:
    """From the raw outputs and the truth on the same held-out rows."""
    change = truth.change
    below = raw["bikes_q05"] - change
    above = change - raw["bikes_q95"]
    points = _rows_by_point(truth.named_hours, MIN_ROWS_PER_POINT)
    curve_points = _rows_by_point(truth.named_hours, MIN_ROWS_PER_CURVE)
    hours = [round(float(truth.named_hours[rows].mean()), 6) for rows in points]
    curve_hours = [float(truth.named_hours[rows].mean()) for rows in curve_points]

    def curves(said: Float32s, happened: Float64s) -> tuple[tuple[float, ...], ...]:
        by_point = [_curve(said[rows], happened[rows]) for rows in curve_points]
        table = np.array(by_point)
        # The points of a curve may be fewer: it is read off at those of all the rest.
        columns = [np.interp(hours, curve_hours, table[:, column]) for column in range(table.shape[1])]
        return tuple(tuple(round(float(value), 6) for value in row) for row in np.array(columns).T)

    return Calibration(
        tuple(hours),
        tuple(_mean_share(raw["bikes_mean"][rows].astype(np.float64), change[rows]) for rows in points),
        tuple(_median_share(raw["bikes_q50"][rows].astype(np.float64), change[rows]) for rows in points),
        tuple(round(-_conformal_quantile(below[rows]), 6) for rows in points),
        tuple(round(_conformal_quantile(above[rows]), 6) for rows in points),
        curves(raw["p_bike"], truth.had_bike),
        curves(raw["p_dock"], truth.had_dock),
        _flow_interval(raw["departures_mean"], truth.departures),
        _flow_interval(raw["arrivals_mean"], truth.arrivals),
    )


def _rows_by_point(named_hours: Float64s, least: int) -> list[Bools]:
    """Buckets joined with the next longer ones until they have enough rows, the longest with the one before."""
    points: list[Bools] = []
    gathered = np.zeros(len(named_hours), dtype=np.bool_)
    for bucket in horizon_buckets():
        gathered = gathered | bucket.holds(named_hours)
        if int(gathered.sum()) >= least:
            points.append(gathered)
            gathered = np.zeros_like(gathered)
    if gathered.any():
        points.append(points.pop() | gathered if points else gathered)
    return points


def _mean_share(said: Float64s, happened: Float64s) -> float:
    """The share of the forecast change that leaves the least squared error, within [0, 1]."""
    square = float(said @ said)
    return round(min(1.0, max(0.0, float(said @ happened) / square)), 6) if square > 0 else 0.0


def _median_share(said: Float64s, happened: Float64s) -> float:
    """1 where the median is nearer to the truth than no change, in whole bikes as they are served; else 0."""
    moved = float(np.abs(np.floor(said + 0.5) - happened).mean())
    return 1.0 if moved < float(np.abs(happened).mean()) else 0.0


def _conformal_quantile(outside: Float64s) -> float:
    """The smallest distance that enough rows stay within, counting the row to come as one more."""
    count = len(outside)
    rank = min(count, math.ceil((1 - OUTSIDE_EACH_BOUND) * (count + 1)))
    return float(np.partition(outside, rank - 1)[rank - 1])


def _curve(said: Float32s, happened: Float64s) -> tuple[float, ...]:
    """What happened where so much was said, along CURVE_AT; the identity where nothing is known."""
    grid = np.array(CURVE_AT)
    known = ~np.isnan(happened)
    if not known.any():
        return CURVE_AT
    order = np.argsort(said[known], kind="stable")
    x, y = said[known][order].astype(np.float64), happened[known][order]
    pooled_x, pooled_y = _pool_adjacent_violators(x, y)
    curve = np.interp(grid, pooled_x, pooled_y)
    return tuple(float(value) for value in np.clip(curve, 0.0, 1.0))


def _pool_adjacent_violators(x: Float64s, y: Float64s) -> tuple[Float64s, Float64s]:
    """Means of the blocks of the isotonic regression of `y` on ascending `x`."""
    # Bins of equal counts first: a single row is no evidence, and 100,000 blocks are slow.
    bins = np.array_split(np.arange(len(x)), max(1, min(200, len(x) // 50)))
    # Rows that say the same are of one bin: which of them comes first means nothing.
    starts = np.unique(np.searchsorted(x, [x[rows[0]] for rows in bins]))
    blocks: list[list[float]] = []  # rows, sum of x, sum of y
    for rows in np.split(np.arange(len(x)), starts[1:]):
        blocks.append([float(len(rows)), float(x[rows].sum()), float(y[rows].sum())])
        while len(blocks) > 1 and blocks[-2][2] * blocks[-1][0] >= blocks[-1][2] * blocks[-2][0]:
            rows_, sum_x, sum_y = blocks.pop()
            blocks[-1] = [blocks[-1][0] + rows_, blocks[-1][1] + sum_x, blocks[-1][2] + sum_y]
    count, sum_x, sum_y = np.array(blocks).T
    return sum_x / count, sum_y / count


def _flow_interval(said: Float32s, happened: Float64s) -> FlowInterval:
    known = np.flatnonzero(~np.isnan(happened))
    if len(known) == 0:
        return FlowInterval((0.0,), (0.0,), (0.0,))
    order = known[np.argsort(said[known], kind="stable")]
    bins = np.array_split(order, max(1, min(FLOW_KNOTS, len(order) // MIN_ROWS_PER_FLOW_KNOT)))
    mean = np.array([said[rows].mean(dtype=np.float64) for rows in bins])
    # A mean must not come twice: between two of the same there is no line.
    distinct = np.concatenate([[True], np.diff(mean) > 1e-6])

    def quantile(level: float) -> tuple[float, ...]:
        values = np.maximum.accumulate([float(np.quantile(happened[rows], level, method="higher")) for rows in bins])
        return tuple(float(value) for value in values[distinct])

    return FlowInterval(
        tuple(round(float(value), 6) for value in mean[distinct]),
        quantile(OUTSIDE_EACH_BOUND),
        quantile(1 - OUTSIDE_EACH_BOUND),
    )
