"""The model of a target that never changes: not every booster fits one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.first_forecast import before_link, first_forecast
from velocast_trainer.outputs import Output
from velocast_trainer.tree_ensemble import TreeEnsemble


@dataclass(frozen=True)
class ConstantModel:
    """A `FittedBooster` without trees."""

    value: float
    trees: TreeEnsemble
    tree_count: int = 0

    def predict(self, features: Float32s, threads: int) -> Float64s:
        return np.full(len(features), self.value)

    def ensemble(self) -> TreeEnsemble:
        return self.trees


def constant_model(output: Output, train_target: Float32s) -> ConstantModel | None:
    """What is known of a target that never changes; None of one that does."""
    if np.any(train_target != train_target[0]):
        return None
    value = first_forecast(output, train_target)
    return ConstantModel(value, TreeEnsemble((), before_link(value, output.link), output.link))
