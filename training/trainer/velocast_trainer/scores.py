"""How good a forecast is, beside the honest opponents, on the same rows.

Bikes are scored on the rows whose truth is known and for which all five naive forecasts exist, so that no ratio
compares different rows; where there is no such row at all (a history of days), on all rows with a known truth, without
ratios. Every bucket of horizons, hour of the day and size of station is scored the same way as the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from velocast_trainer.arrays import Bools, Float64s, Int64s, Rows
from velocast_trainer.dataset import HOUR_MS, NAIVE_FORECASTS, Dataset
from velocast_trainer.forecast import Forecast, StationNow
from velocast_trainer.horizons import horizon_buckets
from velocast_trainer.outputs import OUTPUTS, target_of

MISSED_SHARE = 0.1  # of the 90 % interval
ECE_BINS = 10
# Of the rows that the best known naive forecast is known of: one that is known of fewer is no opponent.
LEAST_KNOWN_SHARE = 0.5
# Docks up to which a station counts to a size; the last has no end.
SIZES = (15, 25)
Metrics = dict[str, object]

TARGET_OF_PROBABILITY = {output.name: output for output in OUTPUTS if output.kind == "probability"}


@dataclass(frozen=True)
class Truth:
    """What happened in the rows that are scored, and what the opponents said; one value a row, NaN is unknown."""

    named_hours: Float64s
    target_at: Int64s
    station: Int64s
    capacity: Float64s
    bikes: Float64s
    had_bike: Float64s
    had_dock: Float64s
    departures: Float64s
    arrivals: Float64s
    had_bike_rate: Float64s
    had_dock_rate: Float64s
    departures_rate: Float64s
    arrivals_rate: Float64s
    naive: dict[str, Float64s]


def station_now(data: Dataset, rows: Rows) -> StationNow:
    """What a forecast starts from."""
    return StationNow(
        data.named_hours[rows],
        data.bikes_now[rows].astype(np.float64),
        data.docks_now[rows].astype(np.float64),
        data.capacity[rows].astype(np.float64),
    )


def truth_of(data: Dataset, scored: Rows) -> Truth:
    def naive(name: str) -> Float64s:
        return data.naive[name][scored].astype(np.float64)

    def label(quantity: str) -> Float64s:
        return data.labels[quantity][scored].astype(np.float64)

    had_bike = target_of(TARGET_OF_PROBABILITY["p_bike"], data)
    had_dock = target_of(TARGET_OF_PROBABILITY["p_dock"], data)
    return Truth(
        named_hours=data.named_hours[scored],
        target_at=data.target_at[scored],
        station=data.station[scored],
        capacity=data.capacity[scored].astype(np.float64),
        # Without the bikes now there is no forecast of bikes to score.
        bikes=np.where(np.isnan(data.bikes_now[scored]), np.nan, label("bikes")),
        had_bike=had_bike[scored].astype(np.float64),
        had_dock=had_dock[scored].astype(np.float64),
        departures=label("departures"),
        arrivals=label("arrivals"),
        had_bike_rate=naive("naive_bike_rate"),
        had_dock_rate=naive("naive_dock_rate"),
        departures_rate=naive("naive_departures"),
        arrivals_rate=naive("naive_arrivals"),
        naive={name: naive(name) for name in NAIVE_FORECASTS},
    )


def score(forecast: Forecast, truth: Truth) -> Metrics:
    """`overall`, and `byHorizon`, `byHour` (UTC), `bySize` for each that has rows. What cannot be known is null."""
    everything = np.ones(len(truth.bikes), dtype=np.bool_)
    by_horizon: list[Metrics] = []
    for bucket in horizon_buckets():
        rows = bucket.holds(truth.named_hours)
        if rows.any():
            mean_hours = round(float(truth.named_hours[rows].mean()), 6)
            by_horizon.append(
                {
                    "upToHours": bucket.up_to_hours,
                    "meanHours": mean_hours,
                    **score_rows(forecast, truth, rows),
                }
            )
    hour = truth.target_at // HOUR_MS % 24
    by_hour = [{"hourUtc": int(each), **_errors(forecast, truth, hour == each)} for each in np.unique(hour)]
    return {
        "overall": score_rows(forecast, truth, everything),
        "byHorizon": by_horizon,
        "byHour": by_hour,
        "bySize": _by_size(forecast, truth),
    }


def reliability(forecast: Forecast, truth: Truth) -> dict[str, list[dict[str, float]]]:
    """How often there was a bike, and a dock, where so much was said: the calibration error's bins that have rows."""

    def of(said: Float64s, happened: Float64s) -> list[dict[str, float]]:
        known = ~np.isnan(happened)
        said, happened = said[known], happened[known]
        bins = _bins(said)
        return [
            {
                "said": _rounded(float(said[bins == each].mean())),
                "happened": _rounded(float(happened[bins == each].mean())),
                "rows": int((bins == each).sum()),
            }
            for each in np.unique(bins)
        ]

    return {"bike": of(forecast.p_bike, truth.had_bike), "dock": of(forecast.p_dock, truth.had_dock)}


