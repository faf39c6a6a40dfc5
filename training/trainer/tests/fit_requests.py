"""Requests of the tests: a valid one, to be changed where a test needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.generated_city import City

RequestJson = dict[str, Any]


def request_json(city: City, folder: Path, **changes: object) -> RequestJson:
    """Writes the city's data set to `folder` and asks for a small model of it."""
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "format": 2,
        "systemId": "generated",
        "modelName": "velocast-generated",
        "trainedAt": 1_760_313_600_000,
        "seed": 11,
        "threads": 2,
        "dataset": str(city.write(folder / "dataset.arrow")),
        "outDir": str(folder / "out"),
        "features": list(city.features),
        "fingerprint": "0123456789abcdef" * 4,
        "horizonFeature": "horizon_hours",
        "split": {"train": 0.7, "early": 0.15, "test": 0.15, "gapHours": 168},
        "boosters": ["lightgbm"],
        "params": {"trees": 20, "leaves": 15, "minRowsPerLeaf": 50, "learningRate": 0.15, "featureFraction": 0.7},
        "mlflow": None,
        "champion": None,
        "tags": {},
        **changes,
    }
