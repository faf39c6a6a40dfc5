"""Fits every output of the table for every band of horizons, several at once.

The mean is fitted by every booster of the list on the same rows; of them, and the means of several, the best on the
rows that stop the fit is taken, but for one of more boosters that gains too little by it. Trees of changes correct a
line, see `line`; those of the last of several boosters do without, so that they err in other ways. What else is
forecast is fitted by one booster alone: changes by the first, probabilities by the last, and so are counts but of the
nearest targets: CatBoost's are as good or better there, and sooner scored.

Then all but the quantiles is fitted again up to a day ahead, with as many trees, on newer rows too: tomorrow is most
like those that had to be kept for stopping and calibrating. Quantiles are not: what moves them is told by the errors of
the first fits, and second ones would have learnt that already. Probabilities are corrected by little.

Fits are independent of each other, so threads take one each, which scales better than several threads on one tree, and
makes the trees independent of the number of threads. A thread prepares rows once for all fits in a row that know the
same labels; the boosters leave the interpreter's lock while they work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from threading import Event

import numpy as np

from velocast_trainer.arrays import Float32s, Float64s, Rows
from velocast_trainer.bands import AnyEnsemble, average, join_bands
from velocast_trainer.booster import Booster, FitRows, FittedBooster, Labels, PreparedRows
from velocast_trainer.dataset import Dataset
from velocast_trainer.failures import BadInput
from velocast_trainer.hidden_features import hidden_columns
from velocast_trainer.horizons import HALF_SLOT_HOURS, HorizonRange
from velocast_trainer.line import Line, fit_line
from velocast_trainer.outputs import MEAN_CHANGE, OUTPUTS, Output, fitted_target, target_of
from velocast_trainer.progress import Progress, Tell
from velocast_trainer.split import MIN_HELD_OUT_ROWS, MIN_TRAIN_ROWS, Split
from velocast_trainer.tree_ensemble import TreeEnsemble
from velocast_trainer.usual_count import UsualCount, usual_count

PROGRESS_STEPS = 10
# Up to here LightGBM's counts are better, by up to 2 %.
COUNTS_NEAR_HOURS = 1
# Further ahead, what the newest weeks say is the weather of those weeks: a week ahead it was worse by 1 %.
REFIT_UP_TO_HOURS = 24
# A share of RMSE. Whoever asks for a forecast waits for the trees of one booster more: a tenth of scoring.
LEAST_GAIN_OF_ONE_MORE = 0.0015


@dataclass(frozen=True)
class Job:
    band: HorizonRange
    output: Output
    booster: str


@dataclass(frozen=True)
class Choice:
    """What became of the boosters in one band: errors (RMSE) on the rows that stopped the fits, and who was taken.

    Errors are of one, or of the mean of several, which a report names by them with a "+" between.
    """

    band: HorizonRange
    rmse: Mapping[tuple[str, ...], float]
    taken: tuple[str, ...]

    def report(self) -> dict[str, object]:
        return {
            "upToHours": self.band.up_to_hours,
            "rmse": {"+".join(members): round(value, 6) for members, value in self.rmse.items()},
            "taken": list(self.taken),
        }


@dataclass(frozen=True)
class BandedModel:
    """The models of one output: those of each band that are averaged, shortest band first."""

    horizon_column: int
    bands: tuple[tuple[HorizonRange, tuple[FittedBooster, ...]], ...]
    usual: UsualCount | None = None
    line: Line | None = None
    """What trees of a change correct, by the share of the band that is the mean of those that do."""
    line_shares: tuple[float, ...] = ()

    @property
    def tree_count(self) -> int:
        return sum(model.tree_count for _, models in self.bands for model in models)

    def ensemble(self) -> AnyEnsemble:
        parts = [(band, _mean_of([model.ensemble() for model in models])) for band, models in self.bands]
        return join_bands(parts, self.horizon_column)

    def line_share(self) -> AnyEnsemble:
        """The share of the line in a row's band."""
        shares = zip(self.bands, self.line_shares, strict=True)
        return join_bands(
            [(band, TreeEnsemble((), share, "identity")) for (band, _), share in shares], self.horizon_column
        )

    def predict(self, features: Float32s, threads: int) -> Float64s:
        said = np.empty(len(features), dtype=np.float64)
        edges = np.array([band.up_to_hours + HALF_SLOT_HOURS for band, _ in self.bands[:-1]])
        # A row without a horizon is sorted behind all that have one, and counts to the last band.
        band_of_row = np.searchsorted(edges, features[:, self.horizon_column].astype(np.float64), side="left")
        for index, (_, models) in enumerate(self.bands):
            rows = np.flatnonzero(band_of_row == index)
            if len(rows):
                said[rows] = np.mean([model.predict(features[rows], threads) for model in models], axis=0)
                if self.line is not None:
                    said[rows] += self.line_shares[index] * self.line.at(features[rows])
        return said if self.usual is None else said * self.usual.at(features)


