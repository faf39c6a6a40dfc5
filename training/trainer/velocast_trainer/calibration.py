"""What held-out rows say of a model's raw outputs, as tables by horizon: rows that did not train it.

- Shares of the forecast change that are kept, of the mean and of the median: where a model has not beaten persistence
  the share is 0, and persistence is served.
- What to add to the outer quantiles. Conformalized quantile regression (Romano, Patterson, Candès, NeurIPS 2019): the
  quantile of "how far is the truth outside" is what the bound has to move by. Both bounds on their own (5 % outside
  each), since bikes are skewed near empty and near full, and by horizon, since one radius for all covers 99.8 % at 15
  minutes and 74 % at a week. So many bikes, and such a share of the distance of the two: what is much for a quiet
  station is little for a busy one, and where both are covered alike it matters less that a season has more of either.
  Beyond a day, two days of horizons are moved alike: a week or two of held-out days are few weathers.
- A monotone curve for each probability: what was said against what happened, a line in log odds (Platt scaling, 1999),
  of which only a share is believed: a week's rate of empty or full stations is not next month's, and on recorded months
  a curve that was believed in full made the calibration error of a week ahead twice as large as none.
- Intervals of departures and arrivals: what happened where about so many were expected. Not by horizon: a count's
  spread follows its mean.

Tables are linear between horizons, but never from one band's into another's: what one model needs says nothing of the
next (see `_points`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from velocast_trainer.arrays import Bools, Float32s, Float64s
from velocast_trainer.failures import BadInput
from velocast_trainer.horizons import BAND_EDGES, SLOTS_AN_HOUR, horizon_buckets

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
CLOSEST_TO_CERTAIN = 1e-5
NEWTON_STEPS = 50
# A forecast never says the opposite of what the graph says.
LEAST_SLOPE = 0.1
# So many held-out days are believed by half.
HALF_BELIEVED_DAYS = 20
# Hours: horizons between two of them say together where their bounds are; up to the first each says it alone.
FAR_EDGES = (24.0, 72.0, 120.0, math.inf)
# Of the distance of the outer quantiles, at most, that a bound is moved by, and in how many steps the share is found.
LARGEST_SHARE = 0.5
GOLDEN_STEPS = 24
GOLDEN_RATIO = (5**0.5 - 1) / 2
# How far a bound may be moved by what comes after the conformal quantile, and in how many halves the place is found.
TUNED_BY_BIKES = 2.0
BISECTIONS = 12
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
    # Of the distance between the outer quantiles (see `outer_distance`), to be added to them, too.
    lower_share: tuple[float, ...]
    upper_share: tuple[float, ...]
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
            "lowerShare": list(self.lower_share),
            "upperShare": list(self.upper_share),
            "curveAt": list(CURVE_AT),
            "bikeCurve": [list(curve) for curve in self.bike_curve],
            "dockCurve": [list(curve) for curve in self.dock_curve],
            "departures": self.departures.report(),
            "arrivals": self.arrivals.report(),
        }


def outer_distance(raw: Mapping[str, Float32s]) -> Float64s:
    """Between the outer quantiles, bikes: at least one, for bikes are whole."""
    distance: Float64s = np.maximum(raw["bikes_q95"].astype(np.float64) - raw["bikes_q05"], 1.0)
    return distance


def calibration_from_report(report: Mapping[str, Any]) -> Calibration:
    """Raises BadInput where it was made by a version with other curves. Older ones had no shares of the distance."""
    if tuple(report["curveAt"]) != CURVE_AT:
        raise BadInput(
            "calibration-format", "its calibration has curves at other probabilities than those of this version"
        )

    def flow(name: str) -> FlowInterval:
        return FlowInterval(*(tuple(report[name][part]) for part in ("mean", "lower", "upper")))

    none = [0.0] * len(report["horizonHours"])
    return Calibration(
        tuple(report["horizonHours"]),
        tuple(report["meanShare"]),
        tuple(report["medianShare"]),
        tuple(report["lower"]),
        tuple(report["upper"]),
        tuple(report.get("lowerShare", none)),
        tuple(report.get("upperShare", none)),
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
    days: int
    """That the rows are from."""


def calibrate(raw: Mapping[str, Float32s], truth: HeldOut) -> Calibration:
    """From the raw outputs and the truth on the same held-out rows."""
    change = truth.change
    distance = outer_distance(raw)
    below = raw["bikes_q05"] - change
    above = change - raw["bikes_q95"]
    hours, points = _points(truth.named_hours, MIN_ROWS_PER_POINT)
    curve_hours, curve_points = _points(truth.named_hours, MIN_ROWS_PER_CURVE)

    bound_rows = _bound_rows(hours, points, truth.named_hours)
    lower = [_conformal_line(below[rows], distance[rows]) for rows in bound_rows]
    upper = [_conformal_line(above[rows], distance[rows]) for rows in bound_rows]

    belief = truth.days / (truth.days + HALF_BELIEVED_DAYS)

    def curves(said: Float32s, happened: Float64s) -> tuple[tuple[float, ...], ...]:
        by_point = [_curve(said[rows], happened[rows], belief) for rows in curve_points]
        table = np.array(by_point)
        # The points of a curve may be fewer: it is read off at those of all the rest.
        columns = [np.interp(hours, curve_hours, table[:, column]) for column in range(table.shape[1])]
        return tuple(tuple(round(float(value), 6) for value in row) for row in np.array(columns).T)

    return Calibration(
        tuple(hours),
        tuple(_mean_share(raw["bikes_mean"][rows].astype(np.float64), change[rows]) for rows in points),
        tuple(_median_share(raw["bikes_q50"][rows].astype(np.float64), change[rows]) for rows in points),
        tuple(-bikes for bikes, _ in lower),
        tuple(bikes for bikes, _ in upper),
        tuple(-share for _, share in lower),
        tuple(share for _, share in upper),
        curves(raw["p_bike"], truth.had_bike),
        curves(raw["p_dock"], truth.had_dock),
        _flow_interval(raw["departures_mean"], truth.departures),
        _flow_interval(raw["arrivals_mean"], truth.arrivals),
    )


def tune_bounds(
    calibration: Calibration, misses_of: Callable[[Calibration], tuple[Bools, Bools]], named_hours: Float64s
) -> Calibration:
    """Moves the bounds until, in forecasts as they are served, 5 % of the truth lies outside each at every horizon.

    Rounding to whole bikes, clipping and agreeing with the probabilities come after the conformal quantiles, and
    cover a little more than those had promised. `misses_of` says of every held-out row whether its truth is below or
    above.
    """
    bound_rows = _bound_rows(*_points(named_hours, MIN_ROWS_PER_POINT), named_hours)
    lower = _Bisection(np.array(calibration.lower))
    upper = _Bisection(-np.array(calibration.upper))
    for _ in range(BISECTIONS):
        tried = replace(calibration, lower=tuple(lower.middle), upper=tuple(-upper.middle))
        below, above = misses_of(tried)
        lower.narrow(np.array([below[rows].mean() for rows in bound_rows]))
        upper.narrow(np.array([above[rows].mean() for rows in bound_rows]))

    def rounded(values: Float64s) -> tuple[float, ...]:
        return tuple(round(float(value), 6) for value in values)

    return replace(calibration, lower=rounded(lower.kept), upper=rounded(-upper.kept))


class _Bisection:
    """Finds the highest lower bounds, one a point, that are missed no more often than they may be."""

    def __init__(self, start: Float64s) -> None:
        self.kept: Float64s = start - TUNED_BY_BIKES
        self._missed: Float64s = start + TUNED_BY_BIKES

    @property
    def middle(self) -> Float64s:
        return (self.kept + self._missed) / 2

    def narrow(self, miss_rate: Float64s) -> None:
        middle = self.middle
        is_good = miss_rate <= OUTSIDE_EACH_BOUND
        self.kept = np.where(is_good, middle, self.kept)
        self._missed = np.where(is_good, self._missed, middle)


def _points(named_hours: Float64s, least: int) -> tuple[list[float], list[Bools]]:
    """Ascending hours, and the rows that say what the tables hold there.

    Each bucket of horizons is at the mean of its rows. Where a band ends between two buckets, the one before reaches up
    to its edge and the one behind begins with the slot that follows: each band has a model of its own.
    """
    hours: list[float] = []
    points: list[Bools] = []
    last: Bools | None = None
    for rows in _rows_by_point(named_hours, least):
        mean = round(float(named_hours[rows].mean()), 6)
        if last is not None:
            longest, shortest = float(named_hours[last].max()), float(named_hours[rows].min())
            edge = max((each for each in BAND_EDGES if longest <= each < shortest), default=None)
            if edge is not None:
                for hour, of in ((edge, last), (edge + 1 / SLOTS_AN_HOUR, rows)):
                    if hours[-1] < hour < mean:
                        hours.append(hour)
                        points.append(of)
        hours.append(mean)
        points.append(rows)
        last = rows
    return hours, points


def _bound_rows(hours: Sequence[float], points: Sequence[Bools], named_hours: Float64s) -> list[Bools]:
    """The rows that say where the bounds of each point are: its own, and far ahead those of two days of horizons."""

    def rows_of(hour: float, own: Bools) -> Bools:
        for above, up_to in pairwise(FAR_EDGES):
            if above < hour <= up_to:
                return own | ((named_hours > above) & (named_hours <= up_to))
        return own

    return [rows_of(hour, own) for hour, own in zip(hours, points, strict=True)]


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


def _conformal_line(outside: Float64s, distance: Float64s) -> tuple[float, float]:
    """Bikes, and the share of the distance, that enough rows stay within together, whatever their distance.

    Linear quantile regression (Koenker, Bassett, Econometrica 1978). Its loss is convex in the share, the bikes being
    the quantile of what the share leaves, so a golden-section search finds it.
    """

    def left(share: float) -> tuple[float, float]:
        rest = outside - share * distance
        bikes = _conformal_quantile(rest)
        error = rest - bikes
        level = 1 - OUTSIDE_EACH_BOUND
        return float(np.maximum(level * error, (level - 1) * error).mean()), bikes

    if np.ptp(distance) == 0:  # bikes and shares say the same
        return round(_conformal_quantile(outside), 6), 0.0
    low, high = -LARGEST_SHARE, LARGEST_SHARE
    for _ in range(GOLDEN_STEPS):
        first = high - (high - low) * GOLDEN_RATIO
        second = low + (high - low) * GOLDEN_RATIO
        if left(first)[0] <= left(second)[0]:
            high = second
        else:
            low = first
    share = round((low + high) / 2, 6)
    return round(left(share)[1], 6), share


def _conformal_quantile(outside: Float64s) -> float:
    """The smallest distance that enough rows stay within, counting the row to come as one more."""
    count = len(outside)
    rank = min(count, math.ceil((1 - OUTSIDE_EACH_BOUND) * (count + 1)))
    return float(np.partition(outside, rank - 1)[rank - 1])


def _curve(said: Float32s, happened: Float64s, belief: float) -> tuple[float, ...]:
    """What happened where so much was said, along CURVE_AT; `belief` is the share of the way to it that is gone."""
    grid = np.array(CURVE_AT)
    known = ~np.isnan(happened)
    rate = float(happened[known].mean()) if known.any() else 1.0
    if rate in (0.0, 1.0):  # nothing to tell a line by
        return CURVE_AT
    shift, slope = _platt(_log_odds(said[known].astype(np.float64)), happened[known])
    shift, slope = belief * shift, 1 + belief * (slope - 1)
    curve = 1 / (1 + np.exp(-(shift + slope * _log_odds(grid))))
    curve[0], curve[-1] = 0.0, 1.0
    return tuple(round(float(value), 6) for value in curve)


def _log_odds(probability: Float64s) -> Float64s:
    inside = np.clip(probability, CLOSEST_TO_CERTAIN, 1 - CLOSEST_TO_CERTAIN)
    odds: Float64s = np.log(inside) - np.log1p(-inside)
    return odds


def _platt(odds: Float64s, happened: Float64s) -> tuple[float, float]:
    """Shift and slope of the line in log odds that makes what happened likeliest, by Newton's method."""
    design = np.column_stack([np.ones_like(odds), odds])
    line = np.array([0.0, 1.0])
    for _ in range(NEWTON_STEPS):
        probability = 1 / (1 + np.exp(-(design @ line)))
        weight = probability * (1 - probability)
        gradient = design.T @ (happened - probability)
        curvature = (design * weight[:, None]).T @ design + np.eye(2) * 1e-6
        step = np.linalg.solve(curvature, gradient)
        # A long step from a bad start goes astray.
        line = line + np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max()) < 1e-9:
            break
    return float(line[0]), float(max(line[1], LEAST_SLOPE))


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
