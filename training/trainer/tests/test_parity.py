from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from tests.test_onnx_graph import a_stump, an_ensemble
from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.failures import ModelRefused
from velocast_trainer.parity import measure_parity, require_parity, rows_on_thresholds, rows_with_missing
from velocast_trainer.tree_ensemble import TreeEnsemble


@dataclass(frozen=True)
class Constant:
    value: float
    tree_count: int = 1

    def predict(self, features: Float32s, threads: int) -> Float64s:
        return np.full(len(features), self.value)

    def ensemble(self) -> TreeEnsemble:
        return TreeEnsemble((), self.value, "identity")


@pytest.mark.parametrize(("said", "over"), [(2.0002, 0), (2.01, 5), (np.nan, 5)])
def test_a_graph_that_differs_is_refused(said: float, over: int) -> None:
    rows = np.zeros((5, 2), dtype=np.float32)
    parity = measure_parity(
        {"a": Constant(2.0)}, lambda asked: {"a": np.full(len(asked), said, dtype=np.float32)}, [rows], threads=1
    )
    assert parity.over_one_thousandth == over
    with pytest.raises(ModelRefused, match="parity"):
        require_parity(parity)


def test_a_graph_that_agrees_passes() -> None:
    rows = np.zeros((5, 2), dtype=np.float32)
    parity = measure_parity(
        {"a": Constant(2.0)}, lambda asked: {"a": np.full(len(asked), 2.00001, dtype=np.float32)}, [rows], threads=1
    )
    require_parity(parity)
    assert parity.rows == 5


def test_threshold_rows_lie_on_the_threshold_and_one_step_to_both_sides() -> None:
    rows = rows_on_thresholds({"a": an_ensemble()}, np.zeros((3, 2), dtype=np.float32))
    half = np.float32(0.5)
    expected = [np.nextafter(half, np.float32(-np.inf)), half, np.nextafter(half, np.float32(np.inf))]
    assert rows[:, 1].tolist() == [float(value) for value in expected]


@pytest.mark.parametrize("end", [np.finfo(np.float32).max, np.finfo(np.float32).min, np.inf])
def test_a_threshold_that_parts_missing_from_known_is_not_stepped_on(end: np.floating) -> None:
    """What is multiplied by a feature of 3e38 overflows in the graph, and not in the library."""
    tree = replace(a_stump(1, 2), threshold=np.array([end], dtype=np.float32))
    ensembles = {"a": TreeEnsemble((tree, a_stump(1, 2)), 0.0, "identity")}
    assert np.abs(rows_on_thresholds(ensembles, np.zeros((3, 2), dtype=np.float32))).max() < 1
    assert len(rows_on_thresholds({"a": TreeEnsemble((tree,), 0.0, "identity")}, np.zeros((3, 2), np.float32))) == 0


def test_missing_rows_hold_none_all_but_one_and_one_alone() -> None:
    rows = rows_with_missing(np.ones((4, 3), dtype=np.float32))
    assert np.isnan(rows).sum(axis=1).tolist() == [3, 1, 1, 1, 2, 2, 2]
