"""One run from request to result: the order of the stages, and what goes into the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from velocast_trainer.arrays import Float32s, Rows
from velocast_trainer.booster import FittedBooster
from velocast_trainer.bundle import golden_rows, write_bundle
from velocast_trainer.calibration import Calibration, calibrate
from velocast_trainer.champion import NotComparable, score_champion
from velocast_trainer.dataset import Dataset, load_dataset
from velocast_trainer.fit_outputs import fit_outputs
from velocast_trainer.forecast import Forecast, forecast_from_outputs
from velocast_trainer.graph_runner import RunGraph, open_graph
from velocast_trainer.leak_guard import SHUFFLED_FIT, LeakReport, guard_against_leaks
from velocast_trainer.lightgbm_booster import LightgbmBooster
from velocast_trainer.onnx_graph import build_graph
from velocast_trainer.outputs import OUTPUTS
from velocast_trainer.parity import (
    Parity,
    measure_parity,
    require_parity,
    rows_on_thresholds,
    rows_with_missing,
)
from velocast_trainer.progress import Progress
from velocast_trainer.request import FitRequest
from velocast_trainer.scores import Metrics, Truth, score, truth_of
from velocast_trainer.split import Split, split_by_target_time
from velocast_trainer.tree_ensemble import TreeEnsemble

# Real rows on which the graph is held to the model: all test rows, and older ones up to this many.
PARITY_ROWS = 100_000
LIBRARIES = ("lightgbm", "numpy", "onnx", "onnxruntime")

Result = dict[str, object]


@dataclass(frozen=True)
class Model:
    """A fitted model that has passed its checks."""

    graph: bytes
    run: RunGraph
    calibration: Calibration
    trees: Mapping[str, TreeEnsemble]
    parity: Parity


def fit(request: FitRequest, progress: Progress) -> Result:
    """Writes the bundle below `out_dir` and returns the result without its registration."""
    with progress.stage("load"):
        data = load_dataset(request.dataset, request.features, request.horizon_feature)
        split = split_by_target_time(data, request.split)
    with progress.stage("leaks"):
        quick = LightgbmBooster(SHUFFLED_FIT, request.seed)
        leaks = guard_against_leaks(data, split.train, split.test, quick, request.seed)
    with progress.stage("fit"):
        booster = LightgbmBooster(request.params, request.seed)
        fitted = fit_outputs(data, split, booster, request.threads, progress)
    model = _graph_of(fitted, data, split, request.threads, progress)

    with progress.stage("score"):
        truth = truth_of(data, split.train, split.test)
        metrics = score(_forecast(model, data, split.test), truth)
    with progress.stage("bundle"):
        bundle_dir = request.out_dir / "bundle"
        manifest = _manifest(request, data, split, model, leaks, metrics)
        golden = golden_rows(data.features[split.test], data.horizon_hours[split.test], model.run)
        sha256 = write_bundle(bundle_dir, manifest, model.graph, golden)
    with progress.stage("champion"):
        champion = _champion(request, data, split.test, truth)
    return {
        "manifestSha256": sha256,
        "bundleDir": str(bundle_dir),
        "metrics": metrics,
        **champion,
        "parity": model.parity.report(),
    }


def _graph_of(
    fitted: Mapping[str, FittedBooster], data: Dataset, split: Split, threads: int, progress: Progress
) -> Model:
    with progress.stage("graph"):
        trees = {name: booster.ensemble() for name, booster in fitted.items()}
        graph = build_graph(trees, len(data.feature_names))
        run = open_graph(graph, threads)
    with progress.stage("parity"):
        real = _parity_rows(data, split.test)
        test = data.features[split.test]
        parity = measure_parity(fitted, run, [real, rows_on_thresholds(trees, test), rows_with_missing(test)], threads)
        require_parity(parity)
    with progress.stage("calibrate"):
        calibration = _calibration(data, split.calibration, run)
    return Model(graph, run, calibration, trees, parity)


def _parity_rows(data: Dataset, test: Rows) -> Float32s:
    older = np.setdiff1d(np.arange(data.row_count), test, assume_unique=True)
    spare = max(0, PARITY_ROWS - len(test))
    picked = older[np.linspace(0, len(older) - 1, min(spare, len(older))).astype(np.int64)]
    rows: Float32s = data.features[np.concatenate([picked, test])]
    return rows


def _calibration(data: Dataset, rows: Rows, run: RunGraph) -> Calibration:
    change = data.labels["bikes"] - data.bikes_now
    rows = rows[~np.isnan(change[rows])]
    raw = run(data.features[rows])
    return calibrate(raw["bikes_q05"], raw["bikes_q95"], change[rows], data.horizon_hours[rows])


def _forecast(model: Model, data: Dataset, rows: Rows) -> Forecast:
    return forecast_from_outputs(
        model.run(data.features[rows]),
        model.calibration,
        data.horizon_hours[rows],
        data.bikes_now[rows],
        data.capacity[rows],
    )


def _champion(request: FitRequest, data: Dataset, test: Rows, truth: Truth) -> Result:
    if request.champion_bundle_dir is None:
        return {"champion": None, "championReason": "the request names no champion"}
    scored = score_champion(request.champion_bundle_dir, data, test, truth, request.threads)
    if isinstance(scored, NotComparable):
        return {"champion": None, "championReason": scored.reason}
    return {"champion": {"manifestSha256": scored.manifest_sha256, "metrics": scored.metrics}}


def _manifest(
    request: FitRequest, data: Dataset, split: Split, model: Model, leaks: LeakReport, metrics: Metrics
) -> dict[str, object]:
    return {
        "systemId": request.system_id,
        "modelName": request.model_name,
        "trainedAt": request.trained_at,
        "features": list(request.features),
        "fingerprint": request.fingerprint,
        "horizonFeature": request.horizon_feature,
        "maxHorizonHours": float(data.horizon_hours.max()),
        "outputs": [{"name": output.name, "kind": output.kind, "quantity": output.quantity} for output in OUTPUTS],
        "calibration": model.calibration.report(),
        "split": split.report(data),
        "params": {
            "booster": "lightgbm",
            "seed": request.seed,
            "trees": request.params.trees,
            "leaves": request.params.leaves,
            "minRowsPerLeaf": request.params.min_rows_per_leaf,
            "learningRate": request.params.learning_rate,
            "treesByOutput": {name: len(ensemble.trees) for name, ensemble in model.trees.items()},
        },
        "metrics": metrics,
        "parity": model.parity.report(),
        "leaks": leaks.report(),
        "versions": {name: version(name) for name in LIBRARIES},
    }
