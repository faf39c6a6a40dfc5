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
from velocast_trainer.booster import FitRows, FittedBooster, Labels, rows_that_stop
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

# Ten are usual, of which each goes over all rows: of counts one is as good, in three quarters of the time.
LEAF_STEPS: dict[Loss, dict[str, int]] = {"poisson": {"leaf_estimation_iterations": 1}}

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
        self, output: Output, train: Labels, until: Labels | int, on_progress: Callable[[float], None]
    ) -> FittedBooster:
        trees = until if isinstance(until, int) else self.params.trees
        stopping = [] if isinstance(until, int) else [(rows_that_stop(self.rows.stopping), until)]
        constant = constant_model(output, train.target)  # CatBoost refuses such a target
        if constant is not None:
            on_progress(1.0)
            return constant
        start = before_link(first_forecast(output, train.target), output.link)
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
                "use_best_model": bool(stopping),
                **LEAF_STEPS.get(output.loss, {}),
                **({"od_type": "Iter", "od_wait": self.params.patience} if stopping else {}),
            }
        )
        tell = _Tell(on_progress, trees)
        model.fit(
            _pool(self.rows.train, train, start),
            eval_set=[_pool(*rows, start) for rows in stopping],
            callbacks=[tell],
        )
        if tell.raised is not None:
            raise tell.raised
        model.set_scale_and_bias(1.0, start)
        on_progress(1.0)
        return _CatboostModel(model, output.link)


def _pool(features: Float32s, labels: Labels, start: float) -> cb.Pool:
    baseline = np.full(len(labels.target), start)
    return cb.Pool(features, labels.target, weight=labels.weight, baseline=baseline, thread_count=1)


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
