"""Which rows train, stop, calibrate and test a model: older rows never see newer ones.

    train | gap | stopping and calibration | test          by target time
    train all but the quantiles again | gap | test

A gap as long as the longest horizon is what honesty needs: then the last training label is older than the `as_of` of
every row held out, so nothing a model has learnt was in the future of a row that judges it. A longer gap, as asked
for, also keeps the same hour of the week apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from velocast_trainer.arrays import Rows
from velocast_trainer.dataset import HOUR_MS, Dataset
from velocast_trainer.failures import BadInput
from velocast_trainer.request import SplitShares

DAY_MS = 24 * HOUR_MS
MIN_TRAIN_ROWS = 1_000
MIN_HELD_OUT_ROWS = 100
# A gap that eats more of the training share than this is shortened to the longest horizon.
MAX_SHARE_LOST_TO_GAP = 0.5


@dataclass(frozen=True)
class Split:
    train: Rows
    stopping: Rows
    calibration: Rows
    # What the mean is fitted on in the end; all rows where none test it.
    refit: Rows
    test: Rows
    stopping_from: int
    test_from: int
    gap_hours: float
    gap_note: str
    test_share: float

    def report(self, data: Dataset) -> dict[str, object]:
        """As used: rows, and the first and last target time (epoch milliseconds) of every part."""
        parts = {
            "train": self.train,
            "stopping": self.stopping,
            "calibration": self.calibration,
            "refit": self.refit,
            "test": self.test,
        }
        return {
            "gapHours": self.gap_hours,
            "gapNote": self.gap_note,
            "parts": {
                name: {
                    "rows": len(rows),
                    "firstTargetAt": int(data.target_at[rows].min()),
                    "lastTargetAt": int(data.target_at[rows].max()),
                }
                for name, rows in parts.items()
                if len(rows)
            },
        }


def split_by_target_time(data: Dataset, shares: SplitShares) -> Split:
    target_at = data.target_at
    stopping_from, test_from = (
        int(moment) for moment in np.quantile(target_at, [shares.train, shares.train + shares.early], method="lower")
    )
    if shares.test == 0:
        test_from = int(target_at.max()) + 1
    before = target_at < stopping_from
    gap_hours, note = shares.gap_hours, "as requested"
    train = _older_than(target_at, stopping_from, gap_hours)
    longest = float(data.horizon_hours.max())
    if len(train) < (1 - MAX_SHARE_LOST_TO_GAP) * int(before.sum()) and longest < gap_hours:
        note = (
            f"shortened from {gap_hours:g} h to the longest horizon in the data: the history is too short for more, "
            "and no training label is later than the as_of of a row held out"
        )
        gap_hours = longest
        train = _older_than(target_at, stopping_from, gap_hours)

    between = (target_at >= stopping_from) & (target_at < test_from)
    stopping, calibration = _stopping_and_calibration(target_at, between, stopping_from)
    split = Split(
        train=train,
        stopping=stopping,
        calibration=calibration,
        refit=_older_than(target_at, test_from, gap_hours if shares.test > 0 else 0),
        test=np.flatnonzero(target_at >= test_from),
        stopping_from=stopping_from,
        test_from=test_from,
        gap_hours=gap_hours,
        gap_note=note,
        test_share=shares.test,
    )
    _check_enough(split, data)
    return split


def _older_than(target_at: Rows, moment: int, gap_hours: float) -> Rows:
    return np.flatnonzero(target_at < moment - gap_hours * HOUR_MS)


def _stopping_and_calibration(target_at: Rows, between: np.ndarray, start: int) -> tuple[Rows, Rows]:
    """Every other day each, so that both see the whole span; a span of less than two days serves both."""
    day = (target_at - start) // DAY_MS
    stopping = np.flatnonzero(between & (day % 2 == 0))
    calibration = np.flatnonzero(between & (day % 2 == 1))
    if len(calibration) < len(stopping) / 4:
        both = np.flatnonzero(between)
        return both, both
    return stopping, calibration


def _check_enough(split: Split, data: Dataset) -> None:
    short = [
        f"{name} has {count} rows and needs {least}"
        for name, count, least in (
            ("train", len(split.train), MIN_TRAIN_ROWS),
            ("early stopping", len(split.stopping), MIN_HELD_OUT_ROWS),
            ("calibration", len(split.calibration), MIN_HELD_OUT_ROWS),
            ("test", len(split.test), MIN_HELD_OUT_ROWS if split.test_share > 0 else 0),
        )
        if count < least
    ]
    if short:
        days = float(np.ptp(data.target_at)) / DAY_MS
        raise BadInput(
            "too-little-history",
            f"{'; '.join(short)} ({data.row_count} rows over {days:.1f} days, gap {split.gap_hours:g} h): "
            "wait for more history, sample more rows, or ask for a shorter gap",
        )
