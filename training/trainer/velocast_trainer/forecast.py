"""From a graph's raw outputs to the forecast that is served and scored. Serving does the same steps in its own code.

1. Changes are added to the bikes now.  2. The calibration of the horizon is added to the outer quantiles.  3. The three
quantiles, fitted one by one, are sorted.  4. Bikes are kept within [0, capacity], or above 0 where the capacity is
unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.calibration import Calibration


@dataclass(frozen=True)
class Forecast:
    """One value a row: bikes and departures as numbers, the two probabilities from 0 to 1."""

    bikes_mean: Float64s
    bikes_q05: Float64s
    bikes_q50: Float64s
    bikes_q95: Float64s
    p_bike: Float64s
    p_dock: Float64s
    departures_mean: Float64s


def forecast_from_outputs(
    raw: Mapping[str, Float32s],
    calibration: Calibration,
    horizon_hours: Float64s,
    bikes_now: Float32s,
    capacity: Float32s,
) -> Forecast:
    most = np.where(np.isnan(capacity), np.inf, capacity).astype(np.float64)
    add_lower, add_upper = calibration.at(horizon_hours)

    def bikes(name: str, addition: Float64s | float = 0.0) -> Float64s:
        return bikes_now.astype(np.float64) + raw[name] + addition

    quantiles = np.sort([bikes("bikes_q05", add_lower), bikes("bikes_q50"), bikes("bikes_q95", add_upper)], axis=0)
    q05, q50, q95 = np.clip(quantiles, 0.0, most)
    return Forecast(
        bikes_mean=np.clip(bikes("bikes_mean"), 0.0, most),
        bikes_q05=q05,
        bikes_q50=q50,
        bikes_q95=q95,
        p_bike=np.clip(raw["p_bike"].astype(np.float64), 0.0, 1.0),
        p_dock=np.clip(raw["p_dock"].astype(np.float64), 0.0, 1.0),
        departures_mean=np.maximum(raw["departures_mean"].astype(np.float64), 0.0),
    )
