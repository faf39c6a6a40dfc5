"""Two tests that a training set from the future fails.

No feature may say the answer by itself: what is known now explains a part of the change to come, never all of it. And
a model of shuffled targets must know nothing of the test rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from velocast_trainer.arrays import Float64s, Rows
from velocast_trainer.booster import Booster, FitRows, Labels
from velocast_trainer.dataset import Dataset
from velocast_trainer.failures import ModelRefused
from velocast_trainer.horizons import horizon_buckets
from velocast_trainer.outputs import MEAN_CHANGE, target_of
from velocast_trainer.request import BoosterParams

MAX_SHUFFLED_R2 = 0.02
SHUFFLED_FIT_ROWS = 20_000
# Small and stiff: it can show a leak, and costs a fraction of a second.
SHUFFLED_FIT = BoosterParams(trees=10, leaves=8, min_rows_per_leaf=200, learning_rate=0.1, feature_fraction=0.7)
# Rows of one station are alike, so one shuffle strays from 0 by chance (SD 0.011 with 3,500 rows). The mean is judged.
SHUFFLES = 5

# |correlation| 0.98, as a share of variance.
MAX_EXPLAINED_BY_ONE_FEATURE = 0.96
ROWS_LOOKED_AT = 2_000
MIN_ROWS_LOOKED_AT = 150
# With fewer rows in which anything happens, a feature can match them by accident.
MIN_ROWS_WITH_CHANGE = 50


@dataclass(frozen=True)
class LeakReport:
    shuffled_r2: float
    strongest_feature: str
    strongest_explains: float

    def report(self) -> dict[str, object]:
        return {
            "shuffledTargetR2": round(self.shuffled_r2, 6),
            "strongestFeature": self.strongest_feature,
            "strongestFeatureExplains": round(self.strongest_explains, 6),
        }


def guard_against_leaks(data: Dataset, train: Rows, test: Rows, quick: Booster, seed: int) -> LeakReport:
    """`quick` is a booster with the parameters of SHUFFLED_FIT. Raises ModelRefused, naming the leak."""
    strongest, explains = strongest_feature(data, train)
    if explains > MAX_EXPLAINED_BY_ONE_FEATURE:
        raise ModelRefused(
            "leaking-feature",
            f"the feature {strongest} alone explains {explains:.1%} of a label: it holds the answer; "
            "compute it from what is known at as_of, or leave it out",
        )
    shuffled = shuffled_target_r2(data, train, test, quick, seed)
    if shuffled > MAX_SHUFFLED_R2:
        raise ModelRefused(
            "shuffled-target",
            f"models of shuffled targets reach R2 {shuffled:.3f} on the test rows (allowed {MAX_SHUFFLED_R2:g}): "
            "look for rows or labels that are in both training and test",
        )
    return LeakReport(shuffled, strongest, explains)


def strongest_feature(data: Dataset, train: Rows) -> tuple[str, float]:
    """The feature that explains most of a label at one horizon, given what is legitimately known, and how much.

    What leaks is seldom the label itself: it is the bikes at the target (the change, given the bikes now), the docks
    there (given the capacity too), or the fill (times the capacity). So a feature is tried as it is and times the
    capacity, for what it adds to the bikes now and the capacity. By horizon, since a feature that looks ahead by one
    hour says the answer at one hour only.
    """
    strongest, most = data.feature_names[0], 0.0
    for bucket in horizon_buckets():
        rows = train[bucket.holds(data.named_hours[train])]
        rows = rows[:: max(1, len(rows) // ROWS_LOOKED_AT)]
        for target in (target_of(MEAN_CHANGE, data), data.labels["departures"], data.labels["arrivals"]):
            known = rows[~np.isnan(target[rows]) & ~np.isnan(data.bikes_now[rows])]
            if len(known) < MIN_ROWS_LOOKED_AT:
                continue
            shares = _explained(
                target[known].astype(np.float64),
                data.features[known].astype(np.float64),
                data.bikes_now[known].astype(np.float64),
                data.capacity[known].astype(np.float64),
            )
            best = int(np.argmax(shares))
            if shares[best] > most:
                strongest, most = data.feature_names[best], float(shares[best])
    return strongest, most


def shuffled_target_r2(data: Dataset, train: Rows, test: Rows, quick: Booster, seed: int) -> float:
    """The mean of several shuffles; around 0, or a little below, as it should be."""
    target = target_of(MEAN_CHANGE, data)
    train, test = (rows[~np.isnan(target[rows])] for rows in (train, test))
    train = train[:: max(1, len(train) // SHUFFLED_FIT_ROWS)]
    prepared = quick.prepare(FitRows(data.features[train], data.features[train]))
    spread = target[test].astype(np.float64) - target[test].mean(dtype=np.float64)
    total = float(spread @ spread)
    if total == 0:
        return 0.0
    random = np.random.default_rng(seed)
    reached: list[float] = []
    for _ in range(SHUFFLES):
        shuffled = Labels(random.permutation(target[train]))
        # Nothing stops it early: the rows that it is fitted on do not.
        model = prepared.fit(MEAN_CHANGE, shuffled, shuffled, lambda _: None)
        error = target[test] - model.predict(data.features[test], threads=1)
        reached.append(1 - float(error @ error) / total)
    return float(np.mean(reached))


def _explained(target: Float64s, features: Float64s, bikes_now: Float64s, capacity: Float64s) -> Float64s:
    """For each feature, the share of the target's variance that a line in it explains, beyond that of the known two.

    Features of (rows, features) lack values in the same rows more often than not: those that do are looked at together.
    """
    known = np.column_stack([np.ones_like(target), bikes_now, np.where(np.isnan(capacity), 0.0, capacity)])
    patterns, pattern_of = np.unique(~np.isnan(features.T), axis=0, return_inverse=True)
    shares = np.zeros(features.shape[1])
    for pattern, has_value in enumerate(patterns):
        if int(has_value.sum()) < MIN_ROWS_LOOKED_AT:
            continue
        aim = target[has_value]
        if np.count_nonzero(aim - np.median(aim)) < MIN_ROWS_WITH_CHANGE:
            continue
        directions, _ = np.linalg.qr(known[has_value])
        left = _without(directions, aim[:, np.newaxis])
        of_pattern = np.flatnonzero(pattern_of == pattern)
        plain = features[np.ix_(has_value, of_pattern)]
        times_capacity = plain * known[has_value, 2:]
        tried = [_share(_without(directions, form), left) for form in (plain, times_capacity)]
        shares[of_pattern] = np.maximum(*tried)
    return shares


def _without(directions: Float64s, columns: Float64s) -> Float64s:
    """What is left of each column when the known is taken out, rounding noise apart."""
    rest: Float64s = columns - directions @ (directions.T @ columns)
    is_noise = np.sum(rest**2, axis=0) <= 1e-9 * np.sum(columns**2, axis=0)
    rest[:, is_noise] = 0
    return rest


def _share(columns: Float64s, other: Float64s) -> Float64s:
    together = np.sum(columns**2, axis=0) * float(np.sum(other**2))
    shares: Float64s = np.divide((other.T @ columns)[0] ** 2, together, out=np.zeros_like(together), where=together > 0)
    return shares
