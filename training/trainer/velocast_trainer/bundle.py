"""A model as three files: `model.onnx`, `golden.json`, and `manifest.json`, which names the others by their SHA-256.

The SHA-256 of the manifest is thereby the address of the whole. JSON is canonical (sorted keys, no spaces, shortest
round-trip numbers), so that the same model has the same address wherever and whenever it is made.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from velocast_trainer.arrays import Float32s, Float64s, Rows
from velocast_trainer.calibration import Calibration
from velocast_trainer.dataset import Dataset
from velocast_trainer.failures import BadInput
from velocast_trainer.forecast import StationNow, forecast_from_outputs
from velocast_trainer.graph_runner import RunGraph

BUNDLE_FORMAT = 2
MANIFEST = "manifest.json"
MODEL = "model.onnx"
GOLDEN = "golden.json"
GOLDEN_ROWS = 32
GOLDEN_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Bundle:
    manifest: Mapping[str, Any]
    manifest_sha256: str
    model: bytes


def canonical_json(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def write_bundle(directory: Path, manifest: Mapping[str, object], model: bytes, golden: object) -> str:
    """Writes all three files and returns the manifest's SHA-256. A bundle that was there before is replaced."""
    building = directory.with_name(f"{directory.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    contents = {GOLDEN: canonical_json(golden), MODEL: model}
    files = [{"path": path, "sha256": _sha256(data), "bytes": len(data)} for path, data in contents.items()]
    contents[MANIFEST] = canonical_json({**manifest, "format": BUNDLE_FORMAT, "files": files})
    for path, data in contents.items():
        (building / path).write_bytes(data)
    shutil.rmtree(directory, ignore_errors=True)
    building.rename(directory)
    return _sha256(contents[MANIFEST])


def read_bundle(directory: Path) -> Bundle:
    """Raises BadInput where a file is missing or is not what the manifest says."""
    try:
        manifest_bytes = (directory / MANIFEST).read_bytes()
        manifest = json.loads(manifest_bytes)
        if manifest["format"] != BUNDLE_FORMAT:
            raise BadInput("bundle-format", f"{directory} is of format {manifest['format']}, not {BUNDLE_FORMAT}")
        for file in manifest["files"]:
            if _sha256((directory / file["path"]).read_bytes()) != file["sha256"]:
                raise BadInput("bundle-damaged", f"{directory / file['path']} does not have the manifest's SHA-256")
        return Bundle(manifest, _sha256(manifest_bytes), (directory / MODEL).read_bytes())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput("bundle-unreadable", f"{directory} is not a readable bundle: {error!r}") from error


def golden_rows(data: Dataset, rows: Rows, run_graph: RunGraph, calibration: Calibration) -> dict[str, object]:
    """Rows spread over the horizons, what the graph answers to each, and the forecast that is made of it; the last
    row is without any value.

    Whoever loads the model repeats them before it serves: a wrong runtime, byte order or feature count shows here,
    and so does another way from the graph's answers to a forecast.
    """
    by_horizon = rows[np.argsort(data.horizon_hours[rows], kind="stable")]
    spread = by_horizon[np.linspace(0, len(by_horizon) - 1, GOLDEN_ROWS - 1).astype(np.int64)]
    nothing = np.full((1, data.features.shape[1]), np.nan, dtype=np.float32)
    features = np.concatenate([data.features[spread], nothing])
    now = StationNow(
        *(
            np.concatenate([values[spread].astype(np.float64), [missing]])
            for values, missing in (
                (data.named_hours, 1.0),
                (data.bikes_now, 0.0),
                (data.docks_now, np.nan),
                (data.capacity, np.nan),
            )
        )
    )
    outputs = run_graph(features)
    forecast = forecast_from_outputs(outputs, calibration, now)
    return {
        "tolerance": GOLDEN_TOLERANCE,
        "rows": [_or_none(row) for row in features],
        "outputs": {name: [float(value) for value in values] for name, values in outputs.items()},
        "now": {name: _or_none(values) for name, values in vars(now).items()},
        "forecasts": {name: _or_none(values) for name, values in vars(forecast).items()},
    }


def _or_none(values: Float32s | Float64s) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
