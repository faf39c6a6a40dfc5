"""What a fit starts from: the one number that serves all rows best.

XGBoost is told it rather than left to estimate it, since its own is exp(-inf) where nothing departs. CatBoost has none
of its own for the Poisson loss: it starts from one departure an hour and spends its first trees on coming down.
"""

from __future__ import annotations

import numpy as np

from velocast_trainer.arrays import Float32s
from velocast_trainer.outputs import Output
from velocast_trainer.tree_ensemble import Link

# Nothing is impossible or certain because no training row had it: the links need room to both sides.
CLOSEST_TO_LIMIT = 1e-6


def first_forecast(output: Output, target: Float32s) -> float:
    """On the scale of the output: bikes, departures, a probability."""
    if output.level is not None:
        return float(np.quantile(target, output.level))
    mean = float(np.mean(target, dtype=np.float64))
    if output.link == "identity":
        return mean
    return float(np.clip(mean, CLOSEST_TO_LIMIT, 1 - CLOSEST_TO_LIMIT if output.link == "sigmoid" else np.inf))


def before_link(value: float, link: Link) -> float:
    """The sum of leaves that the link makes `value` of."""
    if link == "sigmoid":
        return float(np.log(value) - np.log1p(-value))
    return float(np.log(value)) if link == "exp" else value
