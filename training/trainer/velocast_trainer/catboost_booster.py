"""CatBoost behind the booster interface. The same rows, parameters and seed give the same trees."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import catboost as cb
import numpy as np

from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.booster import FitRows, FittedBooster, Weights
from velocast_trainer.catboost_trees import ensemble_from_model_json
from velocast_trainer.constant_model import constant_model
from velocast_trainer.first_forecast import before_link, first_forecast
from velocast_trainer.outputs import Loss, Output
from velocast_trainer.request import BoosterParams
from velocast_trainer.tree_ensemble import Link, TreeEnsemble

LOSS_FUNCTION: dict[Loss, str] = {
    "squared": "RMSE",
    "pinball": "Quantile:alpha={level}",
    "log": "Logloss",
    "poisson": "Poisson",
}
PREDICTION_TYPE: dict[Link, str] = {"identity": "RawFormulaVal", "sigmoid": "Probability", "exp": "Exponent"}

MAX_DEPTH = 16


@dataclass(frozen=True)
class CatboostBooster:
    """`min_rows_per_leaf` has no meaning for symmetric trees; their leaves of few rows are shrunk (`l2_leaf_reg`)."""

    params: BoosterParams
    seed: int

    def prepare(self, rows: FitRows) -> _CatboostRows:
        # A pool's target cannot be changed, so that nothing is shared but the rows.
        return _CatboostRows(self.params, self.seed, rows)


@dataclass(frozen=True)
class _CatboostRows:
    params: BoosterParams
    seed: int
    rows: FitRows

    def fit(
        self,
        output: Output,
        train_target: Float32s,
        stopping_target: Float32s,
        on_progress: Callable[[float], None],
        weights: Weights | None = None,
    ) -> FittedBooster:
        if self.rows.stopping is None:
            raise ValueError("no rows to stop the fit were prepared")
        train_weight, stopping_weight = weights or (None, None)
        stop = {"od_type": "Iter", "od_wait": max(10, self.params.trees // 10), "use_best_model": True}
        stopping = (self.rows.stopping, stopping_target, stopping_weight)
        return self._train(output, self.params.trees, train_target, train_weight, on_progress, stopping, stop)

    def refit(
        self,
        output: Output,
        trees: int,
        target: Float32s,
        on_progress: Callable[[float], None],
        weight: Float32s | None = None,
    ) -> FittedBooster:
        return self._train(output, trees, target, weight, on_progress, None, {"use_best_model": False})

    def _train(
        self,
        output: Output,
        trees: int,
        target: Float32s,
        weight: Float32s | None,
        on_progress: Callable[[float], None],
        stopping: tuple[Float32s, Float32s, Float32s | None] | None,
        stop: dict[str, Any],
    ) -> FittedBooster:
        constant = constant_model(output, target)  # CatBoost refuses such a target
        if constant is not None:
            on_progress(1.0)
            return constant
        start = before_link(first_forecast(output, target), output.link)
        model = cb.CatBoost(
            {
                "loss_function": LOSS_FUNCTION[output.loss].format(level=output.level),
                "iterations": trees,
                "depth": min(MAX_DEPTH, max(1, round(math.log2(self.params.leaves)))),
                "learning_rate": self.params.learning_rate,
                "rsm": self.params.feature_fraction,
                "border_count": 127,
                "nan_mode": "Min",
                "boosting_type": "Plain",
                "bootstrap_type": "No",
                "boost_from_average": False,  # the pools bring where to start
                "random_seed": self.seed,
                "thread_count": 1,
                "allow_writing_files": False,
                "logging_level": "Silent",
                **stop,
            }
        )
        tell = _Tell(on_progress, trees)
        model.fit(
            _pool(self.rows.train, target, weight, start),
            eval_set=None if stopping is None else _pool(*stopping, start),
            callbacks=[tell],
        )
        if tell.raised is not None:
            raise tell.raised
        model.set_scale_and_bias(1.0, start)
        on_progress(1.0)
        return _CatboostModel(model, output.link)


def _pool(features: Float32s, target: Float32s, weight: Float32s | None, start: float) -> cb.Pool:
    return cb.Pool(features, target, weight=weight, baseline=np.full(len(target), start), thread_count=1)


class _Tell:
    """CatBoost makes text of what a callback raises: it is kept, the fit ended, and raised by the caller."""

    def __init__(self, on_progress: Callable[[float], None], trees: int) -> None:
        self.on_progress = on_progress
        self.trees = trees
        self.raised: BaseException | None = None

    def after_iteration(self, info: Any) -> bool:
        try:
            self.on_progress(info.iteration / self.trees)
        except BaseException as error:
            self.raised = error
        return self.raised is None


@dataclass(frozen=True)
class _CatboostModel:
    model: cb.CatBoost
    link: Link

    @property
    def tree_count(self) -> int:
        return int(self.model.tree_count_)

    def predict(self, features: Float32s, threads: int) -> Float64s:
        predicted = self.model.predict(features, prediction_type=PREDICTION_TYPE[self.link], thread_count=threads)
        return np.asarray(predicted[:, 1] if self.link == "sigmoid" else predicted, dtype=np.float64)

    def ensemble(self) -> TreeEnsemble:
        with TemporaryDirectory() as folder:  # CatBoost exports to files only
            path = Path(folder) / "model.json"
            self.model.save_model(str(path), format="json")
            return ensemble_from_model_json(json.loads(path.read_bytes()), self.link)
