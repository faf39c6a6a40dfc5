"""Fits every output of the table, several at once.

Outputs are independent of each other, so threads fit one each, which scales better than several threads on one tree,
and makes the trees independent of the number of threads. A thread prepares rows once for all outputs that know the same
labels; the boosters leave the interpreter's lock while they work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event

import numpy as np

from velocast_trainer.arrays import Float32s, Rows
from velocast_trainer.booster import Booster, FitRows, FittedBooster, PreparedRows
from velocast_trainer.dataset import Dataset
from velocast_trainer.failures import BadInput
from velocast_trainer.outputs import OUTPUTS, Output, target_of
from velocast_trainer.progress import Progress
from velocast_trainer.split import MIN_HELD_OUT_ROWS, MIN_TRAIN_ROWS, Split

PROGRESS_STEPS = 10


class _Abandoned(Exception):
    """Raised in the other threads when one has failed or the run is stopped."""


def fit_outputs(
    data: Dataset, split: Split, booster: Booster, threads: int, progress: Progress
) -> dict[str, FittedBooster]:
    """The fitted boosters by output name, in the order of the table. `booster` uses one thread."""
    waiting = deque(OUTPUTS)
    fitted: dict[str, FittedBooster] = {}
    abandoned = Event()

    def fit_what_is_waiting() -> None:
        prepared: dict[bytes, PreparedRows] = {}
        while (output := _next(waiting)) is not None:
            target = target_of(output, data)
            train, stopping = _known_rows(output, target, split)
            key = train.tobytes() + stopping.tobytes()
            if key not in prepared:
                prepared[key] = booster.prepare(FitRows(data.features[train], data.features[stopping]))
            tell = _tell(progress, output, abandoned)
            fitted[output.name] = prepared[key].fit(output, target[train], target[stopping], tell)

    pool = ThreadPoolExecutor(min(threads, len(OUTPUTS)))
    try:
        workers = [pool.submit(fit_what_is_waiting) for _ in range(min(threads, len(OUTPUTS)))]
        done, _ = wait(workers, return_when=FIRST_EXCEPTION)
        for worker in done:
            worker.result()
    finally:
        abandoned.set()
        pool.shutdown()
    return {output.name: fitted[output.name] for output in OUTPUTS}


def _next(waiting: deque[Output]) -> Output | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _known_rows(output: Output, target: Float32s, split: Split) -> tuple[Rows, Rows]:
    train, stopping = (rows[~np.isnan(target[rows])] for rows in (split.train, split.stopping))
    if len(train) < MIN_TRAIN_ROWS or len(stopping) < MIN_HELD_OUT_ROWS:
        raise BadInput(
            "too-few-labels",
            f"{output.name} has {len(train)} training and {len(stopping)} early-stopping rows with known "
            f"{output.quantity}, of {MIN_TRAIN_ROWS} and {MIN_HELD_OUT_ROWS} needed: wait for more history",
        )
    return train, stopping


def _tell(progress: Progress, output: Output, abandoned: Event) -> Callable[[float], None]:
    told = 0

    def tell(done: float) -> None:
        nonlocal told
        if abandoned.is_set():
            raise _Abandoned
        if int(done * PROGRESS_STEPS) > told:
            told = int(done * PROGRESS_STEPS)
            progress.tell("fit", done, output=output.name)

    return tell
