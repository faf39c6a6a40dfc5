"""One ONNX graph for all outputs of a model: `features` float32 [rows, features] to float32 [rows, 1] each.

The trees are in the form of ai.onnx.ml 5, `TreeEnsemble`, one node an output and band. The rows of a band are taken out
for its trees, and what they say is put back: trees that asked for the band first would cost every row all of them.

An operator that is told where missing values go asks at every split. It is not told, and NaN is at or below no
threshold; a split whose missing values go left reads a second copy of the features, in which they are -infinity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from velocast_trainer.bands import AnyEnsemble, BandedEnsemble
from velocast_trainer.line import FURTHEST, KNOT_HOURS, Line
from velocast_trainer.tree_ensemble import Link, Tree, TreeEnsemble
from velocast_trainer.usual_count import LEAST, UNKNOWN, UsualCount

INPUT_NAME = "features"
BOTH_WAYS = "features_both_ways"
ONNX_OPSET = 18
ONNX_ML_OPSET = 5
IR_VERSION = 10

LESS_OR_EQUAL = 0
SUM = 1
NO_TRANSFORM = 0

LINK_OPERATOR: dict[Link, str | None] = {"identity": None, "sigmoid": "Sigmoid", "exp": "Exp"}


def build_graph(
    ensembles: Mapping[str, AnyEnsemble],
    feature_count: int,
    usual_counts: Mapping[str, UsualCount] | None = None,
    line: Line | None = None,
    line_shares: Mapping[str, AnyEnsemble] | None = None,
) -> bytes:
    """The serialized model; the same ensembles give the same bytes. Outputs with a usual count are multiplied by it, to
    those with a share of the line that share is added."""
    sums: dict[str, AnyEnsemble] = {}
    links: list[onnx.NodeProto] = [] if line is None else _line(line)
    for name, ensemble in ensembles.items():
        usual = (usual_counts or {}).get(name)
        share = None if line is None else (line_shares or {}).get(name)
        if share is not None:
            correction, share_name = f"{name}_correction", f"{name}_line_share"
            sums |= {correction: ensemble, share_name: share}
            links += _plus_share_of_line(name, correction, share_name)
            continue
        multiple = name if usual is None else f"{name}_multiple"
        operator = LINK_OPERATOR[ensemble.link]
        sum_name = multiple if operator is None else f"{name}_score"
        sums[sum_name] = ensemble
        if operator is not None:
            links.append(helper.make_node(operator, [sum_name], [multiple], name=f"{name}_link"))
        if usual is not None:
            links += _times_usual_count(name, multiple, usual)
    nodes = _both_ways() + _sums(sums, feature_count) + links
    graph = helper.make_graph(
        nodes,
        "velocast",
        [helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, ["rows", feature_count])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", 1]) for name in ensembles],
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", ONNX_OPSET), helper.make_opsetid("ai.onnx.ml", ONNX_ML_OPSET)],
        ir_version=IR_VERSION,
        producer_name="velocast-trainer",
    )
    onnx.checker.check_model(model, full_check=True)
    serialized: bytes = model.SerializeToString(deterministic=True)
    return serialized


def _times_usual_count(name: str, multiple: str, usual: UsualCount) -> list[onnx.NodeProto]:
    """The nodes of `UsualCount.at`, and the product."""
    nodes: list[onnx.NodeProto] = []

    def add(operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(operator, inputs, [f"{name}_{output}"], name=f"{name}_{output}", **attributes))
        return f"{name}_{output}"

    def constant(value: np.ndarray, output: str) -> str:
        return add("Constant", [], output, value=numpy_helper.from_array(value))

    count = constant(np.array([[UNKNOWN]], dtype=np.float32), "unknown")
    for column, factor in reversed(usual.columns):
        index = constant(np.array([column], dtype=np.int64), f"column_{column}")
        value = add("Gather", [INPUT_NAME, index], f"value_{column}", axis=1)
        scale = constant(np.array([[factor]], dtype=np.float32), f"factor_{column}")
        scaled = add("Mul", [value, scale], f"scaled_{column}")
        missing = add("IsNaN", [scaled], f"missing_{column}")
        count = add("Where", [missing, count, scaled], f"known_{column}")
    least = constant(np.array([[LEAST]], dtype=np.float32), "least")
    bounded = add("Max", [count, least], "usual")
    nodes.append(helper.make_node("Mul", [multiple, bounded], [name], name=f"{name}_count"))
    return nodes


def _sums(sums: Mapping[str, AnyEnsemble], feature_count: int) -> list[onnx.NodeProto]:
    """The sums of the trees by their names, [rows, 1] each."""
    plain = {name: ensemble for name, ensemble in sums.items() if isinstance(ensemble, TreeEnsemble)}
    banded = {name: ensemble for name, ensemble in sums.items() if isinstance(ensemble, BandedEnsemble)}
    nodes = [_tree_node(ensemble, feature_count, BOTH_WAYS, name) for name, ensemble in plain.items()]
    return nodes + _banded_sums(banded, feature_count) if banded else nodes


def _both_ways() -> list[onnx.NodeProto]:
    """The features as they are, and behind them once more, with -infinity for NaN: [rows, 2 * features]."""
    least = numpy_helper.from_array(np.array(-np.inf, dtype=np.float32))
    return [
        helper.make_node("IsNaN", [INPUT_NAME], ["is_missing"], name="is_missing"),
        helper.make_node("Constant", [], ["least"], name="least", value=least),
        helper.make_node("Where", ["is_missing", "least", INPUT_NAME], ["missing_least"], name="missing_least"),
        helper.make_node("Concat", [INPUT_NAME, "missing_least"], [BOTH_WAYS], name=BOTH_WAYS, axis=1),
    ]


def _banded_sums(sums: Mapping[str, BandedEnsemble], feature_count: int) -> list[onnx.NodeProto]:
    columns = {(ensemble.horizon_column, ensemble.edges) for ensemble in sums.values()}
    if len(columns) != 1:
        raise ValueError("outputs of one model have different bands")
    (horizon_column, edges) = columns.pop()
    nodes: list[onnx.NodeProto] = []

    def add(operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(operator, list(inputs), [output], name=output, **attributes))
        return output

    def constant(values: Sequence[float] | Sequence[int], output: str) -> str:
        dtype = np.int64 if all(isinstance(value, int) for value in values) else np.float32
        return add("Constant", [], output, value=numpy_helper.from_array(np.array(values, dtype=dtype)))

    zero, one = constant([0], "zero"), constant([1], "one")
    # [rows], how many edges the horizon has passed. A missing one is not up to any edge, so it has passed them all.
    horizon = add("Gather", [INPUT_NAME, constant([horizon_column], "horizon_column")], "horizon", axis=1)
    is_up_to = add("LessOrEqual", [horizon, constant(edges, "edges")], "is_up_to")
    edges_left = add(
        "ReduceSum", [add("Cast", [is_up_to], "left", to=TensorProto.INT64), one], "edges_left", keepdims=0
    )
    row_count = add("Slice", [add("Shape", [INPUT_NAME], "shape"), zero, one], "row_count")
    shape = add("Concat", [row_count, constant([len(sums)], "sum_count")], "sums_shape", axis=0)
    found = add("ConstantOfShape", [shape], "no_sums", value=numpy_helper.from_array(np.zeros(1, dtype=np.float32)))
    for band in range(len(edges) + 1):
        is_here = add("Equal", [edges_left, constant([len(edges) - band], f"edges_left_in_{band}")], f"is_in_{band}")
        at = add("Transpose", [add("NonZero", [is_here], f"found_in_{band}")], f"rows_in_{band}", perm=[1, 0])
        rows = add("GatherND", [BOTH_WAYS, at], f"features_in_{band}")
        said = []
        for name, ensemble in sums.items():
            said.append(f"{name}_in_{band}")
            nodes.append(_tree_node(ensemble.parts[band], feature_count, rows, said[-1]))
        found = add("ScatterND", [found, at, add("Concat", said, f"said_in_{band}", axis=1)], f"sums_up_to_{band}")
    nodes.append(helper.make_node("Split", [found], list(sums), name="sums", axis=1, num_outputs=len(sums)))
    return nodes


def _plus_share_of_line(name: str, correction: str, share: str) -> list[onnx.NodeProto]:
    part = f"{name}_line"
    return [
        helper.make_node("Mul", [LINE, share], [part], name=part),
        helper.make_node("Add", [correction, part], [name], name=f"{name}_sum"),
    ]


LINE = "line"


def _line(line: Line) -> list[onnx.NodeProto]:
    """The nodes of `Line.at`, whose result is called `LINE`."""
    nodes: list[onnx.NodeProto] = []

    def add(operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def constant(value: np.ndarray, output: str) -> str:
        return add("Constant", [], f"{LINE}_{output}", value=numpy_helper.from_array(value))

    def columns(indexes: tuple[int, ...], output: str) -> str:
        at = constant(np.array(indexes, dtype=np.int64), f"{output}_columns")
        return add("Gather", [INPUT_NAME, at], f"{LINE}_{output}", axis=1)

    def known(value: str, otherwise: float, output: str) -> str:
        missing = add("IsNaN", [value], f"{LINE}_{output}_missing")
        instead = constant(np.array([[otherwise]], dtype=np.float32), f"{output}_instead")
        return add("Where", [missing, instead, value], f"{LINE}_{output}")

    def within(value: str, least: float, most: float, output: str) -> str:
        bounds = (("least", least), ("most", most))
        names = [constant(np.array(bound, dtype=np.float32), f"{output}_{name}") for name, bound in bounds]
        return add("Clip", [value, *names], f"{LINE}_{output}")

    knots = np.array([KNOT_HOURS], dtype=np.float32)
    # Known before it is clipped: of NaN every library makes another number.
    hours = known(columns((line.horizon_column,), "hours"), KNOT_HOURS[-1], "known_hours")
    behind = add("Sub", [hours, constant(knots[:, :-1], "knots")], f"{LINE}_hours_behind")
    part = add("Div", [behind, constant(np.diff(knots), "knot_steps")], f"{LINE}_part")
    gone = within(part, 0, 1, "gone")
    shares = np.array(line.shares, dtype=np.float32)
    further = add("MatMul", [gone, constant(shares[1:], "further_shares")], f"{LINE}_further")
    of_row = add("Add", [further, constant(shares[:1], "first_shares")], f"{LINE}_shares")
    levels = add("Sub", [columns(line.level_columns, "levels"), columns((line.bikes_column,), "bikes")], f"{LINE}_away")
    distances = within(known(levels, 0.0, "known_distances"), -FURTHEST, FURTHEST, "distances")
    products = add("Mul", [of_row, distances], f"{LINE}_products")
    add("ReduceSum", [products, constant(np.array([1], dtype=np.int64), "axis")], LINE, keepdims=1)
    return nodes


def _tree_node(ensemble: TreeEnsemble, feature_count: int, rows: str, output: str) -> onnx.NodeProto:
    trees = _with_base(ensemble)
    splits = np.array([len(tree.feature) for tree in trees])
    leaves = np.array([len(tree.leaf_value) for tree in trees])
    first_split = np.cumsum(splits) - splits
    first_leaf = np.cumsum(leaves) - leaves

    def children(side: str) -> tuple[list[int], list[int]]:
        own = [getattr(tree, side) for tree in trees]
        ids = [
            np.where(child < 0, -child - 1 + leaf, child + split)
            for child, split, leaf in zip(own, first_split, first_leaf, strict=True)
        ]
        is_leaf = np.concatenate(own) < 0
        return np.concatenate(ids).tolist(), is_leaf.astype(np.int64).tolist()

    left, left_is_leaf = children("left")
    right, right_is_leaf = children("right")
    thresholds = np.concatenate([tree.threshold for tree in trees])
    weights = np.concatenate([tree.leaf_value for tree in trees]).astype(np.float32)
    return helper.make_node(
        "TreeEnsemble",
        [rows],
        [output],
        name=f"{output}_trees",
        domain="ai.onnx.ml",
        aggregate_function=SUM,
        post_transform=NO_TRANSFORM,
        n_targets=1,
        tree_roots=first_split.tolist(),
        nodes_featureids=np.concatenate([tree.feature + feature_count * tree.missing_left for tree in trees]).tolist(),
        nodes_splits=numpy_helper.from_array(thresholds),
        nodes_modes=numpy_helper.from_array(np.full(len(thresholds), LESS_OR_EQUAL, dtype=np.uint8)),
        nodes_truenodeids=left,
        nodes_trueleafs=left_is_leaf,
        nodes_falsenodeids=right,
        nodes_falseleafs=right_is_leaf,
        leaf_targetids=[0] * len(weights),
        leaf_weights=numpy_helper.from_array(weights),
    )


def _with_base(ensemble: TreeEnsemble) -> tuple[Tree, ...]:
    """The operator has no base value: a tree whose leaves are both the base stands in for it."""
    if ensemble.base == 0 and ensemble.trees:
        return ensemble.trees
    constant = Tree(
        feature=np.zeros(1, dtype=np.int64),
        threshold=np.zeros(1, dtype=np.float32),
        missing_left=np.zeros(1, dtype=np.bool_),
        left=np.array([-1]),
        right=np.array([-2]),
        leaf_value=np.full(2, ensemble.base),
    )
    return (constant, *ensemble.trees)
