"""How the bikes move in general: a line through what is usual and what was lately, that the trees correct.

Trees cannot say more than they have seen, and a city that was fitted in winter moves by more bikes in spring. The
distance from now to what is usual at the target grows with it, and a share of a distance holds at any size. The shares
change with the horizon, linearly between knots; least squares find them on the rows that train. They are computed
within the graph, from columns of the row; the same numbers come out of `at`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from velocast_trainer.arrays import Float32s, Float64s

BIKES_NOW = "bikes"
# The line is made of their distances from the bikes now; where one is missing its distance counts as 0.
LEVELS = (
    "bikes_lag_1h",
    "bikes_lag_24h",
    "bikes_lag_168h",
    "bikes_mean_24h",
    "bikes_mean_168h",
    "climatology_bikes",
    "target_climatology_bikes",
    "target_usual_bikes",
    "target_recent_bikes",
    "target_bikes_yesterday",
    "target_bikes_last_week",
)
# Bikes; no station is further from any of them.
FURTHEST = 200.0
KNOT_HOURS = (0.25, 1.0, 3.0, 6.0, 12.0, 24.0, 48.0, 96.0, 168.0)
# Of the mean square of a distance: several levels may say the same.
PENALTY = 1e-3
ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class Line:
    """`shares` are by level: at the first knot, then what each further knot adds."""

    horizon_column: int
    bikes_column: int
    level_columns: tuple[int, ...]
    shares: tuple[tuple[float, ...], ...]

    def at(self, features: Float32s) -> Float64s:
        """The expected change of bikes, one a row."""
        shares = np.array(self.shares, dtype=np.float32).astype(np.float64)
        change: Float64s = np.empty(len(features), dtype=np.float64)
        for start in range(0, len(features), ROWS_AT_ONCE):
            some = features[start : start + ROWS_AT_ONCE]
            of_row = _steps(some[:, self.horizon_column]) @ shares
            change[start : start + len(some)] = (of_row * self._distances(some)).sum(axis=1)
        return change

    def _distances(self, features: Float32s) -> Float64s:
        levels = features[:, list(self.level_columns)].astype(np.float64)
        with np.errstate(invalid="ignore"):
            distances = levels - features[:, [self.bikes_column]]
        return np.clip(np.where(np.isnan(distances), 0.0, distances), -FURTHEST, FURTHEST)


def fit_line(names: Sequence[str], horizon_column: int, features: Float32s, change: Float32s) -> Line | None:
    """From rows whose change is known. None where the features hold no level to draw a line through."""
    listed = list(names)
    columns = tuple(listed.index(name) for name in LEVELS if name in listed)
    if BIKES_NOW not in listed or not columns or len(features) == 0:
        return None
    shape = (len(KNOT_HOURS), len(columns))
    line = Line(horizon_column, listed.index(BIKES_NOW), columns, tuple((0.0,) * shape[1] for _ in range(shape[0])))
    size = shape[0] * shape[1]
    squares, products = np.zeros((size, size)), np.zeros(size)
    for start in range(0, len(features), ROWS_AT_ONCE):
        some = features[start : start + ROWS_AT_ONCE]
        design = _steps(some[:, horizon_column])[:, :, None] * line._distances(some)[:, None, :]
        design = design.reshape(len(some), size)
        squares += design.T @ design
        products += design.T @ change[start : start + len(some)].astype(np.float64)
    penalty = PENALTY * float(np.trace(squares)) / size
    shares = np.linalg.solve(squares + max(penalty, 1e-9) * np.eye(size), products).reshape(shape)
    return Line(
        line.horizon_column,
        line.bikes_column,
        columns,
        tuple(tuple(round(float(share), 6) for share in of_knot) for of_knot in shares),
    )


def _steps(hours: Float32s) -> Float64s:
    """1, then how much of the way from each knot to the next is gone. A row without a horizon counts as furthest."""
    knots = np.array(KNOT_HOURS)
    known = np.where(np.isnan(hours), KNOT_HOURS[-1], hours.astype(np.float64))
    gone = np.clip((known[:, None] - knots[:-1]) / np.diff(knots), 0.0, 1.0)
    return np.column_stack([np.ones(len(hours)), gone])
