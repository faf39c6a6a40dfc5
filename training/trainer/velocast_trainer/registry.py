"""MLflow: one registered version for a trigger, however often the trainer is started for it.

Everything is logged before the version exists, and the version is created together with the tag that finds it again.
So a run that dies leaves either no version, and the next start makes one, or a whole one, and the next start returns
it. The result is among the artifacts for that.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import infer_signature
from mlflow.models.model import ModelInfo
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NAME
from requests import RequestException

from velocast_trainer.bundle import canonical_json, read_bundle
from velocast_trainer.failures import Unavailable
from velocast_trainer.forecast import Forecast
from velocast_trainer.report import write_report
from velocast_trainer.request import FitRequest, MlflowTarget
from velocast_trainer.split_counts import split_counts

TRIGGER_TAG = "velocast.trigger"
BUNDLE_TAG = "velocast.manifestSha256"
STAGE = "Staging"
BUNDLE_FOLDER = "bundle"
REPORT_FOLDER = "report"
RESULT_FILE = "result.json"
# What a forecast starts from, features or not.
OF_NOW = ("bikes", "docks", "capacity")
MODEL_REQUIREMENTS = ("mlflow-skinny", "numpy", "onnxruntime", "pandas")

# The server takes 1,000 of all kinds.
METRICS_AT_ONCE = 500

Result = dict[str, Any]


def find_registered(target: MlflowTarget, request: FitRequest) -> Result | None:
    """The result of an earlier start for the same trigger, its bundle fetched to `out_dir`; None when there is none."""
    trigger = request.tags.get(TRIGGER_TAG)
    if trigger is None:
        return None
    with _talking_to(target) as client:
        found = _version_of_trigger(client, request.model_name, trigger)
        if found is None:
            return None
        request.out_dir.mkdir(parents=True, exist_ok=True)
        client.download_artifacts(str(found.run_id), BUNDLE_FOLDER, str(request.out_dir))
        with TemporaryDirectory() as elsewhere:  # a result in `out_dir` says that the run is over
            stored = client.download_artifacts(str(found.run_id), RESULT_FILE, elsewhere)
            result: Result = json.loads(Path(stored).read_bytes())
        _finish(client, found)
        return {
            **result,
            **_registration(client, found),
            "bundleDir": str(request.out_dir / BUNDLE_FOLDER),
            "reused": True,
        }


def register(target: MlflowTarget, request: FitRequest, result: Result) -> Result:
    """Logs the bundle and its result, then registers them as a version in Staging. Returns the version's names, or the
    result of another start for the same trigger that has registered its version meanwhile."""
    bundle_dir = Path(result["bundleDir"])
    with _talking_to(target) as client:
        experiment = mlflow.set_experiment(target.experiment)
        with mlflow.start_run(experiment_id=experiment.experiment_id, tags=dict(request.tags)) as run:
            run_id: str = run.info.run_id
            client.log_batch(run_id, params=_params(request, result))
            # Before the metrics: of each that it finds, MLflow would ask the whole history, to copy it to the model.
            model = _log_model(request, bundle_dir)
            metrics = _metrics(result, request.trained_at, model.model_id)
            for start in range(0, len(metrics), METRICS_AT_ONCE):
                client.log_batch(run_id, metrics=metrics[start : start + METRICS_AT_ONCE])
            _log_trials(client, run, result, request.trained_at)
            mlflow.log_artifacts(str(bundle_dir), BUNDLE_FOLDER)
            _log_report(result, bundle_dir)
            # Last of all, since whoever finds it takes the rest for complete.
            with TemporaryDirectory() as elsewhere:
                result_file = Path(elsewhere) / RESULT_FILE
                result_file.write_bytes(canonical_json(result))
                mlflow.log_artifact(str(result_file))
            # Looked for again: a trainer whose starter was killed may have come to its end since this one began.
            overtaken_by = find_registered(target, request)
            if overtaken_by is not None:
                return overtaken_by
            created = mlflow.register_model(
                model.model_uri, request.model_name, tags={**request.tags, BUNDLE_TAG: result["manifestSha256"]}
            )
            _finish(client, created)
        return _registration(client, created)


@contextmanager
def _talking_to(target: MlflowTarget) -> Iterator[MlflowClient]:
    mlflow.set_tracking_uri(target.tracking_uri)
    mlflow.set_registry_uri(target.tracking_uri)
    try:
        yield MlflowClient()
    except (MlflowException, RequestException) as error:
        raise Unavailable(
            "mlflow",
            f"MLflow at {target.tracking_uri} did not do what was asked: {str(error).splitlines()[0]}; "
            "see that it runs, and start the same request again",
        ) from error


def _version_of_trigger(client: MlflowClient, model_name: str, trigger: str) -> ModelVersion | None:
    page_token: str | None = None
    while True:
        page = client.search_model_versions(f"name = '{model_name}'", page_token=page_token)
        for candidate in page:
            if candidate.tags.get(TRIGGER_TAG) == trigger:
                return candidate
        page_token = page.token
        if not page_token:
            return None


def _finish(client: MlflowClient, registered: ModelVersion) -> None:
    """What is left to do once a version exists. A stage that somebody has given it since is not touched."""
    if registered.current_stage in (None, "None"):
        with warnings.catch_warnings():
            # Stages are announced to go, and are what promotion works by as long as the server has them.
            warnings.simplefilter("ignore", FutureWarning)
            client.transition_model_version_stage(registered.name, registered.version, STAGE)
    client.set_terminated(str(registered.run_id), "FINISHED")


def _registration(client: MlflowClient, registered: ModelVersion) -> Result:
    run = client.get_run(str(registered.run_id))
    return {
        "runId": registered.run_id,
        "modelVersion": str(registered.version),
        "artifactUri": f"{run.info.artifact_uri}/{BUNDLE_FOLDER}",
    }


def _log_trials(client: MlflowClient, parent: Run, result: Result, trained_at: int) -> None:
    """Each trial of a search is a child of the training's run."""
    for number, trial in enumerate((result.get("search") or {}).get("trials", [])):
        tags = {MLFLOW_PARENT_RUN_ID: parent.info.run_id, MLFLOW_RUN_NAME: f"trial {number}"}
        run_id = client.create_run(parent.info.experiment_id, tags=tags).info.run_id
        params = [Param(name, str(value)) for name, value in _snake_case(trial["params"]).items()]
        metrics = [Metric("loss", trial["loss"], trained_at, 0)]
        metrics += [Metric("rmse", band["rmse"], trained_at, round(band["upToHours"] * 60)) for band in trial["rmse"]]
        client.log_batch(run_id, metrics=metrics, params=params)
        client.set_terminated(run_id, "FINISHED")


