from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.handmade import a_calibration, raw_outputs
from velocast_trainer.arrays import Float32s
from velocast_trainer.bundle import GOLDEN_ROWS, canonical_json, golden_rows, read_bundle, write_bundle
from velocast_trainer.calibration import FlowInterval
from velocast_trainer.dataset import Dataset
from velocast_trainer.failures import BadInput
from velocast_trainer.forecast import Forecast, StationNow, forecast_from_outputs
from velocast_trainer.split import Split

CALIBRATION = a_calibration(
    [1, 24, 168],
    mean_share=(0.0, 0.01, 0.02),
    lower=(-1.0, -2.0, -3.0),
    upper=(1.0, 2.5, 4.0),
    lower_share=(0.0, -0.1, 0.05),
    upper_share=(-0.1, 0.1, 0.2),
    departures=FlowInterval((1.0, 4.0), (0.0, 1.0), (3.0, 8.0)),
)


def test_a_bundle_is_named_by_its_manifest_which_names_the_rest(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    address = write_bundle(folder, {"modelName": "m"}, b"graph", {"rows": []})
    assert address == hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for file in manifest["files"]:
        content = (folder / file["path"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert sorted(path.name for path in folder.iterdir()) == ["golden.json", "manifest.json", "model.onnx"]
    assert read_bundle(folder).manifest_sha256 == address


def test_a_bundle_written_again_is_the_same_bundle(tmp_path: Path) -> None:
    first = write_bundle(tmp_path / "bundle", {"b": 1, "a": 0.1}, b"graph", {})
    assert write_bundle(tmp_path / "bundle", {"a": 0.1, "b": 1}, b"graph", {}) == first


def test_a_bundle_of_another_format_is_refused(tmp_path: Path) -> None:
    write_bundle(tmp_path / "bundle", {}, b"graph", {})
    manifest = tmp_path / "bundle" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"format":2', b'"format":1'))
    with pytest.raises(BadInput, match="format 1, not 2"):
        read_bundle(tmp_path / "bundle")


@pytest.mark.parametrize("name", ["model.onnx", "golden.json"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    write_bundle(tmp_path / "bundle", {}, b"graph", {})
    (tmp_path / "bundle" / name).write_bytes(b"other")
    with pytest.raises(BadInput, match=name):
        read_bundle(tmp_path / "bundle")


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a readable bundle"):
        read_bundle(tmp_path)


def test_canonical_json_has_one_spelling_and_no_nan() -> None:
    assert canonical_json({"b": [1.0, None], "a": "ü"}) == '{"a":"ü","b":[1.0,null]}'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"a": float("nan")})


def test_golden_rows_are_spread_over_the_horizons_and_end_with_an_empty_one(data: Dataset, split: Split) -> None:
    golden = golden_of(data, split)
    horizon = data.feature_names.index("horizon_hours")
    rows = golden["rows"]
    assert len(rows) == GOLDEN_ROWS
    hours = [row[horizon] for row in rows[:-1]]
    assert hours == sorted(hours)
    tested = data.horizon_hours[split.test]
    assert (hours[0], hours[-1]) == pytest.approx((tested.min(), tested.max()))
    assert rows[-1] == [None] * len(data.feature_names)
    assert golden["outputs"]["bikes_mean"] == [row[horizon] or 0.0 for row in rows]


def test_golden_forecasts_say_what_they_start_from_and_come_out_again(data: Dataset, split: Split) -> None:
    """As whoever loads a bundle works them out again, from the file alone."""
    golden = json.loads(canonical_json(golden_of(data, split)))
    assert set(golden["forecasts"]) == set(Forecast.__dataclass_fields__)
    now = StationNow(**{name: np.array(values, dtype=np.float64) for name, values in golden["now"].items()})
    outputs = {name: np.array(values, dtype=np.float32) for name, values in golden["outputs"].items()}
    again = forecast_from_outputs(outputs, CALIBRATION, now)
    for name, expected in golden["forecasts"].items():
        assert getattr(again, name) == pytest.approx(np.array(expected, dtype=np.float64), abs=1e-9, nan_ok=True)
    for name in ("bikes", "docks", "capacity"):
        column = data.feature_names.index(name)
        assert golden["now"][name][:-1] == [row[column] for row in golden["rows"][:-1]]
    # Of the empty row the bikes count as none, and places are unknown.
    assert {name: values[-1] for name, values in golden["now"].items()} == {
        "named_hours": 1,
        "bikes": 0,
        "docks": None,
        "capacity": None,
    }
    assert golden["forecasts"]["docks_mean"][-1] is None


def golden_of(data: Dataset, split: Split) -> Any:
    horizon = data.feature_names.index("horizon_hours")

    def graph(rows: Float32s) -> Mapping[str, Float32s]:
        outputs = raw_outputs(departures_mean=[2.5] * len(rows), p_bike=[0.97] * len(rows))
        return {**outputs, "bikes_mean": np.nan_to_num(rows[:, horizon])}

    return golden_rows(data, split.test, graph, CALIBRATION)
