"""LightGBM behind the booster interface. The same rows, parameters and seed give the same trees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np

from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.booster import FitRows, FittedBooster, Weights
from velocast_trainer.constant_model import constant_model
from velocast_trainer.lightgbm_trees import ensemble_from_model_text
from velocast_trainer.outputs import Loss, Output
from velocast_trainer.request import BoosterParams
from velocast_trainer.tree_ensemble import Link, TreeEnsemble

OBJECTIVE_OF_LOSS: dict[Loss, str] = {
    "squared": "regression",
    "pinball": "quantile",
    "log": "binary",
    "poisson": "poisson",
}


@dataclass(frozen=True)
class LightgbmBooster:
    params: BoosterParams
    seed: int

    def prepare(self, rows: FitRows) -> _LightgbmRows:
        settings: dict[str, Any] = {
            "num_leaves": self.params.leaves,
            "min_data_in_leaf": self.params.min_rows_per_leaf,
            "learning_rate": self.params.learning_rate,
            "feature_fraction": self.params.feature_fraction,
            # Stations hold a few dozen bikes; twice the bins cost a third more time and changed no score.
            "max_bin": 127,
            # One binned data set is shared by outputs whose parameters differ.
            "feature_pre_filter": False,
            "seed": self.seed,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }
        train = lgb.Dataset(rows.train, params=settings, free_raw_data=True).construct()
        if rows.stopping is None:
            return _LightgbmRows(settings, self.params.trees, train, None)
        stopping = lgb.Dataset(rows.stopping, reference=train, params=settings, free_raw_data=True)
        return _LightgbmRows(settings, self.params.trees, train, stopping.construct())


@dataclass(frozen=True)
class _LightgbmRows:
    settings: dict[str, Any]
    trees: int
    train: lgb.Dataset
    stopping: lgb.Dataset | None

    def fit(
        self,
        output: Output,
        train_target: Float32s,
        stopping_target: Float32s,
        on_progress: Callable[[float], None],
        weights: Weights | None = None,
    ) -> FittedBooster:
        if self.stopping is None:
            raise ValueError("no rows to stop the fit were prepared")
        train_weight, stopping_weight = weights or (None, None)
        _label(self.stopping, stopping_target, stopping_weight)
        patience = max(10, self.trees // 10)
        stop = lgb.early_stopping(patience, verbose=False)
        return self._train(output, self.trees, train_target, train_weight, on_progress, [self.stopping], [stop])

    def refit(
        self,
        output: Output,
        trees: int,
        target: Float32s,
        on_progress: Callable[[float], None],
        weight: Float32s | None = None,
    ) -> FittedBooster:
        return self._train(output, trees, target, weight, on_progress, [], [])

    def _train(
        self,
        output: Output,
        trees: int,
        target: Float32s,
        weight: Float32s | None,
        on_progress: Callable[[float], None],
        stopping: list[lgb.Dataset],
        callbacks: list[Callable[[lgb.callback.CallbackEnv], None]],
    ) -> FittedBooster:
        constant = constant_model(output, target)  # LightGBM refuses counts that are all 0
        if constant is not None:
            on_progress(1.0)
            return constant
        settings = {**self.settings, "objective": OBJECTIVE_OF_LOSS[output.loss]}
        if output.level is not None:
            settings["alpha"] = output.level

        def tell(env: lgb.callback.CallbackEnv) -> None:
            on_progress((env.iteration + 1) / trees)

        _label(self.train, target, weight)
        booster = lgb.train(settings, self.train, trees, valid_sets=stopping, callbacks=[tell, *callbacks])
        on_progress(1.0)
        # Without rows that stop it LightGBM names no best one.
        count = booster.best_iteration if stopping else booster.current_iteration()
        return _LightgbmModel(booster, int(count), output.link)


def _label(rows: lgb.Dataset, target: Float32s, weight: Float32s | None) -> None:
    rows.set_label(target)
    # `set_weight(None)` leaves the weights of the fit before.
    rows.set_field("weight", weight)


@dataclass(frozen=True)
class _LightgbmModel:
    booster: lgb.Booster
    tree_count: int
    link: Link

    def predict(self, features: Float32s, threads: int) -> Float64s:
        said = self.booster.predict(features, num_iteration=self.tree_count, num_threads=threads)
        return np.asarray(said, dtype=np.float64)

    def ensemble(self) -> TreeEnsemble:
        return ensemble_from_model_text(self.booster.model_to_string(num_iteration=self.tree_count), self.link)