# By output and booster: what its trees correct, one a row of the data set; None where they correct nothing.
LineOf = Callable[[Output, str], Float32s | None]
# By output and band: the fits that it is forecast by, as its models are.
JobsOf = Callable[[Output, HorizonRange], tuple[Job, ...]]


@dataclass(frozen=True)
class FittedOutputs:
    models: Mapping[str, BandedModel]
    choices: tuple[Choice, ...]
    line: Line | None
    line_of: LineOf
    jobs_of: JobsOf


class _Abandoned(Exception):
    """Raised in the other threads when one has failed or the run is stopped."""


def fit_outputs(
    data: Dataset,
    split: Split,
    bands: tuple[HorizonRange, ...],
    boosters: Mapping[str, Booster],
    threads: int,
    progress: Progress,
) -> FittedOutputs:
    """`boosters` use one thread; all of them fit the mean."""
    names = tuple(boosters)
    first, last = names[0], names[-1]

    def one_of(output: Output, band: HorizonRange) -> str:
        is_last = output.kind == "probability" or (output.kind == "value" and band.up_to_hours > COUNTS_NEAR_HOURS)
        return last if is_last else first

    jobs = [Job(band, output, one_of(output, band)) for band in bands for output in OUTPUTS]
    jobs += [Job(band, MEAN_CHANGE, name) for name in names[1:] for band in bands]
    line = _fit_line(data, split)
    with_line = set(names) if line is None or first == last else set(names) - {last}
    on_line = None if line is None else line.at(data.features).astype(np.float32)

    def line_of(output: Output, booster: str) -> Float32s | None:
        return on_line if output.follows_line and booster in with_line else None

    tell = partial(progress.tell, "fit")
    fitted = run_jobs(data, split.train, split.stopping, jobs, boosters, threads, tell, line_of)

    def choose(band: HorizonRange) -> Choice:
        models = {name: fitted[Job(band, MEAN_CHANGE, name)] for name in boosters}
        lines = {name: line_of(MEAN_CHANGE, name) for name in boosters}
        return _choose(data, split, band, models, lines, threads)

    choices = tuple(choose(band) for band in bands)
    taken = {choice.band: choice.taken for choice in choices}

    def jobs_of(output: Output, band: HorizonRange) -> tuple[Job, ...]:
        names = taken[band] if output is MEAN_CHANGE else (one_of(output, band),)
        return tuple(Job(band, output, name) for name in names)

    def line_share(output: Output, band: HorizonRange) -> float:
        jobs = jobs_of(output, band)
        return sum(job.booster in with_line for job in jobs) / len(jobs)

    models = {
        output.name: BandedModel(
            data.horizon_column,
            tuple((band, tuple(fitted[job] for job in jobs_of(output, band))) for band in bands),
            usual_count(data.feature_names, output.usual),
            line if output.follows_line else None,
            tuple(line_share(output, band) for band in bands),
        )
        for output in OUTPUTS
    }
    return FittedOutputs(models, choices, line, line_of, jobs_of)


