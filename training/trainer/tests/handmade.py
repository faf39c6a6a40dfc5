"""Forecasts, truths and calibrations for tests that work their numbers out by hand: a test names what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.calibration import CURVE_AT, Calibration, FlowInterval
from velocast_trainer.dataset import NAIVE_FORECASTS
from velocast_trainer.forecast import Forecast, StationNow
from velocast_trainer.outputs import OUTPUTS
from velocast_trainer.scores import Truth

NOTHING_FLOWS = FlowInterval((0.0,), (0.0,), (0.0,))


def a_calibration(horizon_hours: Sequence[float] = (1.0,), **changes: Any) -> Calibration:
    """Keeps everything as the graph says it."""
    count = len(horizon_hours)
    tables: dict[str, Any] = {
        "horizon_hours": tuple(horizon_hours),
        "mean_share": (1.0,) * count,
        "median_share": (1.0,) * count,
        "lower": (0.0,) * count,
        "upper": (0.0,) * count,
        "lower_share": (0.0,) * count,
        "upper_share": (0.0,) * count,
        "bike_curve": (CURVE_AT,) * count,
        "dock_curve": (CURVE_AT,) * count,
        "departures": NOTHING_FLOWS,
        "arrivals": NOTHING_FLOWS,
    }
    return Calibration(**{**tables, **changes})


def raw_outputs(**changes: Sequence[float]) -> dict[str, Float32s]:
    """No change, and bikes and docks as likely as not; as many rows as the first that is given has."""
    rows = len(next(iter(changes.values())))
    usual = {output.name: 0.5 if output.kind == "probability" else 0.0 for output in OUTPUTS}
    return {name: np.array(changes.get(name, [value] * rows), dtype=np.float32) for name, value in usual.items()}


def now_of(
    bikes: Sequence[float], docks: Sequence[float], capacity: Sequence[float], hours: Sequence[float] | None = None
) -> StationNow:
    values = (hours or [1.0] * len(bikes), bikes, docks, capacity)
    return StationNow(*(np.array(each, dtype=np.float64) for each in values))


def a_forecast(rows: int, **changes: Any) -> Forecast:
    """Zeros but for what is given."""
    return Forecast(**{name: _column(changes.get(name, 0.0), rows) for name in Forecast.__dataclass_fields__})


def a_truth(rows: int, **changes: Any) -> Truth:
    """At 1 h, of one station of unknown size, on one day, with no bikes and no flows; nothing said by the opponents."""
    usual: dict[str, Any] = {
        **dict.fromkeys(Truth.__dataclass_fields__, 0.0),
        "named_hours": 1.0,
        "capacity": np.nan,
    }
    naive: Mapping[str, Any] = changes.pop("naive", {})
    values = {name: _column(changes.get(name, value), rows) for name, value in usual.items()}
    for name in ("target_at", "station"):
        values[name] = values[name].astype(np.int64)
    opponents = {name: _column(naive.get(name, np.nan), rows) for name in NAIVE_FORECASTS}
    return Truth(**{**values, "naive": opponents})


def _column(value: Any, rows: int) -> Any:
    column: Float64s = np.broadcast_to(np.asarray(value, dtype=np.float64), (rows,)).copy()
    return column
