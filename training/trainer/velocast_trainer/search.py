"""Looks for better hyper-parameters: bounded, seeded, and on the rows alone that train and stop a fit.

A trial fits the mean with the first booster in every band, on at most so many rows of each, and is judged by its error
on rows that stop a fit. What calibrates and what tests the model is never looked at. The first trial is what the
request asks for, so that nothing is found that is worse on the rows that are known.

Trials follow one another, and each is a function of the seed and those before: ended by their number, a search finds
the same for the same request and data, whatever the machine. Ended by the clock, it may not: how far it came is a
matter of the machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import optuna

from velocast_trainer.arrays import Rows
from velocast_trainer.booster import Booster
from velocast_trainer.dataset import Dataset
from velocast_trainer.fit_outputs import Job, rmse_of, rows_of_band, run_jobs
from velocast_trainer.horizons import HorizonRange
from velocast_trainer.outputs import MEAN_CHANGE, target_of
from velocast_trainer.progress import Progress, Tell
from velocast_trainer.request import BoosterParams, FitRequest, SearchBounds, SearchSpace
from velocast_trainer.split import Split

# Of each band.
TRAIN_ROWS = 40_000
STOPPING_ROWS = 20_000


@dataclass(frozen=True)
class Trial:
    """`rmse` is in bikes; `loss` is its mean over the bands, each as a share of the first trial's."""

    params: BoosterParams
    loss: float
    rmse: Mapping[HorizonRange, float]

    def report(self) -> dict[str, object]:
        return {
            "params": self.params.searched(),
            "loss": round(self.loss, 6),
            "rmse": [{"upToHours": band.up_to_hours, "rmse": round(value, 6)} for band, value in self.rmse.items()],
        }


@dataclass(frozen=True)
class Search:
    """Its trials in their order, of which the first is what was asked for."""

    trials: tuple[Trial, ...]
    ended_by: str

    @property
    def best(self) -> BoosterParams:
        return min(self.trials, key=lambda trial: trial.loss).params

    def report(self) -> dict[str, object]:
        return {
            "endedBy": self.ended_by,
            "found": self.best.searched(),
            "trials": [trial.report() for trial in self.trials],
        }


def search_params(
    request: FitRequest,
    bounds: SearchBounds,
    data: Dataset,
    split: Split,
    bands: tuple[HorizonRange, ...],
    make_booster: Callable[[BoosterParams], Booster],
    progress: Progress,
) -> Search:
    """The first trial is made whatever the time; one that the end of it meets is given up."""
    ends_at = progress.monotonic() + 60 * bounds.minutes
    sampled, shares = _sample(data, split, bands)
    target = target_of(MEAN_CHANGE, data)
    trials: list[Trial] = []

    def rmse_by_band(params: BoosterParams) -> dict[HorizonRange, float]:
        boosters = {band.name: make_booster(_for_share(params, shares[band])) for band in bands}
        jobs = [Job(band, MEAN_CHANGE, band.name) for band in bands]
        clock = _clock(progress.monotonic, ends_at if trials else math.inf)
        fitted = run_jobs(data, sampled.train, sampled.stopping, jobs, boosters, request.threads, clock)
        rows = {job: rows_of_band(sampled.stopping, job.band, data) for job in jobs}
        return {
            job.band: rmse_of(fitted[job].predict(data.features[rows[job]], request.threads), target[rows[job]])
            for job in jobs
        }

    def try_out(trial: optuna.Trial) -> float:
        progress.tell("search", len(trials) / bounds.trials)
        params = _suggest(trial, bounds.space, request.params)
        try:
            rmse = rmse_by_band(params)
        except _OutOfTime:
            trial.study.stop()
            raise optuna.TrialPruned from None
        if progress.monotonic() >= ends_at:
            trial.study.stop()
        first = trials[0].rmse if trials else rmse
        trials.append(Trial(params, float(np.mean([rmse[band] / first[band] for band in bands])), rmse))
        return trials[-1].loss

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=request.seed))
    study.enqueue_trial({name: vars(request.params)[name] for name in vars(bounds.space)})
    study.optimize(try_out, n_trials=bounds.trials)
    return Search(tuple(trials), "trials" if len(trials) == bounds.trials else "minutes")


def _suggest(trial: optuna.Trial, space: SearchSpace, asked: BoosterParams) -> BoosterParams:
    return replace(
        asked,
        leaves=trial.suggest_int("leaves", *space.leaves, log=True),
        min_rows_per_leaf=trial.suggest_int("min_rows_per_leaf", *space.min_rows_per_leaf, log=True),
        learning_rate=trial.suggest_float("learning_rate", *space.learning_rate, log=True),
        feature_fraction=trial.suggest_float("feature_fraction", *space.feature_fraction),
    )


def _sample(data: Dataset, split: Split, bands: tuple[HorizonRange, ...]) -> tuple[Split, Mapping[HorizonRange, float]]:
    """Rows from all over the time of each part, and what share of a band's training rows they are."""
    target = target_of(MEAN_CHANGE, data)

    def known(rows: Rows) -> list[Rows]:
        return [rows_of_band(rows[~np.isnan(target[rows])], band, data) for band in bands]

    train = known(split.train)
    picked = [_spread(rows, TRAIN_ROWS) for rows in train]
    stopping = [_spread(rows, STOPPING_ROWS) for rows in known(split.stopping)]
    shares = {band: len(some) / len(rows) for band, some, rows in zip(bands, picked, train, strict=True)}
    return replace(split, train=np.concatenate(picked), stopping=np.concatenate(stopping)), shares


def _for_share(params: BoosterParams, share: float) -> BoosterParams:
    """A leaf is as large a part of the rows that are taken as it would be of all."""
    return replace(params, min_rows_per_leaf=max(1, round(share * params.min_rows_per_leaf)))


def _spread(rows: Rows, most: int) -> Rows:
    return rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64)]


class _OutOfTime(Exception):
    """Raised in the middle of a fit."""


def _clock(monotonic: Callable[[], float], ends_at: float) -> Tell:
    """Hears of the fits of a trial, and ends them in time."""

    def tell(done: float, **more: object) -> None:
        if monotonic() >= ends_at:
            raise _OutOfTime

    return tell
