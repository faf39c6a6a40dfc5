from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx

from tests.banded_graph import banded_graph
from velocast_trainer.graph_runner import ROWS_AT_ONCE, open_graph
from velocast_trainer.onnx_graph import build_graph
from velocast_trainer.tree_ensemble import Link, Tree, TreeEnsemble


def a_stump(low: float, high: float) -> Tree:
    return Tree(
        feature=np.array([1]),
        threshold=np.array([0.5], dtype=np.float32),
        missing_left=np.array([False]),
        left=np.array([-1]),
        right=np.array([-2]),
        leaf_value=np.array([low, high]),
    )


def an_ensemble(link: Link = "identity", base: float = 0.0) -> TreeEnsemble:
    return TreeEnsemble((a_stump(1, 2), a_stump(10, 20)), base, link)


def test_outputs_are_named_columns_of_the_sum_of_their_leaves() -> None:
    model = build_graph(
        {"plain": an_ensemble(), "based": an_ensemble(base=100.0), "none": TreeEnsemble((), 3.0, "exp")}, 2
    )
    rows = np.array([[9, 0.5], [9, 0.6], [9, np.nan]], dtype=np.float32)
    outputs = open_graph(model, threads=1)(rows)
    assert outputs["plain"].tolist() == [11, 22, 22]
    assert outputs["based"].tolist() == [111, 122, 122]
    assert np.allclose(outputs["none"], np.exp(3.0))
    shapes = [output.type.tensor_type.shape.dim for output in onnx.load_from_string(model).graph.output]
    assert [(dim[0].dim_param, dim[1].dim_value) for dim in shapes] == [("rows", 1)] * 3


def test_the_same_ensembles_give_the_same_bytes() -> None:
    assert build_graph({"a": an_ensemble("sigmoid")}, 2) == build_graph({"a": an_ensemble("sigmoid")}, 2)


def test_many_rows_are_scored_in_parts_without_a_seam() -> None:
    run = open_graph(build_graph({"a": an_ensemble()}, 2), threads=1)
    rows = np.zeros((ROWS_AT_ONCE * 2 + 3, 2), dtype=np.float32)
    rows[ROWS_AT_ONCE:, 1] = 1
    assert run(rows)["a"].tolist() == [11] * ROWS_AT_ONCE + [22] * (ROWS_AT_ONCE + 3)


def test_the_graph_by_which_serving_is_tested_is_what_is_built_today() -> None:
    kept = Path(__file__).parents[3] / "libs" / "inference" / "testing" / "banded-graph.onnx"
    assert kept.read_bytes() == banded_graph()
