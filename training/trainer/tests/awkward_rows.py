"""Rows on which a careless conversion of thresholds shows, and targets that depend on every column of them."""

from __future__ import annotations

import numpy as np

from velocast_trainer.arrays import Float32s, Int64s
from velocast_trainer.tree_ensemble import Tree

ROWS = 4_000
FEATURES = 6


def some_rows(seed: int, missing: float) -> Float32s:
    """Smooth, whole, tiny and lumpy columns: thresholds fall between neighbouring float32 values, and around zero."""
    rng = np.random.default_rng(seed)
    rows = np.column_stack(
        [
            rng.normal(size=ROWS),
            rng.integers(-3, 4, ROWS),
            rng.normal(size=ROWS) * 1e-36,
            rng.choice([0.0, 1e-35, -1e-35, 1.0], ROWS),
            np.nextafter(np.float32(0.1), np.float32(1)) + rng.integers(0, 3, ROWS) * np.float32(7.5e-9),
            rng.normal(size=ROWS) * 1e6,
        ]
    ).astype(np.float32)
    rows[rng.random(rows.shape) < missing] = np.nan
    return rows


def a_target(rows: Float32s, loss: str, seed: int = 5) -> Float32s:
    """For the losses "log" or "binary" 0 or 1, for "poisson" positive, else any number."""
    rng = np.random.default_rng(seed)
    seen = np.nan_to_num(rows.astype(np.float64))
    target = seen[:, 0] + (seen[:, 1] > 0) + np.sign(seen[:, 2:5]).sum(axis=1) + rng.normal(size=len(rows)) * 0.1
    if loss in ("log", "binary"):
        target = target > 0.5
    if loss == "poisson":
        target = np.exp(np.clip(target, -3, 3))
    as_fitted: Float32s = target.astype(np.float32)
    return as_fitted


def leaf_of(tree: Tree, rows: Float32s) -> Int64s:
    """The leaf of each row by the rules of `tree_ensemble`, row by row."""
    at = np.zeros(len(rows), dtype=np.int64)
    while np.any(at >= 0):
        walking = np.flatnonzero(at >= 0)
        split = at[walking]
        value = rows[walking, tree.feature[split]]
        left = np.where(np.isnan(value), tree.missing_left[split], value <= tree.threshold[split])
        at[walking] = np.where(left, tree.left[split], tree.right[split])
    return -at - 1
