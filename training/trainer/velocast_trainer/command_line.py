"""`python -m velocast_trainer fit --request request.json`
`python -m velocast_trainer backtest --request request.json`
`python -m velocast_trainer importance --bundle DIR --dataset FILE`

Standard output carries JSON lines and nothing else; logs go to standard error. Exit codes: 0 done, 1 a bug, 2 the
request or its data cannot be used, 3 the model is refused, 4 MLflow is unavailable, 143 stopped by SIGTERM.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn, TextIO

from velocast_trainer.backtest import backtest
from velocast_trainer.bundle import canonical_json
from velocast_trainer.failures import TrainerFailure
from velocast_trainer.fit import Result, fit
from velocast_trainer.importance import importance_report, measure_importance
from velocast_trainer.progress import Emit, Progress, json_lines
from velocast_trainer.request import FitRequest, read_backtest_request, read_request

RESULT_FILE = "result.json"
STOPPED = 128 + signal.SIGTERM


class Stopped(BaseException):
    """SIGTERM, raised where the main thread is; not an Exception, so that nothing takes it for an error."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="velocast_trainer", description="Fits and registers forecasting models.")
    commands = parser.add_subparsers(dest="command", required=True)
    fit_command = commands.add_parser("fit", help="fit, check and register one model")
    fit_command.add_argument("--request", type=Path, required=True, help="the request, a JSON file")
    backtest_command = commands.add_parser("backtest", help="fit on one part of a history, score another")
    backtest_command.add_argument("--request", type=Path, required=True, help="the request, a JSON file")
    importance = commands.add_parser("importance", help="what a model's forecasts lose without each of its features")
    importance.add_argument("--bundle", type=Path, required=True, help="the model's folder")
    importance.add_argument("--dataset", type=Path, required=True, help="the data set that it was fitted on, or newer")
    importance.add_argument("--rows", type=int, default=10_000, help="at most so many rows are scored")
    importance.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)

    emit = json_lines(_stdout_for_events_alone())
    signal.signal(signal.SIGTERM, _stop)
    try:
        if options.command == "fit":
            request = read_request(options.request)
            _run(request.out_dir, emit, lambda progress: _result(request, progress))
        elif options.command == "backtest":
            trial = read_backtest_request(options.request)
            _run(trial.fit.out_dir, emit, lambda progress: {**backtest(trial, progress), "peakRssMb": _peak_rss_mb()})
        else:
            gains = measure_importance(options.bundle, options.dataset, options.rows, options.seed, os.cpu_count() or 1)
            emit({"event": "done", "importance": importance_report(gains)})
    except TrainerFailure as failure:
        emit({"event": "error", "code": failure.code, "detail": failure.detail})
        return failure.exit_code
    except (Stopped, BrokenPipeError):  # a reader that is gone has started nobody
        return STOPPED
    return 0


def _run(out_dir: Path, emit: Emit, work: Callable[[Progress], Result]) -> None:
    """`result.json` appears when everything is done, in one step."""
    progress = Progress(emit, time.monotonic)
    final = out_dir / RESULT_FILE
    out_dir.mkdir(parents=True, exist_ok=True)
    final.unlink(missing_ok=True)
    result = work(progress)
    building = final.with_suffix(".building")
    building.write_bytes(canonical_json({**result, "secondsByStage": progress.seconds_by_stage}))
    building.rename(final)
    emit({"event": "done", "result": str(final)})


def _result(request: FitRequest, progress: Progress) -> Result:
    if request.mlflow is None:
        return {"runId": None, "modelVersion": None, "artifactUri": None, **fit(request, progress)}
    # MLflow takes a second to import and is not needed without a server.
    from velocast_trainer.registry import find_registered, register

    with progress.stage("find"):
        found = find_registered(request.mlflow, request)
    if found is not None:
        return found
    result = fit(request, progress)
    with progress.stage("register"):
        return {**result, **register(request.mlflow, request, result)}


def _peak_rss_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _stdout_for_events_alone() -> TextIO:
    """Takes standard output away from libraries: whatever they print goes to standard error."""
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return events


def _stop(signal_number: int, frame: FrameType | None) -> NoReturn:
    raise Stopped