def _by_size(forecast: Forecast, truth: Truth) -> list[Metrics]:
    sizes = np.searchsorted(SIZES, truth.capacity, side="left")
    names = [*(f"up to {docks} docks" for docks in SIZES), f"more than {SIZES[-1]} docks"]
    return [
        {"size": name, **_errors(forecast, truth, rows)}
        for index, name in enumerate(names)
        if (rows := (sizes == index) & ~np.isnan(truth.capacity)).any()
    ]


def _errors(forecast: Forecast, truth: Truth, rows: Bools) -> Metrics:
    known = rows & ~np.isnan(truth.bikes)
    return {
        "rows": int(known.sum()),
        "rmse": _rmse(forecast.bikes_mean[known], truth.bikes[known]),
        "mae": _mean(np.abs(forecast.bikes_q50[known] - truth.bikes[known])),
    }


def score_rows(forecast: Forecast, truth: Truth, rows: Bools) -> Metrics:
    known = rows & ~np.isnan(truth.bikes)
    compared = known & ~np.isnan(np.stack([truth.naive[name] for name in opponents(truth, known)])).any(axis=0)
    use = compared if compared.any() else known
    return {
        **_bikes(forecast, truth, use),
        **_opponents(forecast, truth, compared),
        **_probability("Bike", forecast.p_bike, truth.had_bike, truth.had_bike_rate, rows),
        **_probability("Dock", forecast.p_dock, truth.had_dock, truth.had_dock_rate, rows),
        **_flow("departures", forecast.departures_mean, truth.departures, truth.departures_rate, rows),
        **_flow("arrivals", forecast.arrivals_mean, truth.arrivals, truth.arrivals_rate, rows),
        "departuresCoverage90": _coverage(
            forecast.departures_q05, forecast.departures_q95, truth.departures, rows & ~np.isnan(truth.departures)
        ),
        "arrivalsCoverage90": _coverage(
            forecast.arrivals_q05, forecast.arrivals_q95, truth.arrivals, rows & ~np.isnan(truth.arrivals)
        ),
    }


def _bikes(forecast: Forecast, truth: Truth, rows: Bools) -> Metrics:
    bikes, mean, median = truth.bikes[rows], forecast.bikes_mean[rows], forecast.bikes_q50[rows]
    lower, upper = forecast.bikes_q05[rows], forecast.bikes_q95[rows]
    winkler = _winkler(lower, upper, bikes)
    of_percent = _winkler(median * 0.85, median * 1.15, bikes)
    some = bikes > 0
    return {
        "rows": int(rows.sum()),
        "rmse": _rmse(mean, bikes),
        "mae": _mean(np.abs(median - bikes)),
        "r2": _r2(mean, bikes),
        "mape": _mean(np.abs(mean[some] - bikes[some]) / bikes[some]),
        "pinball05": _pinball(lower, bikes, 0.05),
        "pinball50": _pinball(median, bikes, 0.5),
        "pinball95": _pinball(upper, bikes, 0.95),
        "coverage90": _mean((bikes >= lower) & (bikes <= upper)),
        "stationsCovered85": _stations_covered(lower, upper, bikes, truth.station[rows]),
        "winkler": winkler,
        "winklerOfPlusMinus15Percent": of_percent,
        "winklerRatio": _ratio(winkler, of_percent),
    }


MIN_ROWS_OF_STATION = 100


def _stations_covered(lower: Float64s, upper: Float64s, bikes: Float64s, station: Int64s) -> float | None:
    """The share of the stations with enough rows whose bikes are within the interval at least 85 % of the time."""
    inside = (bikes >= lower) & (bikes <= upper)
    count = np.bincount(station)
    enough = count >= MIN_ROWS_OF_STATION
    if not enough.any():
        return None
    share = np.bincount(station, weights=inside)[enough] / count[enough]
    return _mean(share >= 0.85)


def opponents(truth: Truth, known: Bools) -> list[str]:
    """The naive forecasts that these rows are compared with: of a short history some are hardly ever known, and would
    leave no row to compare the others on."""
    counts = {name: int((known & ~np.isnan(said)).sum()) for name, said in truth.naive.items()}
    most = max(counts.values())
    return [name for name, count in counts.items() if count >= LEAST_KNOWN_SHARE * most]


