"""Whether a new model is better than the one in production, on the same rows.

Rows of one day are not independent (errors by row make standard errors three to five times too small), so days are what
is drawn again: a moving block bootstrap over days (Künsch, Annals of Statistics 1989), two days a block.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from velocast_trainer.arrays import Bools, Float64s
from velocast_trainer.dataset import HOUR_MS
from velocast_trainer.forecast import Forecast
from velocast_trainer.horizons import compared_ranges
from velocast_trainer.scores import Truth

DAY_MS = 24 * HOUR_MS
DRAWS = 2_000
BLOCK_DAYS = 2
LOWER_BOUND = 0.05


@dataclass(frozen=True)
class Comparison:
    """Gains are shares of the champion's RMSE: 0.01 is one percent better."""

    days: int
    gain: float
    lower95: float
    """Below it lies the gain in 5 % of the draws."""
    coverage90: float
    by_band: tuple[tuple[float, float], ...]

    def report(self) -> dict[str, object]:
        return {
            "days": self.days,
            "gain": round(self.gain, 6),
            "lower95": round(self.lower95, 6),
            "coverage90": round(self.coverage90, 6),
            "byBand": [{"upToHours": hours, "gain": round(gain, 6)} for hours, gain in self.by_band],
        }


def compare_by_day(challenger: Forecast, champion: Forecast, truth: Truth, seed: int) -> Comparison | None:
    """None where no row can be compared."""
    known = ~np.isnan(truth.bikes) & ~np.isnan(challenger.bikes_mean) & ~np.isnan(champion.bikes_mean)
    if not known.any():
        return None
    mine = (challenger.bikes_mean - truth.bikes) ** 2
    theirs = (champion.bikes_mean - truth.bikes) ** 2
    _, day = np.unique(truth.target_at[known] // DAY_MS, return_inverse=True)
    by_day = np.column_stack([np.bincount(day, weights=errors[known]) for errors in (mine, theirs)])
    drawn = _draw_days(len(by_day), seed)
    sums = by_day[drawn].sum(axis=1)
    gains = 1 - np.sqrt(sums[:, 0] / np.where(sums[:, 1] == 0, np.nan, sums[:, 1]))
    inside = (truth.bikes >= challenger.bikes_q05) & (truth.bikes <= challenger.bikes_q95)
    gains_by_range = [
        (each.up_to_hours, _gain(mine, theirs, rows))
        for each in compared_ranges()
        if (rows := known & each.holds(truth.named_hours)).any()
    ]
    return Comparison(
        days=len(by_day),
        gain=_gain(mine, theirs, known),
        lower95=float(np.nanquantile(np.nan_to_num(gains), LOWER_BOUND)),
        coverage90=float(inside[known].mean()),
        by_band=tuple(gains_by_range),
    )


def _gain(mine: Float64s, theirs: Float64s, rows: Bools) -> float:
    total = float(theirs[rows].sum())
    return 0.0 if total == 0 else 1 - float(np.sqrt(mine[rows].sum() / total))


def _draw_days(days: int, seed: int) -> np.ndarray:
    """Days of each draw: whole blocks that begin anywhere, around the end."""
    random = np.random.default_rng(seed)
    blocks = -(-days // BLOCK_DAYS)
    starts = random.integers(0, days, (DRAWS, blocks, 1))
    return ((starts + np.arange(BLOCK_DAYS)) % days).reshape(DRAWS, -1)[:, :days]
