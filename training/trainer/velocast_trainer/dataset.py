"""The training set: an Arrow file of the caller's, checked, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from velocast_trainer.arrays import Float32s, Float64s, Int64s, Rows
from velocast_trainer.failures import BadInput
from velocast_trainer.horizons import named_hours

# Apart from the features, which are called `bikes` and `docks` too, and are those of now.
LABELS = {
    "bikes": "label_bikes",
    "docks": "label_docks",
    "departures": "label_departures",
    "arrivals": "label_arrivals",
}
NAIVE_FORECASTS = (
    "naive_persistence",
    "naive_yesterday",
    "naive_last_week",
    "naive_climatology",
    "naive_damped",
)
# What is usual at the target's hour of the week: how often there is a bike or a dock, how many bikes leave and come.
NAIVE_RATES = ("naive_bike_rate", "naive_dock_rate", "naive_departures", "naive_arrivals")
HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Dataset:
    """Rows in the file's order. Times are epoch milliseconds; NaN is unknown."""

    features: Float32s  # rows x names, row by row
    feature_names: tuple[str, ...]
    horizon_column: int
    station: Int64s
    target_at: Int64s
    horizon_hours: Float64s
    named_hours: Float64s  # the horizons by the slots between, see `horizons`
    bikes_now: Float32s
    docks_now: Float32s
    capacity: Float32s
    labels: Mapping[str, Float32s]  # at the target, by quantity
    naive: Mapping[str, Float32s]
    table: pa.Table

    @property
    def row_count(self) -> int:
        return len(self.target_at)

    def columns(self, names: Sequence[str], rows: Rows) -> Float32s:
        """These rows of any numeric columns of the file, whether this request's features or not."""
        picked = pa.array(rows)
        return _matrix(self.table.select(list(names)).take(picked), names)


def load_dataset(path: Path, features: Sequence[str], horizon_feature: str) -> Dataset:
    table = _read_table(path)
    _check_columns(table, features)
    if table.num_rows == 0:
        raise BadInput("no-rows", f"the data set {path} has no rows")
    as_of = _int64s(table, "as_of")
    target_at = _int64s(table, "target_at")
    data = Dataset(
        features=_matrix(table, features),
        feature_names=tuple(features),
        horizon_column=list(features).index(horizon_feature),
        station=_codes(table["station_id"]),
        target_at=target_at,
        horizon_hours=(target_at - as_of) / HOUR_MS,
        named_hours=named_hours((target_at - as_of) / HOUR_MS),
        bikes_now=_float32s(table, "bikes_now"),
        docks_now=_float32s(table, "docks"),
        capacity=_float32s(table, "capacity"),
        labels={quantity: _float32s(table, column) for quantity, column in LABELS.items()},
        naive={name: _float32s(table, name) for name in (*NAIVE_FORECASTS, *NAIVE_RATES)},
        table=table,
    )
    _check_values(data, horizon_feature)
    return data


def _read_table(path: Path) -> pa.Table:
    try:
        with pa.memory_map(str(path)) as source:
            is_file = source.read(6) == b"ARROW1"
            source.seek(0)
            reader = pa.ipc.open_file(source) if is_file else pa.ipc.open_stream(source)
            return reader.read_all().combine_chunks()
    except OSError as error:
        raise BadInput("dataset-unreadable", f"cannot read the data set {path}: {error}") from error
    except pa.ArrowInvalid as error:
        raise BadInput("dataset-not-arrow", f"{path} is not an Arrow IPC stream or file: {error}") from error


def _check_columns(table: pa.Table, features: Sequence[str]) -> None:
    answers = [name for name in features if name in (*LABELS.values(), *NAIVE_FORECASTS, *NAIVE_RATES)]
    if answers:
        raise BadInput("label-as-feature", f"labels and naive forecasts cannot be features: {', '.join(answers)}")
    needed = [
        "station_id",
        "as_of",
        "target_at",
        "bikes_now",
        "docks",
        "capacity",
        *LABELS.values(),
        *NAIVE_FORECASTS,
        *NAIVE_RATES,
        *features,
    ]
    have = set(table.column_names)
    missing = [name for name in dict.fromkeys(needed) if name not in have]
    if missing:
        raise BadInput("columns-missing", f"the data set lacks the columns {', '.join(missing)}")
    twice = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
    if twice:
        raise BadInput("columns-twice", f"the data set has more than one column {', '.join(twice)}")
    wrong: list[str] = []
    for name in needed:
        column_type = table.schema.field(name).type
        if name == "station_id":
            is_text = pa.types.is_string(column_type) or pa.types.is_large_string(column_type)
            good = is_text or pa.types.is_dictionary(column_type)
        elif name in ("as_of", "target_at"):
            good = pa.types.is_int64(column_type)
        else:
            good = pa.types.is_float32(column_type)
        if not good:
            wrong.append(f"{name} ({column_type})")
    if wrong:
        raise BadInput(
            "column-types",
            f"columns of the wrong type: {', '.join(wrong)}; station_id is text, times are int64 milliseconds, "
            "everything else is float32 (the graph sees float32, so training on anything finer would differ)",
        )


def _check_values(data: Dataset, horizon_feature: str) -> None:
    if float(data.horizon_hours.min()) < 0:
        count = int((data.horizon_hours < 0).sum())
        raise BadInput("target-before-as-of", f"{count} rows have a target before their as_of")
    names = [name for i, name in enumerate(data.feature_names) if np.isinf(data.features[:, i]).any()]
    if names:
        raise BadInput("infinite-values", f"features with infinite values: {', '.join(names)}; missing is NaN")
    told = data.features[:, data.feature_names.index(horizon_feature)]
    off = ~(np.abs(told - data.horizon_hours) <= 1e-3)
    if off.any():
        raise BadInput(
            "horizon-mismatch",
            f"in {int(off.sum())} rows the feature {horizon_feature} is not (target_at - as_of) in hours",
        )


def _matrix(table: pa.Table, names: Sequence[str]) -> Float32s:
    matrix = np.empty((table.num_rows, len(names)), dtype=np.float32)
    for index, name in enumerate(names):
        matrix[:, index] = _float32s(table, name)
    return matrix


def _float32s(table: pa.Table, name: str) -> Float32s:
    """A null is NaN."""
    values: Float32s = table[name].to_numpy().astype(np.float32, copy=False)
    return values


def _int64s(table: pa.Table, name: str) -> Int64s:
    if table[name].null_count:
        raise BadInput("times-missing", f"the column {name} has {table[name].null_count} nulls")
    values: Int64s = table[name].to_numpy()
    return values


def _codes(column: pa.ChunkedArray) -> Int64s:
    """Stations as small numbers, in the order of their ids, however the file encodes them."""
    if column.null_count:
        raise BadInput("stations-missing", f"the column station_id has {column.null_count} nulls")
    ids = column.cast(pa.string()).to_numpy(zero_copy_only=False)
    _, codes = np.unique(ids.astype(str), return_inverse=True)
    return codes.astype(np.int64)