def _opponents(forecast: Forecast, truth: Truth, rows: Bools) -> Metrics:
    names = {"comparedRows": int(rows.sum())}
    if not rows.any():
        nothing = dict.fromkeys(("naiveRmse", "naiveMae", "bestNaive", "rmseToBestNaive", "maeToBestNaive"))
        return {**names, **nothing}
    bikes = truth.bikes[rows]
    naive = {name: said[rows] for name, said in truth.naive.items() if not np.isnan(said[rows]).any()}
    rmse = {_short(name): _rmse(said, bikes) for name, said in naive.items()}
    mae = {_short(name): _mean(np.abs(said - bikes)) for name, said in naive.items()}
    unknown = {_short(name): None for name in truth.naive if name not in naive}
    return {
        **names,
        "naiveRmse": {**rmse, **unknown},
        "naiveMae": {**mae, **unknown},
        "bestNaive": min(rmse, key=lambda name: rmse[name] or 0.0),
        "rmseToBestNaive": _ratio(_rmse(forecast.bikes_mean[rows], bikes), min(v or 0.0 for v in rmse.values())),
        "maeToBestNaive": _ratio(_mean(np.abs(forecast.bikes_q50[rows] - bikes)), min(v or 0.0 for v in mae.values())),
    }


def _probability(of: str, said: Float64s, happened: Float64s, rate: Float64s, rows: Bools) -> Metrics:
    """The Brier score beside that of the climatology on the same rows; the calibration error on all."""
    known = rows & ~np.isnan(happened)
    compared = known & ~np.isnan(rate)
    brier = _mean((said[compared] - happened[compared]) ** 2)
    brier_of_rate = _mean((rate[compared] - happened[compared]) ** 2)
    ratio = _ratio(brier, brier_of_rate)
    return {
        f"brier{of}": _mean((said[known] - happened[known]) ** 2),
        f"brier{of}OfClimatology": brier_of_rate,
        f"brierSkill{of}": None if ratio is None else _rounded(1 - ratio),
        f"ece{of}": expected_calibration_error(said[known], happened[known]),
    }


def expected_calibration_error(said: Float64s, happened: Float64s) -> float | None:
    """In ten bins of equal width, the distance of what was said on average from how often it happened, weighed by rows
    (Naeini, Cooper, Hauskrecht, AAAI 2015)."""
    if len(said) == 0:
        return None
    distance = np.abs(np.bincount(_bins(said), weights=said - happened, minlength=ECE_BINS))
    return _rounded(float(distance.sum() / len(said)))


def _bins(said: Float64s) -> Int64s:
    return np.minimum((said * ECE_BINS).astype(np.int64), ECE_BINS - 1)


def _flow(quantity: str, said: Float64s, happened: Float64s, rate: Float64s, rows: Bools) -> Metrics:
    known = rows & ~np.isnan(happened) & ~np.isnan(rate)
    rmse = _rmse(said[known], happened[known])
    of_climatology = _rmse(rate[known], happened[known])
    return {
        f"{quantity}Rmse": rmse,
        f"{quantity}RmseOfClimatology": of_climatology,
        f"{quantity}RmseToClimatology": _ratio(rmse, of_climatology),
    }


def _coverage(lower: Float64s, upper: Float64s, truth: Float64s, rows: Bools) -> float | None:
    return _mean((truth[rows] >= lower[rows]) & (truth[rows] <= upper[rows]))


def _winkler(lower: Float64s, upper: Float64s, truth: Float64s) -> float | None:
    """Mean width, plus 2/0.1 for every bike by which the truth is outside (Winkler, JASA 1972). Lower is better."""
    outside = np.maximum(lower - truth, 0) + np.maximum(truth - upper, 0)
    return _mean(upper - lower + 2 / MISSED_SHARE * outside)


def _pinball(said: Float64s, truth: Float64s, level: float) -> float | None:
    error = truth - said
    return _mean(np.maximum(level * error, (level - 1) * error))


def _r2(said: Float64s, truth: Float64s) -> float | None:
    if len(truth) == 0:
        return None
    spread = float(np.var(truth))
    return None if spread == 0 else _rounded(1 - float(np.mean((said - truth) ** 2)) / spread)


def _rmse(said: Float64s, truth: Float64s) -> float | None:
    square = _mean((said - truth) ** 2)
    return None if square is None else _rounded(float(np.sqrt(np.mean((said - truth) ** 2))))


def _mean(values: Float64s | Bools) -> float | None:
    return _rounded(float(values.mean())) if len(values) else None


def _ratio(value: float | None, baseline: float | None) -> float | None:
    return None if value is None or not baseline else _rounded(value / baseline)


def _rounded(value: float) -> float:
    return round(value, 6)


def _short(naive_column: str) -> str:
    return naive_column.removeprefix("naive_")