def _log_report(result: Result, bundle_dir: Path) -> None:
    with TemporaryDirectory() as folder:
        write_report(Path(folder), result, split_counts(read_bundle(bundle_dir)))
        mlflow.log_artifacts(folder, REPORT_FOLDER)


def _log_model(request: FitRequest, bundle_dir: Path) -> ModelInfo:
    package = Path(__file__).parent
    columns = list(dict.fromkeys([*request.features, *OF_NOW]))
    example = pd.DataFrame({name: pd.Series([0.0, 1.0], dtype="float32") for name in columns})
    outputs = pd.DataFrame({name: pd.Series([0.0, 1.0]) for name in Forecast.__dataclass_fields__})
    logged: ModelInfo = mlflow.pyfunc.log_model(
        name="model",
        python_model=str(package / "mlflow_model.py"),
        code_paths=[str(package)],
        artifacts={"bundle": str(bundle_dir)},
        signature=infer_signature(example, outputs),
        input_example=example,
        pip_requirements=[f"{name}=={version(name)}" for name in MODEL_REQUIREMENTS],
    )
    return logged


def _params(request: FitRequest, result: Result) -> list[Param]:
    values: dict[str, object] = {
        "system_id": request.system_id,
        "trained_at": request.trained_at,
        "seed": request.seed,
        "features": len(request.features),
        "fingerprint": request.fingerprint,
        "boosters": ", ".join(request.boosters),
        **vars(request.params),
        **_snake_case((result.get("search") or {}).get("found", {})),
        **vars(request.split),
    }
    return [Param(name, str(value)) for name, value in values.items()]


def _snake_case(params: Mapping[str, object]) -> dict[str, object]:
    """As the other parameters of a run are called."""
    return {re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name): value for name, value in params.items()}


def _metrics(result: Result, trained_at: int, model_id: str | None) -> list[Metric]:
    """The numbers of the whole and, as `champion.<name>`, those of the comparison with the champion, which are the
    model's as well as the run's; and `by_horizon.<name>` with the horizon in minutes as the step."""
    comparison = (result.get("champion") or {}).get("comparison") or {}
    whole = {
        **_numbers(result["metrics"]["overall"]),
        "parity.maxAbsDifference": result["parity"]["maxAbsDifference"],
        **{f"champion.{name}": value for name, value in _numbers(comparison).items()},
    }
    metrics = [Metric(name, value, trained_at, 0, model_id) for name, value in whole.items()]
    for bucket in result["metrics"]["byHorizon"]:
        step = round(bucket["upToHours"] * 60)
        metrics += [Metric(f"by_horizon.{name}", value, trained_at, step) for name, value in _numbers(bucket).items()]
    return metrics


def _numbers(scores: Result) -> dict[str, float]:
    of_opponents = {name: value for name, value in scores.items() if isinstance(value, dict)}
    flat = {f"{of}.{name}": value for of, by_name in of_opponents.items() for name, value in by_name.items()}
    return {name: value for name, value in {**scores, **flat}.items() if isinstance(value, int | float)}
