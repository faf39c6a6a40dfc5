"""What the rest of the trainer knows of a booster library. Another library is another module with `Booster`.

Measured on one thread, 200,000 rows of 130 features, 200 trees of 63 leaves (CatBoost: depth 6); CPU seconds:

    library          prepare   squared   pinball   50,000 rows predicted
    LightGBM 4.7         3.9      27.8      25.1                    0.98
    XGBoost 3.2          4.8      33.7      38.1                    0.51
    CatBoost 1.2           -      19.4      18.8                    0.05
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from velocast_trainer.arrays import Float32s, Float64s
from velocast_trainer.outputs import Output
from velocast_trainer.tree_ensemble import TreeEnsemble

T = TypeVar("T")


@dataclass(frozen=True)
class FitRows:
    """The rows that outputs with the same known labels are fitted on; the second part only stops the fit. Without it
    nothing does: how many trees there will be is known."""

    train: Float32s
    stopping: Float32s | None


@dataclass(frozen=True)
class Labels:
    """What an output is fitted to, one a row, and how much each row counts: all alike where nothing is said."""

    target: Float32s
    weight: Float32s | None = None


class FittedBooster(Protocol):
    @property
    def tree_count(self) -> int: ...

    def predict(self, features: Float32s, threads: int) -> Float64s:
        """By the library itself, on the scale of the output: the truth that the graph is held to."""
        ...

    def ensemble(self) -> TreeEnsemble: ...


class PreparedRows(Protocol):
    def fit(
        self, output: Output, train: Labels, until: Labels | int, on_progress: Callable[[float], None]
    ) -> FittedBooster:
        """Until the rows with these labels say that it is enough, or with so many trees.

        `on_progress` hears after every tree the share of the allowed ones that are built; it may raise to stop.
        """
        ...


def rows_that_stop(prepared: T | None) -> T:
    """Throws a ValueError where none were prepared."""
    if prepared is None:
        raise ValueError("no rows to stop the fit were prepared")
    return prepared


class Booster(Protocol):
    def prepare(self, rows: FitRows) -> PreparedRows:
        """The work on the features that is shared by all outputs fitted on these rows."""
        ...
