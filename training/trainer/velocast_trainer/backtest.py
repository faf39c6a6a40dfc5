"""What a model that was trained on one part of a history says of another: the figures of every horizon, and every
scored row.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from velocast_trainer.arrays import Float32s, Rows
from velocast_trainer.bundle import golden_rows, write_bundle
from velocast_trainer.dataset import Dataset, load_dataset
from velocast_trainer.failures import BadInput
from velocast_trainer.fit import fit_model, manifest_of
from velocast_trainer.forecast import Forecast
from velocast_trainer.progress import Progress
from velocast_trainer.request import BacktestRequest
from velocast_trainer.scores import Metrics, Truth, reliability, score, score_rows, truth_of
from velocast_trainer.split import split_by_target_time

MIN_TEST_ROWS = 100


def backtest(request: BacktestRequest, progress: Progress) -> dict[str, object]:
    """Fits on the data set of the request, and scores the test set."""
    wanted = request.fit
    with progress.stage("load"):
        data = load_dataset(wanted.dataset, wanted.features, wanted.horizon_feature)
        split = split_by_target_time(data, wanted.split)
    model = fit_model(wanted, data, split, split.calibration, progress)
    golden = golden_rows(data, split.calibration, model.run, model.calibration)
    manifest = manifest_of(wanted, data, split, model)
    split_report = split.report(data)
    # Two data sets at once would be the most memory that a backtest takes.
    del data
    with progress.stage("score"):
        test = load_dataset(request.test_dataset, wanted.features, wanted.horizon_feature)
        rows = np.flatnonzero(~np.isnan(test.labels["bikes"]) & ~np.isnan(test.bikes_now))
        if len(rows) < MIN_TEST_ROWS:
            raise BadInput("too-few-test-rows", f"the test period has {len(rows)} rows with a known truth")
        forecast, truth = model.forecast(test, rows), truth_of(test, rows)
        by_horizon = [_of_horizon(minutes, forecast, truth) for minutes in request.horizons_minutes]
        # For people's pictures: the same figures by hour and size, too.
        whole = score(forecast, truth)
    with progress.stage("bundle"):
        sha256 = write_bundle(wanted.out_dir / "bundle", {**manifest, "metrics": whole}, model.graph, golden)
    if request.predictions is not None:
        with progress.stage("predictions"):
            write_predictions(request.predictions, test, rows, forecast)
    return {
        "manifestSha256": sha256,
        "bundleDir": str(wanted.out_dir / "bundle"),
        "rows": len(rows),
        "horizons": [each for each in by_horizon if each is not None],
        "overall": whole["overall"],
        "byHour": whole["byHour"],
        "bySize": whole["bySize"],
        "reliability": reliability(forecast, truth),
        "bands": [choice.report() for choice in model.fitted.choices],
        "parity": model.parity.report(),
        "leaks": model.leaks.report(),
        "search": model.search,
        "split": split_report,
    }


def _of_horizon(minutes: int, forecast: Forecast, truth: Truth) -> Metrics | None:
    rows = np.abs(truth.named_hours - minutes / 60) < 1e-6
    if not rows.any():
        return None
    return {"minutes": minutes, **score_rows(forecast, truth, rows)}


def write_predictions(path: Path, data: Dataset, rows: Rows, forecast: Forecast) -> None:
    """Every scored row, as Parquet or, by its ending, as CSV. Times are epoch milliseconds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = predictions(data, rows, forecast)
    if path.suffix.lower() == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*(_plain(values) for values in columns.values()), strict=True))
    else:
        pq.write_table(pa.table(dict(columns)), path)


def predictions(data: Dataset, rows: Rows, forecast: Forecast) -> Mapping[str, Any]:
    def label(name: str) -> Float32s:
        return data.labels[name][rows]

    return {
        "station": data.table["station_id"].take(pa.array(rows)).cast(pa.string()),
        "asOf": data.table["as_of"].take(pa.array(rows)),
        "targetAt": data.table["target_at"].take(pa.array(rows)),
        "horizonMinutes": np.round(data.named_hours[rows] * 60).astype(np.int32),
        "capacity": data.capacity[rows],
        "mean": forecast.bikes_mean,
        "q05": forecast.bikes_q05,
        "q50": forecast.bikes_q50,
        "q95": forecast.bikes_q95,
        "docksMean": forecast.docks_mean,
        "docksQ05": forecast.docks_q05,
        "docksQ50": forecast.docks_q50,
        "docksQ95": forecast.docks_q95,
        "pBike": forecast.p_bike,
        "pDock": forecast.p_dock,
        "departures": forecast.departures_mean,
        "departuresQ05": forecast.departures_q05,
        "departuresQ95": forecast.departures_q95,
        "arrivals": forecast.arrivals_mean,
        "arrivalsQ05": forecast.arrivals_q05,
        "arrivalsQ95": forecast.arrivals_q95,
        "actual": label("bikes"),
        "actualDocks": label("docks"),
        "actualDepartures": label("departures"),
        "actualArrivals": label("arrivals"),
        **{_camel(name): data.naive[name][rows] for name in data.naive},
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _plain(values: Any) -> Sequence[object]:
    listed: list[object] = values.to_pylist() if hasattr(values, "to_pylist") else values.tolist()
    return ["" if isinstance(value, float) and value != value else value for value in listed]
