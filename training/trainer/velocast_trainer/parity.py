"""Holds the graph to the fitted model, on real rows and on the rows where conversions go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.bands import AnyEnsemble
from velocast_trainer.failures import ModelRefused
from velocast_trainer.graph_runner import RunGraph

TOLERANCE = 1e-4
ONE_THOUSANDTH = 1e-3
THRESHOLDS_TRIED = 4_000


class Predicts(Protocol):
    def predict(self, features: Float32s, threads: int) -> Float64s: ...


@dataclass(frozen=True)
class Parity:
    rows: int
    max_abs_difference: float
    over_one_thousandth: int

    def report(self) -> dict[str, object]:
        return {
            "rows": self.rows,
            "maxAbsDifference": self.max_abs_difference,
            "overOneThousandth": self.over_one_thousandth,
        }


def measure_parity(
    fitted: Mapping[str, Predicts], run_graph: RunGraph, row_sets: list[Float32s], threads: int
) -> Parity:
    """Differences are of outputs as they leave the graph: bikes, departures, probabilities."""
    rows = np.concatenate(row_sets)
    by_graph = run_graph(rows)
    worst = 0.0
    over = np.zeros(len(rows), dtype=np.bool_)
    for name, booster in fitted.items():
        difference = np.abs(booster.predict(rows, threads) - by_graph[name])
        # A NaN on either side is as wrong as an answer can be.
        difference = np.where(np.isnan(difference), np.inf, difference)
        worst = max(worst, float(difference.max()))
        over |= difference > ONE_THOUSANDTH
    return Parity(len(rows), worst, int(over.sum()))


def require_parity(parity: Parity) -> None:
    if not parity.max_abs_difference <= TOLERANCE or parity.over_one_thousandth > 0:
        raise ModelRefused(
            "parity",
            f"the graph differs from the fitted model by up to {parity.max_abs_difference:.3g} "
            f"(allowed {TOLERANCE:g}), by more than {ONE_THOUSANDTH:g} on {parity.over_one_thousandth} of "
            f"{parity.rows} rows: the conversion is wrong, do not serve this model",
        )


def rows_on_thresholds(ensembles: Mapping[str, AnyEnsemble], like: Float32s) -> Float32s:
    """Rows of `like` with one feature put on a threshold of the model, and one float32 step to either side.

    Thresholds are taken evenly from all that differ, each on another row, so that most trees are met. One at an end of
    all numbers parts missing from known values, as `rows_with_missing` do: of a count of 3e38 nobody can be asked.
    """
    pairs = [(tree.feature, tree.threshold) for ensemble in ensembles.values() for tree in ensemble.trees]
    feature = np.concatenate([pair[0] for pair in pairs] or [np.zeros(0, dtype=np.int64)])
    threshold = np.concatenate([pair[1] for pair in pairs] or [np.zeros(0, dtype=np.float32)])
    is_within = np.abs(threshold) < np.finfo(np.float32).max
    feature, threshold = feature[is_within], threshold[is_within]
    if len(feature) == 0:
        return like[:0]
    # One number for a pair: the feature in the upper half, the threshold's bits in the lower.
    _, first = np.unique((feature << 32) | threshold.view(np.uint32), return_index=True)
    chosen = first[np.linspace(0, len(first) - 1, min(THRESHOLDS_TRIED, len(first))).astype(np.int64)]
    feature, threshold = feature[chosen], threshold[chosen]
    at = np.arange(len(chosen))
    base = like[at * 7919 % len(like)]  # a prime stride: neighbours in the data are alike
    sets: list[Float32s] = []
    for side in (-np.inf, None, np.inf):
        rows = base.copy()
        rows[at, feature] = threshold if side is None else np.nextafter(threshold, np.float32(side))
        sets.append(rows)
    return np.concatenate(sets)


def rows_with_missing(like: Float32s) -> Float32s:
    """A row without any value, and for each feature a row of `like` that lacks it and one that has nothing else."""
    count = like.shape[1]
    base = like[np.arange(count) * 7919 % len(like)]
    features = np.arange(count)
    lacking = base.copy()
    lacking[features, features] = np.nan
    alone = np.full((count, count), np.nan, dtype=np.float32)
    alone[features, features] = base[features, features]
    return np.concatenate([np.full((1, count), np.nan, dtype=np.float32), lacking, alone])
