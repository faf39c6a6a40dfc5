"""A made-up city as a training set: stations that fill and drain by the day and the week, with noise.

The bikes of a station are a clipped sum of its daily and weekly cycle and a slow random walk; departures and arrivals
are Poisson numbers with cycles of their own. Some stations have a dock that is out of order. Targets lie on the slots,
an `as_of` up to half a slot from its own. Features are like the product's, few, with some of no use among them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from velocast_trainer.arrays import Float32s

SLOT_MS = 900_000
SLOTS_A_DAY = 96
SLOTS_A_WEEK = 7 * SLOTS_A_DAY
START_MS = 1_757_894_400_000  # a Monday, 00:00 UTC
HORIZONS_HOURS = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 72, 120, 168)
WALK_STEP, WALK_MEMORY = 0.03, 0.985


@dataclass(frozen=True)
class City:
    features: tuple[str, ...]
    table: pa.Table

    def with_column(self, name: str, values: np.ndarray) -> City:
        column = pa.array(values.astype(np.float32))
        if name in self.table.column_names:
            at = self.table.column_names.index(name)
            return City(self.features, self.table.set_column(at, name, column))
        return City((*self.features, name), self.table.append_column(name, column))

    def column(self, name: str) -> Float32s:
        return np.asarray(self.table[name].to_numpy(), dtype=np.float32)

    def write(self, path: Path, as_file: bool = False) -> Path:
        opened = pa.ipc.new_file if as_file else pa.ipc.new_stream
        with pa.OSFile(str(path), "wb") as sink, opened(sink, self.table.schema) as writer:
            writer.write_table(self.table)
        return path


def generate_city(
    *, stations: int = 12, days: int = 28, rows: int = 8_000, idle_features: int = 4, seed: int = 7
) -> City:
    """A history of `days`, sampled to `rows` of random station, target slot and horizon."""
    rng = np.random.default_rng(seed)
    slots = days * SLOTS_A_DAY
    capacity = rng.integers(12, 36, stations).astype(np.float32)
    out_of_order = (np.arange(stations) % 4 == 3).astype(np.float32)
    history = _history(rng, capacity, slots)

    station = rng.integers(0, stations, rows)
    horizon = np.array(HORIZONS_HOURS)[rng.integers(0, len(HORIZONS_HOURS), rows)]
    ahead = (horizon * 4).astype(np.int64)
    target = rng.integers(ahead, slots)
    as_of = target - ahead
    as_of_ms = START_MS + as_of * SLOT_MS + rng.integers(-SLOT_MS // 2, SLOT_MS // 2, rows)
    target_ms = START_MS + target * SLOT_MS

    def at(series: np.ndarray, slot: np.ndarray) -> np.ndarray:
        """NaN where the history does not reach."""
        value = series[station, np.maximum(slot, 0)].astype(np.float32)
        return np.where(slot >= 0, value, np.float32(np.nan))

    days_back = (ahead + SLOTS_A_DAY - 1) // SLOTS_A_DAY
    bikes, places = history.bikes, (capacity - out_of_order)[station]
    now = np.minimum(at(bikes, as_of), places)
    at_target = at(history.cycle, target)
    yesterday = at(bikes, target - days_back * SLOTS_A_DAY)
    last_week = at(bikes, target - SLOTS_A_WEEK)
    hour_of_day = target % SLOTS_A_DAY / SLOTS_A_DAY * 2 * np.pi
    features = {
        "horizon_hours": (target_ms - as_of_ms) / 3_600_000,
        "bikes": now,
        "docks": places - now,
        "capacity": capacity[station],
        "fill_ratio": now / capacity[station],
        "bikes_change_60min": now - at(bikes, as_of - 4),
        "bikes_change_3h": now - at(bikes, as_of - 12),
        "bikes_lag_24h": at(bikes, as_of - SLOTS_A_DAY),
        "bikes_lag_168h": at(bikes, as_of - SLOTS_A_WEEK),
        "bikes_yesterday_at_target": yesterday,
        "bikes_last_week_at_target": last_week,
        "bikes_climatology_at_target": at_target,
        "departures_1h": at(history.departures, as_of - 4),
        "arrivals_1h": at(history.arrivals, as_of - 4),
        "target_hour_sin": np.sin(hour_of_day),
        "target_hour_cos": np.cos(hour_of_day),
        "target_is_weekend": target % SLOTS_A_WEEK >= 5 * SLOTS_A_DAY,
        **{f"idle_{index}": _with_gaps(rng, rng.normal(size=rows)) for index in range(idle_features)},
    }
    then = np.minimum(at(bikes, target), places)
    then[rng.random(rows) < 0.01] = np.nan
    others = {
        "bikes_now": now,
        "label_bikes": then,
        "label_docks": places - then,
        "label_departures": at(history.departures, target),
        "label_arrivals": at(history.arrivals, target),
        "naive_persistence": now,
        "naive_yesterday": yesterday,
        "naive_last_week": last_week,
        "naive_climatology": at_target,
        "naive_damped": at_target + (now - at_target) * np.exp(-horizon / 6),
        "naive_bike_rate": at(history.bike_rate, target),
        "naive_dock_rate": at(history.dock_rate, target),
        "naive_departures": at(history.departure_rate, target),
        "naive_arrivals": at(history.arrival_rate, target),
    }
    columns: dict[str, pa.Array] = {
        "station_id": pa.array([f"station-{code:03d}" for code in station]).dictionary_encode(),
        "as_of": pa.array(as_of_ms, type=pa.int64()),
        "target_at": pa.array(target_ms, type=pa.int64()),
    }
    for name, values in {**features, **others}.items():
        columns[name] = pa.array(np.asarray(values, dtype=np.float32))
    return City(tuple(features), pa.table(columns))


@dataclass(frozen=True)
class History:
    """Stations x slots. Departures and arrivals are those of the following hour.

    `cycle` and the rates are what endless years of history would show: a climatology without noise, and without
    knowing the answer.
    """

    bikes: np.ndarray
    departures: np.ndarray
    arrivals: np.ndarray
    cycle: np.ndarray
    bike_rate: np.ndarray
    dock_rate: np.ndarray
    departure_rate: np.ndarray
    arrival_rate: np.ndarray


def _history(rng: np.random.Generator, capacity: np.ndarray, slots: int) -> History:
    time = np.arange(slots)
    day = time % SLOTS_A_DAY / SLOTS_A_DAY * 2 * np.pi
    is_weekend = time % SLOTS_A_WEEK >= 5 * SLOTS_A_DAY
    phase = rng.uniform(0, 2 * np.pi, (len(capacity), 1))
    swing = rng.uniform(0.1, 0.6, (len(capacity), 1)) * np.where(is_weekend, 0.4, 1.0)
    steps = rng.normal(0, WALK_STEP, (len(capacity), slots))
    walk = np.zeros((len(capacity), slots))
    for slot in range(1, slots):
        walk[:, slot] = WALK_MEMORY * walk[:, slot - 1] + steps[:, slot]
    docks = capacity[:, None]
    level = 0.45 + swing * np.sin(day + phase)
    spread = WALK_STEP / np.sqrt(1 - WALK_MEMORY**2)
    below = np.vectorize(lambda at: 0.5 * (1 + math.erf(at / math.sqrt(2))))
    departure_rate = np.exp(0.5 + np.sin(day - phase)) * np.where(is_weekend, 0.6, 1.0)
    arrival_rate = np.exp(0.5 + np.sin(day + phase)) * np.where(is_weekend, 0.6, 1.0)
    return History(
        bikes=np.clip(np.round((level + walk) * docks), 0, docks),
        departures=rng.poisson(departure_rate),
        arrivals=rng.poisson(arrival_rate),
        cycle=np.clip(level * docks, 0, docks),
        bike_rate=below((level - 0.5 / docks) / spread),
        dock_rate=below((1 - 0.5 / docks - level) / spread),
        departure_rate=departure_rate,
        arrival_rate=arrival_rate,
    )


def _with_gaps(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    return np.where(rng.random(len(values)) < 0.05, np.nan, values)
