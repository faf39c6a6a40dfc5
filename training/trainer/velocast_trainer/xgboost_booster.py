"""XGBoost behind the booster interface. The same rows, parameters and seed give the same trees."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xgboost as xgb

from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.booster import FitRows, Labels, rows_that_stop
from velocast_trainer.first_forecast import first_forecast
from velocast_trainer.outputs import Loss, Output
from velocast_trainer.request import BoosterParams
from velocast_trainer.tree_ensemble import Link, TreeEnsemble
from velocast_trainer.xgboost_trees import ensemble_from_model_json

OBJECTIVE_OF_LOSS: dict[Loss, str] = {
    "squared": "reg:squarederror",
    "pinball": "reg:quantileerror",
    "log": "binary:logistic",
    "poisson": "count:poisson",
}

# As fine as LightGBM's.
MAX_BIN = 127
# XGBoost's default, and part of its Poisson loss: the hessian of a row is exp(score + this).
MAX_DELTA_STEP = 0.7


@dataclass(frozen=True)
class XgboostBooster:
    params: BoosterParams
    seed: int

    def prepare(self, rows: FitRows) -> _XgboostRows:
        train = xgb.QuantileDMatrix(rows.train, max_bin=MAX_BIN, nthread=1)
        stopping = None
        if rows.stopping is not None:
            stopping = xgb.QuantileDMatrix(rows.stopping, ref=train, max_bin=MAX_BIN, nthread=1)
        return _XgboostRows(self.params, self.seed, train, stopping)


@dataclass(frozen=True)
class _XgboostRows:
    params: BoosterParams
    seed: int
    train: xgb.QuantileDMatrix
    stopping: xgb.QuantileDMatrix | None

    def fit(
        self, output: Output, train: Labels, until: Labels | int, on_progress: Callable[[float], None]
    ) -> _XgboostModel:
        trees = until if isinstance(until, int) else self.params.trees
        stopping = [] if isinstance(until, int) else [rows_that_stop(self.stopping)]
        start = first_forecast(output, train.target)
        settings: dict[str, Any] = {
            "objective": OBJECTIVE_OF_LOSS[output.loss],
            "base_score": start,
            "tree_method": "hist",
            # Leaf by leaf as LightGBM grows, bounded by leaves alone.
            "grow_policy": "lossguide",
            "max_leaves": self.params.leaves,
            "max_depth": 0,
            "min_child_weight": self.params.min_rows_per_leaf * _hessian_of_a_row(output.loss, start),
            "learning_rate": self.params.learning_rate,
            "colsample_bytree": self.params.feature_fraction,
            "max_bin": MAX_BIN,
            "seed": self.seed,
            "nthread": 1,
            "verbosity": 0,
        }
        if output.level is not None:
            settings["quantile_alpha"] = output.level
        if output.loss == "poisson":
            settings["max_delta_step"] = MAX_DELTA_STEP
        callbacks: list[xgb.callback.TrainingCallback] = [_Tell(on_progress, trees)]
        _label(self.train, train)
        if not isinstance(until, int):
            _label(stopping[0], until)
            callbacks.append(xgb.callback.EarlyStopping(rounds=self.params.patience))
        booster = xgb.train(
            settings,
            self.train,
            num_boost_round=trees,
            evals=[(rows, "stopping") for rows in stopping],
            callbacks=callbacks,
            verbose_eval=False,
        )
        on_progress(1.0)
        best = booster if isinstance(until, int) else booster[: booster.best_iteration + 1]
        return _XgboostModel(best, output.link)


def _label(rows: xgb.DMatrix, labels: Labels) -> None:
    """As of this fit: weights of the one before stay otherwise."""
    rows.set_label(labels.target)
    rows.set_weight(np.ones(len(labels.target), dtype=np.float32) if labels.weight is None else labels.weight)


def _hessian_of_a_row(loss: Loss, start: float) -> float:
    """At the first forecast: a leaf is bounded by the sum of hessians, which are 1 for the losses in bikes only."""
    if loss == "log":
        return start * (1 - start)
    return start * math.exp(MAX_DELTA_STEP) if loss == "poisson" else 1.0


class _Tell(xgb.callback.TrainingCallback):
    def __init__(self, on_progress: Callable[[float], None], trees: int) -> None:
        self.on_progress = on_progress
        self.trees = trees

    def after_iteration(self, model: xgb.Booster, epoch: int, evals_log: object) -> bool:
        self.on_progress((epoch + 1) / self.trees)
        return False  # go on


@dataclass(frozen=True)
class _XgboostModel:
    booster: xgb.Booster
    link: Link

    @property
    def tree_count(self) -> int:
        return int(self.booster.num_boosted_rounds())

    def predict(self, features: Float32s, threads: int) -> Float64s:
        self.booster.set_param({"nthread": threads})
        return np.asarray(self.booster.inplace_predict(features), dtype=np.float64)

    def ensemble(self) -> TreeEnsemble:
        return ensemble_from_model_json(self.booster.save_raw("json"), self.link)