def fit_again(
    data: Dataset,
    split: Split,
    fitted: FittedOutputs,
    boosters: Mapping[str, Booster],
    threads: int,
    progress: Progress,
) -> FittedOutputs:
    """With all but the quantiles fitted again up to a day ahead, by the boosters that were taken, with as many trees.

    On as many rows as the first time, from all over those of `refit`: it takes no more memory.
    """
    outputs = [output for output in OUTPUTS if output.loss != "pinball"]
    # A target that never changed in the older rows has no trees, and may have changed in the newer.
    trees = {
        job: max(1, model.tree_count)
        for output in outputs
        for band, models in fitted.models[output.name].bands
        if band.up_to_hours <= REFIT_UP_TO_HOURS
        for job, model in zip(fitted.jobs_of(output, band), models, strict=True)
    }
    if not trees:
        return fitted
    rows = split.refit[np.linspace(0, len(split.refit) - 1, len(split.train)).astype(np.int64)]
    jobs = sorted(trees, key=lambda job: (job.band.up_to_hours, job.booster))
    tell = partial(progress.tell, "refit")
    again = run_jobs(data, rows, trees, jobs, boosters, threads, tell, fitted.line_of)

    def renewed(output: Output) -> BandedModel:
        model = fitted.models[output.name]
        bands = tuple(
            (band, tuple(again.get(job, old) for job, old in zip(fitted.jobs_of(output, band), models, strict=True)))
            for band, models in model.bands
        )
        return replace(model, bands=bands)

    return replace(fitted, models={**fitted.models, **{output.name: renewed(output) for output in outputs}})


def _fit_line(data: Dataset, split: Split) -> Line | None:
    change = target_of(MEAN_CHANGE, data)
    rows = split.train[~np.isnan(change[split.train])]
    return fit_line(data.feature_names, data.horizon_column, data.features[rows], change[rows])


def _mean_of(ensembles: list[TreeEnsemble]) -> TreeEnsemble:
    return ensembles[0] if len(ensembles) == 1 else average(ensembles)


def _choose(
    data: Dataset,
    split: Split,
    band: HorizonRange,
    fitted: Mapping[str, FittedBooster],
    lines: Mapping[str, Float32s | None],
    threads: int,
) -> Choice:
    target = target_of(MEAN_CHANGE, data)
    rows = rows_of_band(split.stopping, band, data)
    rows = rows[~np.isnan(target[rows])]
    said = {name: model.predict(data.features[rows], threads) for name, model in fitted.items()}
    for name, values in said.items():
        if (line := lines[name]) is not None:
            values += line[rows]
    errors = {
        members: rmse_of(np.mean([said[member] for member in members], axis=0), target[rows])
        for count in range(1, len(said) + 1)
        for members in combinations(said, count)
    }
    return Choice(band, errors, best_of_few(errors))


def best_of_few(errors: Mapping[tuple[str, ...], float]) -> tuple[str, ...]:
    """The best of those with the fewest members that are not worse by more than what one more must gain."""
    most = min(errors.values()) * (1 + LEAST_GAIN_OF_ONE_MORE)
    good_enough = [members for members, error in errors.items() if error <= most]
    return min(good_enough, key=lambda members: (len(members), errors[members]))


def rmse_of(said: Float64s, truth: Float32s) -> float:
    return float(np.sqrt(np.mean((said - truth) ** 2)))


def rows_of_band(rows: Rows, band: HorizonRange, data: Dataset) -> Rows:
    return rows[band.holds(data.named_hours[rows])]


