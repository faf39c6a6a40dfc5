from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from velocast_trainer.bundle import GOLDEN_ROWS, canonical_json, golden_rows, read_bundle, write_bundle
from velocast_trainer.failures import BadInput


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


def test_golden_rows_are_spread_over_the_horizons_and_end_with_an_empty_one() -> None:
    hours = np.linspace(168, 0.25, 900)
    features = np.column_stack([hours, np.full(900, np.nan)]).astype(np.float32)
    golden = golden_rows(features, hours, lambda rows: {"a": np.nansum(rows, axis=1)})
    rows = golden["rows"]
    assert isinstance(rows, list)
    assert len(rows) == GOLDEN_ROWS
    assert (rows[0], rows[-2], rows[-1]) == ([0.25, None], [168.0, None], [None, None])
    assert golden["outputs"] == {"a": [row[0] or 0.0 for row in rows]}
