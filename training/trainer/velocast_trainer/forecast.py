"""From a graph's raw outputs to the forecast that is served and scored. Serving does the same steps in its own code,
and the bundle's golden forecasts hold the two together.

1. Changes are added to the bikes now: of the mean and the median the share that the calibration keeps.
2. The outer quantiles are moved by the calibration of the horizon: so many bikes, and such a share of their distance.
   The three, fitted one by one, are sorted.
3. All are kept within [0, capacity], or above 0 where the capacity is unknown.
4. Quantiles are rounded to whole bikes, the outer ones inward: no more and no less is covered, for bikes are whole.
5. Probabilities are read off their curves, and the quantiles made to agree: 5 % of the bikes' distribution is at 0
   exactly where the probability of a bike is below 95 %, and so on.
6. Docks are what the bikes leave of the places that can be used now.
7. Departures and arrivals are not negative; their intervals follow from their means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.calibration import Calibration, FlowInterval, outer_distance

# Sums of floats that are whole but for their last digits count as whole.
WHOLE = 1e-6


@dataclass(frozen=True)
class Forecast:
    """One value a row: bikes, docks, departures and arrivals as numbers, the two probabilities from 0 to 1."""

    bikes_mean: Float64s
    bikes_q05: Float64s
    bikes_q50: Float64s
    bikes_q95: Float64s
    docks_mean: Float64s
    docks_q05: Float64s
    docks_q50: Float64s
    docks_q95: Float64s
    p_bike: Float64s
    p_dock: Float64s
    departures_mean: Float64s
    departures_q05: Float64s
    departures_q95: Float64s
    arrivals_mean: Float64s
    arrivals_q05: Float64s
    arrivals_q95: Float64s


@dataclass(frozen=True)
class StationNow:
    """One value a row; NaN is unknown. Hours are named horizons."""

    named_hours: Float64s
    bikes: Float64s
    docks: Float64s
    capacity: Float64s


def forecast_from_outputs(raw: Mapping[str, Float32s], calibration: Calibration, now: StationNow) -> Forecast:
    most = np.where(np.isnan(now.capacity), np.inf, now.capacity)
    hours = now.named_hours

    def table(values: tuple[float, ...]) -> Float64s:
        return calibration.interpolated(values, hours)

    distance = outer_distance(raw)
    mean = np.clip(now.bikes + table(calibration.mean_share) * raw["bikes_mean"], 0.0, most)
    quantiles = np.sort(
        [
            now.bikes + raw["bikes_q05"] + table(calibration.lower) + table(calibration.lower_share) * distance,
            now.bikes + np.where(table(calibration.median_share) < 0.5, 0.0, raw["bikes_q50"]),
            now.bikes + raw["bikes_q95"] + table(calibration.upper) + table(calibration.upper_share) * distance,
        ],
        axis=0,
    )
    low, middle, high = np.clip(quantiles, 0.0, most)
    low, middle, high = _whole(low, middle, high)
    p_bike = calibration.probability(calibration.bike_curve, raw["p_bike"], hours)
    p_dock = calibration.probability(calibration.dock_curve, raw["p_dock"], hours)
    places = np.where(np.isnan(now.docks), now.capacity, now.bikes + now.docks)
    bikes = _agreeing(low, middle, high, p_bike, most)

    def left(value: Float64s) -> Float64s:
        return np.clip(places - value, 0.0, most)

    docks = _agreeing(left(high), left(middle), left(low), p_dock, np.minimum(most, places))
    departures = np.maximum(raw["departures_mean"].astype(np.float64), 0.0)
    arrivals = np.maximum(raw["arrivals_mean"].astype(np.float64), 0.0)
    departures_q05, departures_q95 = _interval(calibration.departures, departures)
    arrivals_q05, arrivals_q95 = _interval(calibration.arrivals, arrivals)
    return Forecast(
        bikes_mean=mean,
        bikes_q05=bikes[0],
        bikes_q50=bikes[1],
        bikes_q95=bikes[2],
        docks_mean=np.clip(places - mean, 0.0, most),
        docks_q05=docks[0],
        docks_q50=docks[1],
        docks_q95=docks[2],
        p_bike=p_bike,
        p_dock=p_dock,
        departures_mean=departures,
        departures_q05=departures_q05,
        departures_q95=departures_q95,
        arrivals_mean=arrivals,
        arrivals_q05=arrivals_q05,
        arrivals_q95=arrivals_q95,
    )


def _whole(low: Float64s, middle: Float64s, high: Float64s) -> tuple[Float64s, Float64s, Float64s]:
    nearest = np.floor(middle + 0.5)
    lower, upper = np.ceil(low - WHOLE), np.floor(high + WHOLE)
    # An interval between two whole numbers holds none: the nearest to its middle stands for it.
    none = lower > upper
    between = np.floor((low + high) / 2 + 0.5)
    lower, upper = np.where(none, between, lower), np.where(none, between, upper)
    return lower, np.clip(nearest, lower, upper), upper


def _agreeing(
    low: Float64s, middle: Float64s, high: Float64s, p_any: Float64s, most: Float64s
) -> tuple[Float64s, Float64s, Float64s]:
    """A quantile is 0 exactly where at least so much of the distribution is at 0."""

    def agreed(value: Float64s, level: float) -> Float64s:
        return np.where(1 - p_any >= level, 0.0, np.minimum(np.maximum(value, 1.0), most)) + 0 * value

    low, middle, high = agreed(low, 0.05), agreed(middle, 0.5), agreed(high, 0.95)
    return low, np.maximum(middle, low), np.maximum(high, np.maximum(middle, low))


def _interval(table: FlowInterval, mean: Float64s) -> tuple[Float64s, Float64s]:
    lower, upper = table.at(mean)
    return np.ceil(lower - WHOLE), np.floor(upper + WHOLE)
