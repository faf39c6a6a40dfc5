"""One run from request to result: the order of the stages, and what goes into the manifest."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from velocast_trainer.arrays import Float32s, Rows
from velocast_trainer.bands import AnyEnsemble
from velocast_trainer.booster import Booster
from velocast_trainer.bundle import golden_rows, write_bundle
from velocast_trainer.calibration import Calibration, HeldOut, calibrate, tune_bounds
from velocast_trainer.champion import NotComparable, score_champion
from velocast_trainer.comparison import compare_by_day
from velocast_trainer.dataset import Dataset, load_dataset
from velocast_trainer.fit_outputs import FittedOutputs, fit_again, fit_outputs
from velocast_trainer.forecast import Forecast, forecast_from_outputs
from velocast_trainer.graph_runner import RunGraph, open_graph
from velocast_trainer.horizons import HorizonRange, bands_with_rows
from velocast_trainer.leak_guard import SHUFFLED_FIT, LeakReport, guard_against_leaks
from velocast_trainer.lightgbm_booster import LightgbmBooster
from velocast_trainer.onnx_graph import build_graph
from velocast_trainer.outputs import OUTPUTS, target_of
from velocast_trainer.parity import (
    Parity,
    measure_parity,
    require_parity,
    rows_on_thresholds,
    rows_with_missing,
)
from velocast_trainer.progress import Progress
from velocast_trainer.request import BoosterParams, FitRequest
from velocast_trainer.scores import TARGET_OF_PROBABILITY, Truth, reliability, score, station_now, truth_of
from velocast_trainer.split import DAY_MS, MIN_HELD_OUT_ROWS, MIN_TRAIN_ROWS, Split, split_by_target_time

# Real rows on which the graph is held to the model: all test rows, and older ones up to this many.
PARITY_ROWS = 100_000
LIBRARIES = ("catboost", "lightgbm", "numpy", "onnx", "onnxruntime", "xgboost-cpu")

Result = dict[str, object]


@dataclass(frozen=True)
class Model:
    """A fitted model that has passed its checks."""

    graph: bytes
    run: RunGraph
    calibration: Calibration
    fitted: FittedOutputs
    parity: Parity
    leaks: LeakReport
    params: BoosterParams
    # Of a search for parameters; None where none was asked for.
    search: Result | None

    def forecast(self, data: Dataset, rows: Rows) -> Forecast:
        return forecast_from_outputs(self.run(data.features[rows]), self.calibration, station_now(data, rows))


def fit(request: FitRequest, progress: Progress) -> Result:
    """Writes the bundle below `out_dir` and returns the result without its registration."""
    with progress.stage("load"):
        data = load_dataset(request.dataset, request.features, request.horizon_feature)
        split = split_by_target_time(data, request.split)
    model = fit_model(request, data, split, split.test, progress)
    with progress.stage("score"):
        truth = truth_of(data, split.test)
        forecast = model.forecast(data, split.test)
        metrics = score(forecast, truth)
    with progress.stage("bundle"):
        bundle_dir = request.out_dir / "bundle"
        manifest = {**manifest_of(request, data, split, model), "metrics": metrics}
        golden = golden_rows(data, split.test, model.run, model.calibration)
        sha256 = write_bundle(bundle_dir, manifest, model.graph, golden)
    with progress.stage("champion"):
        champion = _champion(request, data, split.test, truth, forecast)
    return {
        "manifestSha256": sha256,
        "bundleDir": str(bundle_dir),
        "metrics": metrics,
        # For people's pictures.
        "reliability": reliability(forecast, truth),
        **champion,
        "parity": model.parity.report(),
        "search": model.search,
    }


def fit_model(request: FitRequest, data: Dataset, split: Split, unseen: Rows, progress: Progress) -> Model:
    """`unseen` are rows of the data that neither train nor stop a fit: the checks are made on them."""
    with progress.stage("leaks"):
        quick = LightgbmBooster(SHUFFLED_FIT, request.seed)
        leaks = guard_against_leaks(data, split.train, unseen, quick, request.seed)
    bands = _bands(data, split)
    params, search = _search(request, data, split, bands, progress)
    with progress.stage("fit"):
        boosters = {name: _make_booster(name, params, request.seed) for name in request.boosters}
        first_fits = fit_outputs(data, split, bands, boosters, request.threads, progress)
    with progress.stage("calibrate"):
        # Those that stopped the fits are hardly less unseen, and twice the days tell more than half of them.
        held_out = np.union1d(split.stopping, split.calibration)
        first_graph, _ = _graph_of(first_fits, data)
        calibration = _calibration(data, held_out, open_graph(first_graph, request.threads))
    with progress.stage("refit"):
        fitted = fit_again(data, split, first_fits, boosters, request.threads, progress)
    with progress.stage("graph"):
        graph, trees = _graph_of(fitted, data)
        run = open_graph(graph, request.threads)
    with progress.stage("parity"):
        base = data.features[unseen]
        rows = [_parity_rows(data, unseen), rows_on_thresholds(trees, base), rows_with_missing(base)]
        parity = measure_parity(fitted.models, run, rows, request.threads)
        require_parity(parity)
    return Model(graph, run, calibration, fitted, parity, leaks, params, search)


def _graph_of(fitted: FittedOutputs, data: Dataset) -> tuple[bytes, dict[str, AnyEnsemble]]:
    """The graph, and the trees that are in it."""
    trees = {name: model.ensemble() for name, model in fitted.models.items()}
    usual = {name: banded.usual for name, banded in fitted.models.items() if banded.usual is not None}
    line_shares = {name: banded.line_share() for name, banded in fitted.models.items() if banded.line is not None}
    return build_graph(trees, len(data.feature_names), usual, fitted.line, line_shares), trees


def _search(
    request: FitRequest, data: Dataset, split: Split, bands: tuple[HorizonRange, ...], progress: Progress
) -> tuple[BoosterParams, Result | None]:
    """What to fit with, and how it was found."""
    if request.search is None:
        return request.params, None
    # Optuna takes a second to import.
    from velocast_trainer.search import search_params

    def make_booster(params: BoosterParams) -> Booster:
        return _make_booster(request.boosters[0], params, request.seed)

    with progress.stage("search"):
        found = search_params(request, request.search, data, split, bands, make_booster, progress)
    return found.best, found.report()


def _make_booster(name: str, params: BoosterParams, seed: int) -> Booster:
    """Libraries are loaded when they are asked for: all of them take a second."""
    if name == "xgboost":
        from velocast_trainer.xgboost_booster import XgboostBooster

        return XgboostBooster(params, seed)
    if name == "catboost":
        from velocast_trainer.catboost_booster import CatboostBooster

        return CatboostBooster(params, seed)
    return LightgbmBooster(params, seed)


def _bands(data: Dataset, split: Split) -> tuple[HorizonRange, ...]:
    """Those in which every output has rows enough that are known."""
    fewest, least = [], []
    for output in OUTPUTS:
        known = ~np.isnan(target_of(output, data))
        for rows, count in ((split.train, MIN_TRAIN_ROWS), (split.stopping, MIN_HELD_OUT_ROWS)):
            mask = np.zeros(data.row_count, dtype=np.bool_)
            mask[rows] = True
            fewest.append(mask & known)
            least.append(count)
    return bands_with_rows(data.named_hours, fewest, least)


def _parity_rows(data: Dataset, unseen: Rows) -> Float32s:
    older = np.setdiff1d(np.arange(data.row_count), unseen, assume_unique=True)
    spare = max(0, PARITY_ROWS - len(unseen))
    picked = older[np.linspace(0, len(older) - 1, min(spare, len(older))).astype(np.int64)]
    rows: Float32s = data.features[np.concatenate([picked, unseen])]
    return rows


def _calibration(data: Dataset, rows: Rows, run: RunGraph) -> Calibration:
    change = data.labels["bikes"] - data.bikes_now
    rows = rows[~np.isnan(change[rows])]

    def label(values: Float32s) -> np.ndarray:
        return values[rows].astype(np.float64)

    raw = run(data.features[rows])
    truth = HeldOut(
        named_hours=data.named_hours[rows],
        change=label(change),
        had_bike=label(target_of(TARGET_OF_PROBABILITY["p_bike"], data)),
        had_dock=label(target_of(TARGET_OF_PROBABILITY["p_dock"], data)),
        departures=label(data.labels["departures"]),
        arrivals=label(data.labels["arrivals"]),
        days=len(np.unique(data.target_at[rows] // DAY_MS)),
    )
    now, bikes = station_now(data, rows), label(data.labels["bikes"])

    def misses_of(tried: Calibration) -> tuple[np.ndarray, np.ndarray]:
        forecast = forecast_from_outputs(raw, tried, now)
        return bikes < forecast.bikes_q05, bikes > forecast.bikes_q95

    return tune_bounds(calibrate(raw, truth), misses_of, truth.named_hours)


def _champion(request: FitRequest, data: Dataset, test: Rows, truth: Truth, challenger: Forecast) -> Result:
    if request.champion_bundle_dir is None:
        return {"champion": None, "championReason": "the request names no champion"}
    scored = score_champion(request.champion_bundle_dir, data, test, truth, request.threads)
    if isinstance(scored, NotComparable):
        return {"champion": None, "championReason": scored.reason}
    comparison = compare_by_day(challenger, scored.forecast, truth, request.seed)
    return {
        "champion": {
            "manifestSha256": scored.manifest_sha256,
            "metrics": scored.metrics,
            "comparison": None if comparison is None else comparison.report(),
        }
    }


def manifest_of(request: FitRequest, data: Dataset, split: Split, model: Model) -> dict[str, object]:
    """What a bundle says of itself, but for its metrics."""
    fitted = model.fitted
    return {
        "systemId": request.system_id,
        "modelName": request.model_name,
        "dataLicence": request.data_licence,
        "trainedAt": request.trained_at,
        "features": list(request.features),
        "fingerprint": request.fingerprint,
        "horizonFeature": request.horizon_feature,
        "maxHorizonHours": float(data.named_hours.max()),
        "outputs": [{"name": output.name, "kind": output.kind, "quantity": output.quantity} for output in OUTPUTS],
        "calibration": model.calibration.report(),
        "split": split.report(data),
        "params": {
            "boosters": list(request.boosters),
            "seed": request.seed,
            "trees": model.params.trees,
            **model.params.searched(),
            "treesByOutput": {name: banded.tree_count for name, banded in fitted.models.items()},
        },
        "search": model.search,
        "bands": [choice.report() for choice in fitted.choices],
        "parity": model.parity.report(),
        "leaks": model.leaks.report(),
        "versions": {name: version(name) for name in LIBRARIES},
    }
