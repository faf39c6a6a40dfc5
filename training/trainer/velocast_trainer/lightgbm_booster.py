"""LightGBM behind the booster interface. The same rows, parameters and seed give the same trees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np

from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.booster import FitRows, FittedBooster, Labels, rows_that_stop
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
            return _LightgbmRows(settings, self.params, train, None)
        stopping = lgb.Dataset(rows.stopping, reference=train, params=settings, free_raw_data=True)
        return _LightgbmRows(settings, self.params, train, stopping.construct())


@dataclass(frozen=True)
class _LightgbmRows:
    settings: dict[str, Any]
    params: BoosterParams
    train: lgb.Dataset
    stopping: lgb.Dataset | None

    def fit(
        self, output: Output, train: Labels, until: Labels | int, on_progress: Callable[[float], None]
    ) -> FittedBooster:
        trees = until if isinstance(until, int) else self.params.trees
        stopping = [] if isinstance(until, int) else [rows_that_stop(self.stopping)]
        constant = constant_model(output, train.target)  # LightGBM refuses counts that are all 0
        if constant is not None:
            on_progress(1.0)
            return constant
        settings = {**self.settings, "objective": OBJECTIVE_OF_LOSS[output.loss]}
        if output.level is not None:
            settings["alpha"] = output.level

        def tell(env: lgb.callback.CallbackEnv) -> None:
            on_progress((env.iteration + 1) / trees)

        callbacks: list[Callable[[lgb.callback.CallbackEnv], None]] = [tell]
        _label(self.train, train)
        if not isinstance(until, int):
            _label(stopping[0], until)
            callbacks.append(lgb.early_stopping(self.params.patience, verbose=False))
        booster = lgb.train(settings, self.train, trees, valid_sets=stopping, callbacks=callbacks)
        on_progress(1.0)
        # Without rows that stop it LightGBM names no best one.
        count = booster.current_iteration() if isinstance(until, int) else booster.best_iteration
        return _LightgbmModel(booster, int(count), output.link)


def _label(rows: lgb.Dataset, labels: Labels) -> None:
    rows.set_label(labels.target)
    # `set_weight(None)` leaves the weights of the fit before.
    rows.set_field("weight", labels.weight)


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