def run_jobs(
    data: Dataset,
    rows: Rows,
    until: Rows | Mapping[Job, int],
    jobs: list[Job],
    boosters: Mapping[str, Booster],
    threads: int,
    tell: Tell,
    line_of: LineOf = lambda output, booster: None,
) -> dict[Job, FittedBooster]:
    """Fits on `rows` until those of `until` say that it is enough, or with as many trees as it says.

    `tell` hears of every fit; what it raises ends them all, and is raised here.
    """
    trees = until if isinstance(until, Mapping) else {}
    waiting = deque(jobs)
    fitted: dict[Job, FittedBooster] = {}
    abandoned = Event()

    def fit_what_is_waiting() -> None:
        # One at a time: binned rows of every band would be a second data set in memory.
        prepared: tuple[tuple[str, bytes], PreparedRows] | None = None
        while (job := _next(waiting)) is not None:
            target = fitted_target(job.output, data)
            line = line_of(job.output, job.booster)
            if line is not None:
                target = target - line
            if isinstance(until, Mapping):
                # Of those that were enough for the first fit there are as many, but for chance.
                train, stopping = _known_rows(job, target, rows, 1, "training", data), None
            else:
                train = _known_rows(job, target, rows, MIN_TRAIN_ROWS, "training", data)
                stopping = _known_rows(job, target, until, MIN_HELD_OUT_ROWS, "early-stopping", data)
            key = (job.booster, train.tobytes() + (b"" if stopping is None else stopping.tobytes()))
            if prepared is None or prepared[0] != key:
                prepared = None
                prepared = (key, boosters[job.booster].prepare(_fit_rows(job.band, train, stopping, data)))
            usual = usual_count(data.feature_names, job.output.usual)
            stop = trees[job] if stopping is None else _labels(target, stopping, usual, data)
            hear = _hear(tell, job, len(jobs), abandoned)
            fitted[job] = prepared[1].fit(job.output, _labels(target, train, usual, data), stop, hear)

    workers_wanted = min(threads, len(jobs))
    pool = ThreadPoolExecutor(workers_wanted)
    try:
        workers = [pool.submit(fit_what_is_waiting) for _ in range(workers_wanted)]
        done, _ = wait(workers, return_when=FIRST_EXCEPTION)
        for worker in done:
            worker.result()
    finally:
        abandoned.set()
        pool.shutdown()
    return fitted


def _next(waiting: deque[Job]) -> Job | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _known_rows(job: Job, target: Float32s, rows: Rows, least: int, kind: str, data: Dataset) -> Rows:
    of_band = rows_of_band(rows, job.band, data)
    known = of_band[~np.isnan(target[of_band])]
    if len(known) < least:
        raise BadInput(
            "too-few-labels",
            f"{job.output.name} has {len(known)} {kind} rows with known {job.output.quantity} up to {job.band.name}, "
            f"of {least} needed: wait for more history",
        )
    return known


def _fit_rows(band: HorizonRange, train: Rows, stopping: Rows | None, data: Dataset) -> FitRows:
    hidden = hidden_columns(data.feature_names, band)

    def shown(rows: Rows) -> Float32s:
        features = data.features[rows]
        # No tree splits where nothing is known.
        features[:, hidden] = np.nan
        return features

    return FitRows(shown(train), None if stopping is None else shown(stopping))


def _labels(target: Float32s, rows: Rows, usual: UsualCount | None, data: Dataset) -> Labels:
    if usual is None:
        return Labels(target[rows])
    # The Poisson loss of a multiple, weighed by what it multiplies, is that of the count itself.
    weight = usual.at(data.features[rows])
    return Labels(target[rows] / weight, weight)


def _hear(tell: Tell, job: Job, jobs: int, abandoned: Event) -> Callable[[float], None]:
    told = 0

    def hear(done: float) -> None:
        nonlocal told
        if abandoned.is_set():
            raise _Abandoned
        if int(done * PROGRESS_STEPS) > told:
            told = int(done * PROGRESS_STEPS)
            tell(done, output=job.output.name, band=job.band.name, booster=job.booster, fits=jobs)

    return hear
