"""A made-up city as a training set: stations that fill and drain by the day and the week, with noise.

The bikes of a station are a clipped sum of its daily and weekly cycle and a slow random walk; departures are Poisson
numbers with a cycle of their own. Features are like the product's, few, with some of no use among them.
"""

from __future__ import annotations

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
    """A history of `days`, sampled to `rows` of random station, as-of slot and horizon."""
    rng = np.random.default_rng(seed)
    slots = days * SLOTS_A_DAY
    capacity = rng.integers(12, 36, stations).astype(np.float32)
    bikes, departures, cycle = _history(rng, capacity, slots)

    station = rng.integers(0, stations, rows)
    horizon = np.array(HORIZONS_HOURS)[rng.integers(0, len(HORIZONS_HOURS), rows)]
    ahead = (horizon * 4).astype(np.int64)
    as_of = rng.integers(0, slots - ahead)
    target = as_of + ahead

    def at(series: np.ndarray, slot: np.ndarray) -> np.ndarray:
        """NaN where the history does not reach."""
        value = series[station, np.maximum(slot, 0)].astype(np.float32)
        return np.where(slot >= 0, value, np.float32(np.nan))

    days_back = (ahead + SLOTS_A_DAY - 1) // SLOTS_A_DAY
    now = at(bikes, as_of)
    at_target = at(cycle, target)
    yesterday = at(bikes, target - days_back * SLOTS_A_DAY)
    last_week = at(bikes, target - SLOTS_A_WEEK)
    hour_of_day = target % SLOTS_A_DAY / SLOTS_A_DAY * 2 * np.pi
    features = {
        "horizon_hours": horizon,
        "bikes": now,
        "docks": capacity[station] - now,
        "capacity": capacity[station],
        "fill_ratio": now / capacity[station],
        "bikes_change_60min": now - at(bikes, as_of - 4),
        "bikes_change_3h": now - at(bikes, as_of - 12),
        "bikes_lag_24h": at(bikes, as_of - SLOTS_A_DAY),
        "bikes_lag_168h": at(bikes, as_of - SLOTS_A_WEEK),
        "bikes_yesterday_at_target": yesterday,
        "bikes_last_week_at_target": last_week,
        "bikes_climatology_at_target": at_target,
        "departures_1h": at(departures, as_of - 4),
        "target_hour_sin": np.sin(hour_of_day),
        "target_hour_cos": np.cos(hour_of_day),
        "target_is_weekend": target % SLOTS_A_WEEK >= 5 * SLOTS_A_DAY,
        **{f"idle_{index}": _with_gaps(rng, rng.normal(size=rows)) for index in range(idle_features)},
    }
    then = at(bikes, target)
    then[rng.random(rows) < 0.01] = np.nan
    others = {
        "bikes_now": now,
        "label_bikes": then,
        "label_docks": capacity[station] - then,
        "label_departures": at(departures, target),
        "naive_persistence": now,
        "naive_yesterday": yesterday,
        "naive_last_week": last_week,
        "naive_climatology": at_target,
        "naive_damped": at_target + (now - at_target) * np.exp(-horizon / 6),
    }
    columns: dict[str, pa.Array] = {
        "station_id": pa.array([f"station-{code:03d}" for code in station]).dictionary_encode(),
        "as_of": pa.array(START_MS + as_of * SLOT_MS, type=pa.int64()),
        "target_at": pa.array(START_MS + target * SLOT_MS, type=pa.int64()),
    }
    for name, values in {**features, **others}.items():
        columns[name] = pa.array(np.asarray(values, dtype=np.float32))
    return City(tuple(features), pa.table(columns))


def _history(rng: np.random.Generator, capacity: np.ndarray, slots: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bikes, departures in the following hour, and the cycle that the bikes follow; each stations x slots.

    The cycle is what endless years of history would show: a climatology without noise, and without knowing the answer.
    """
    time = np.arange(slots)
    day = time % SLOTS_A_DAY / SLOTS_A_DAY * 2 * np.pi
    is_weekend = time % SLOTS_A_WEEK >= 5 * SLOTS_A_DAY
    phase = rng.uniform(0, 2 * np.pi, (len(capacity), 1))
    swing = rng.uniform(0.1, 0.6, (len(capacity), 1)) * np.where(is_weekend, 0.4, 1.0)
    steps = rng.normal(0, 0.03, (len(capacity), slots))
    walk = np.zeros((len(capacity), slots))
    for slot in range(1, slots):
        walk[:, slot] = 0.985 * walk[:, slot - 1] + steps[:, slot]
    docks = capacity[:, None]
    cycle = np.clip((0.45 + swing * np.sin(day + phase)) * docks, 0, docks)
    bikes = np.clip(np.round((0.45 + swing * np.sin(day + phase) + walk) * docks), 0, docks)
    rate = np.exp(0.5 + np.sin(day - phase)) * np.where(is_weekend, 0.6, 1.0)
    return bikes, rng.poisson(rate), cycle


def _with_gaps(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    return np.where(rng.random(len(values)) < 0.05, np.nan, values)
