from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.conftest import load
from tests.generated_city import City
from velocast_trainer.dataset import Dataset, load_dataset
from velocast_trainer.failures import BadInput


def test_stream_and_file_and_plain_text_ids_give_the_same_data(city: City, data: Dataset, tmp_path: Path) -> None:
    plain = city.table.set_column(0, "station_id", city.table["station_id"].cast(pa.string()))
    path = City(city.features, plain).write(tmp_path / "file.arrow", as_file=True)
    from_file = load_dataset(path, city.features, "horizon_hours")
    assert from_file.features.tobytes() == data.features.tobytes()
    assert np.array_equal(from_file.station, data.station)
    assert data.row_count == 8_000


def test_a_null_is_missing(city: City, data: Dataset, tmp_path: Path) -> None:
    at = city.features.index("fill_ratio")
    values = city.column("fill_ratio")
    nulls = pa.array(values, mask=np.arange(len(values)) < 5, type=pa.float32())
    table = city.table.set_column(city.table.column_names.index("fill_ratio"), "fill_ratio", nulls)
    loaded = load(City(city.features, table), tmp_path)
    assert np.isnan(loaded.features[:5, at]).all()
    assert np.array_equal(loaded.features[5:, at], data.features[5:, at], equal_nan=True)


def test_all_missing_columns_are_named(city: City, tmp_path: Path) -> None:
    table = city.table.drop_columns(["naive_damped", "capacity"])
    with pytest.raises(BadInput, match="capacity, naive_damped"):
        load(City(city.features, table), tmp_path)


def test_a_float64_feature_is_refused(city: City, tmp_path: Path) -> None:
    at = city.table.column_names.index("bikes")
    table = city.table.set_column(at, "bikes", city.table["bikes"].cast(pa.float64()))
    with pytest.raises(BadInput, match=r"bikes \(double\)"):
        load(City(city.features, table), tmp_path)


def test_infinite_values_are_refused_by_name(city: City, tmp_path: Path) -> None:
    values = city.column("fill_ratio").copy()
    values[3] = np.inf
    with pytest.raises(BadInput, match="infinite values: fill_ratio"):
        load(city.with_column("fill_ratio", values), tmp_path)


def test_a_horizon_that_is_not_the_distance_to_the_target_is_refused(city: City, tmp_path: Path) -> None:
    wrong = city.column("horizon_hours") + np.float32(0.25)
    with pytest.raises(BadInput, match="8000 rows"):
        load(city.with_column("horizon_hours", wrong), tmp_path)


def test_a_label_cannot_be_a_feature(city: City, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="label_bikes"):
        load(City((*city.features, "label_bikes"), city.table), tmp_path)


def test_a_file_that_is_not_arrow_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "dataset.arrow"
    path.write_bytes(b"station_id,as_of\n")
    with pytest.raises(BadInput):
        load_dataset(path, ["a"], "a")
    with pytest.raises(BadInput, match="cannot read"):
        load_dataset(tmp_path / "none.arrow", ["a"], "a")
