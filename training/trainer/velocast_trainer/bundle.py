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

from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.failures import BadInput
from velocast_trainer.graph_runner import RunGraph

BUNDLE_FORMAT = 1
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


def golden_rows(features: Float32s, horizon_hours: Float64s, run_graph: RunGraph) -> dict[str, object]:
    """Rows spread over the horizons, the last of them without any value, and what the graph answers to each.

    Whoever loads the model repeats them before it serves: a wrong runtime, byte order or feature count shows here.
    """
    by_horizon = np.argsort(horizon_hours, kind="stable")
    spread = np.linspace(0, len(by_horizon) - 1, GOLDEN_ROWS - 1).astype(np.int64)
    nothing = np.full((1, features.shape[1]), np.nan, dtype=np.float32)
    rows = np.concatenate([features[by_horizon[spread]], nothing])
    outputs = run_graph(rows)
    return {
        "tolerance": GOLDEN_TOLERANCE,
        "rows": [[None if np.isnan(value) else float(value) for value in row] for row in rows],
        "outputs": {name: [float(value) for value in values] for name, values in outputs.items()},
    }


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
