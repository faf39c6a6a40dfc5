"""Requests of the tests: a valid one, to be changed where a test needs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.generated_city import City
from velocast_trainer.bundle import canonical_json
from velocast_trainer.fit import fit
from velocast_trainer.progress import Progress
from velocast_trainer.request import parse_request

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


def fit_here(request: RequestJson) -> dict[str, Any]:
    """The result of a fit in this process, as its reader gets it."""
    result = fit(parse_request(request), Progress(lambda _: None, lambda: 0.0))
    read: dict[str, Any] = json.loads(canonical_json(result))
    return read
