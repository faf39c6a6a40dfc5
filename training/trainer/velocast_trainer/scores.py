"""How good a forecast is, beside the honest opponents, on the same rows.

Bikes are scored on the rows whose truth is known and for which all five naive forecasts exist, so that no ratio
compares different rows; where there is no such row at all (a history of days), on all rows with a known truth, without
ratios. Every bucket of horizons is scored the same way as the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from velocast_trainer.arrays import Bools, Float32s, Float64s, Rows
from velocast_trainer.climatology import climatology
from velocast_trainer.dataset import NAIVE_FORECASTS, Dataset
from velocast_trainer.forecast import Forecast
from velocast_trainer.horizon_buckets import horizon_buckets
from velocast_trainer.outputs import OUTPUTS, target_of

MISSED_SHARE = 0.1  # of the 90 % interval
Metrics = dict[str, object]

TARGET_OF_PROBABILITY = {output.name: output for output in OUTPUTS if output.kind == "probability"}


@dataclass(frozen=True)
class Truth:
    """What happened in the rows that are scored, and what the opponents said; one value a row, NaN is unknown."""

    horizon_hours: Float64s
    bikes: Float64s
    had_bike: Float64s
    had_dock: Float64s
    departures: Float64s
    had_bike_rate: Float64s
    had_dock_rate: Float64s
    departures_rate: Float64s
    naive: dict[str, Float64s]


def truth_of(data: Dataset, train: Rows, scored: Rows) -> Truth:
    def rate(values: Float32s) -> Float64s:
        return climatology(data, values, train, scored)

    had_bike = target_of(TARGET_OF_PROBABILITY["p_bike"], data)
    had_dock = target_of(TARGET_OF_PROBABILITY["p_dock"], data)
    departures = data.labels["departures"]
    return Truth(
        horizon_hours=data.horizon_hours[scored],
        # Without the bikes now there is no forecast of bikes to score.
        bikes=np.where(np.isnan(data.bikes_now[scored]), np.nan, data.labels["bikes"][scored].astype(np.float64)),
        had_bike=had_bike[scored].astype(np.float64),
        had_dock=had_dock[scored].astype(np.float64),
        departures=departures[scored].astype(np.float64),
        had_bike_rate=rate(had_bike),
        had_dock_rate=rate(had_dock),
        departures_rate=rate(departures),
        naive={name: data.naive[name][scored].astype(np.float64) for name in NAIVE_FORECASTS},
    )


def score(forecast: Forecast, truth: Truth) -> Metrics:
    """`overall`, and `byHorizon` for every bucket that has rows. A number that cannot be known is null."""
    everything = np.ones(len(truth.bikes), dtype=np.bool_)
    by_horizon: list[Metrics] = []
    for bucket in horizon_buckets():
        rows = bucket.holds(truth.horizon_hours)
        if rows.any():
            mean_hours = round(float(truth.horizon_hours[rows].mean()), 6)
            by_horizon.append(
                {
                    "upToHours": bucket.up_to_hours,
                    "meanHours": mean_hours,
                    **_score_rows(forecast, truth, rows),
                }
            )
    return {"overall": _score_rows(forecast, truth, everything), "byHorizon": by_horizon}


def _score_rows(forecast: Forecast, truth: Truth, rows: Bools) -> Metrics:
    known = rows & ~np.isnan(truth.bikes)
    compared = known & ~np.isnan(np.stack(list(truth.naive.values()))).any(axis=0)
    use = compared if compared.any() else known
    return {
        **_bikes(forecast, truth, use),
        **_opponents(forecast, truth, compared),
        **_probability("Bike", forecast.p_bike, truth.had_bike, truth.had_bike_rate, rows),
        **_probability("Dock", forecast.p_dock, truth.had_dock, truth.had_dock_rate, rows),
        **_departures(forecast, truth, rows),
    }


def _bikes(forecast: Forecast, truth: Truth, rows: Bools) -> Metrics:
    bikes, median = truth.bikes[rows], forecast.bikes_q50[rows]
    lower, upper = forecast.bikes_q05[rows], forecast.bikes_q95[rows]
    winkler = _winkler(lower, upper, bikes)
    return {
        "rows": int(rows.sum()),
        "rmse": _rmse(forecast.bikes_mean[rows], bikes),
        "mae": _mean(np.abs(median - bikes)),
        "coverage90": _mean((bikes >= lower) & (bikes <= upper)),
        "winkler": winkler,
        "winklerOfPlusMinus15Percent": _winkler(median * 0.85, median * 1.15, bikes),
    }


def _opponents(forecast: Forecast, truth: Truth, rows: Bools) -> Metrics:
    names = {"comparedRows": int(rows.sum())}
    if not rows.any():
        nothing = dict.fromkeys(("naiveRmse", "naiveMae", "bestNaive", "rmseToBestNaive", "maeToBestNaive"))
        return {**names, **nothing}
    bikes = truth.bikes[rows]
    rmse = {_short(name): _rmse(said[rows], bikes) for name, said in truth.naive.items()}
    mae = {_short(name): _mean(np.abs(said[rows] - bikes)) for name, said in truth.naive.items()}
    return {
        **names,
        "naiveRmse": rmse,
        "naiveMae": mae,
        "bestNaive": min(rmse, key=lambda name: rmse[name] or 0.0),
        "rmseToBestNaive": _ratio(_rmse(forecast.bikes_mean[rows], bikes), min(v or 0.0 for v in rmse.values())),
        "maeToBestNaive": _ratio(_mean(np.abs(forecast.bikes_q50[rows] - bikes)), min(v or 0.0 for v in mae.values())),
    }


def _probability(of: str, said: Float64s, happened: Float64s, rate: Float64s, rows: Bools) -> Metrics:
    known = rows & ~np.isnan(happened)
    brier = _mean((said[known] - happened[known]) ** 2)
    brier_of_rate = _mean((rate[known] - happened[known]) ** 2)
    ratio = _ratio(brier, brier_of_rate)
    return {
        f"brier{of}": brier,
        f"brier{of}OfClimatology": brier_of_rate,
        f"brierSkill{of}": None if ratio is None else _rounded(1 - ratio),
    }


def _departures(forecast: Forecast, truth: Truth, rows: Bools) -> Metrics:
    known = rows & ~np.isnan(truth.departures)
    rmse = _rmse(forecast.departures_mean[known], truth.departures[known])
    of_climatology = _rmse(truth.departures_rate[known], truth.departures[known])
    return {
        "departuresRmse": rmse,
        "departuresRmseOfClimatology": of_climatology,
        "departuresRmseToClimatology": _ratio(rmse, of_climatology),
    }


def _winkler(lower: Float64s, upper: Float64s, truth: Float64s) -> float | None:
    """Mean width, plus 2/0.1 for every bike by which the truth is outside. Lower is better."""
    outside = np.maximum(lower - truth, 0) + np.maximum(truth - upper, 0)
    return _mean(upper - lower + 2 / MISSED_SHARE * outside)


def _rmse(said: Float64s, truth: Float64s) -> float | None:
    square = _mean((said - truth) ** 2)
    return None if square is None else _rounded(float(np.sqrt(square)))


def _mean(values: Float64s | Bools) -> float | None:
    return _rounded(float(values.mean())) if len(values) else None


def _ratio(value: float | None, baseline: float | None) -> float | None:
    return None if value is None or not baseline else _rounded(value / baseline)


def _rounded(value: float) -> float:
    return round(value, 6)


def _short(naive_column: str) -> str:
    return naive_column.removeprefix("naive_")
