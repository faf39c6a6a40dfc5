"""Against a real MLflow server, the one that MLFLOW_TRACKING_URI names."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from tests.child_process import run
from tests.fit_requests import RequestJson, request_json
from tests.generated_city import City
from tests.test_report import REPORT_FILES
from tests.test_search import SPACE
from velocast_trainer import registry
from velocast_trainer.calibration import calibration_from_report
from velocast_trainer.dataset import Dataset
from velocast_trainer.failures import Unavailable
from velocast_trainer.fit import Result, fit
from velocast_trainer.forecast import Forecast, forecast_from_outputs
from velocast_trainer.graph_runner import open_graph
from velocast_trainer.progress import Progress
from velocast_trainer.request import parse_request
from velocast_trainer.scores import station_now
from velocast_trainer.split import Split

TRACKING_URI = os.environ.get("MLFLOW_TRACKING_URI", "")
pytestmark = pytest.mark.skipif(not TRACKING_URI, reason="MLFLOW_TRACKING_URI names no server to test against")


@pytest.fixture
def client() -> MlflowClient:
    return MlflowClient(TRACKING_URI)


@pytest.fixture
def model_name(client: MlflowClient) -> Iterator[str]:
    """A name of its own for every test, gone afterwards."""
    name = f"velocast-trainer-test-{uuid.uuid4().hex[:12]}"
    yield name
    for registered in client.search_model_versions(f"name = '{name}'"):
        client.delete_run(str(registered.run_id))
    client.delete_registered_model(name)


def registering(city: City, folder: Path, model_name: str) -> RequestJson:
    return request_json(
        city,
        folder,
        modelName=model_name,
        mlflow={"trackingUri": TRACKING_URI, "experiment": "velocast-trainer-test"},
        tags={"velocast.trigger": f"trigger-of-{model_name}"},
    )


def test_a_model_is_registered_in_staging_and_loads(
    city: City, data: Dataset, split: Split, client: MlflowClient, model_name: str, tmp_path: Path
) -> None:
    done = run(registering(city, tmp_path, model_name))
    assert done.exit_code == 0
    result = done.result
    version = client.get_model_version(model_name, result["modelVersion"])
    assert (version.current_stage, version.run_id) == ("Staging", result["runId"])
    logged = client.get_run(result["runId"])
    assert logged.info.status == "FINISHED"
    assert logged.data.metrics["rmse"] == pytest.approx(result["metrics"]["overall"]["rmse"])
    assert len(client.get_metric_history(result["runId"], "by_horizon.rmse")) == len(result["metrics"]["byHorizon"])
    assert result["artifactUri"] == f"{logged.info.artifact_uri}/bundle"
    fetched = Path(mlflow.artifacts.download_artifacts(result["artifactUri"], tracking_uri=TRACKING_URI))
    assert (fetched / "manifest.json").read_bytes() == done.bundle_file("manifest.json")

    mlflow.set_tracking_uri(TRACKING_URI)
    model = mlflow.pyfunc.load_model(f"models:/{model_name}/Staging")
    asked = city.table.select(list(city.features)).take(split.test[:50]).to_pandas()
    forecast = model.predict(asked)
    assert list(forecast.columns) == list(Forecast.__dataclass_fields__)
    assert (forecast["bikes_q05"] <= forecast["bikes_q95"]).all()
    assert (forecast["bikes_q95"] <= data.capacity[split.test[:50]]).all()
    assert np.isfinite(forecast.to_numpy()).all()
    by_hand = forecast_from_outputs(
        open_graph(done.bundle_file("model.onnx"), threads=1)(data.features[split.test[:50]]),
        calibration_from_report(done.bundle_json("manifest.json")["calibration"]),
        station_now(data, split.test[:50]),
    )
    for name in forecast.columns:
        assert np.array_equal(forecast[name].to_numpy(), getattr(by_hand, name))


def test_what_people_look_at_is_logged_with_the_model(
    city: City, client: MlflowClient, model_name: str, tmp_path: Path
) -> None:
    champion = run(request_json(city, tmp_path / "champion"))
    request = registering(city, tmp_path, model_name)
    request["champion"] = {"bundleDir": str(champion.out_dir / "bundle")}
    result = run(request).result
    logged = client.get_run(result["runId"]).data
    assert {file.path for file in client.list_artifacts(result["runId"], "report")} == {
        f"report/{name}" for name in REPORT_FILES
    }
    assert logged.params["boosters"] == "lightgbm"
    for name in ("eceBike", "winklerRatio", "arrivalsCoverage90", "naiveMae.damped", "champion.lower95"):
        assert name in logged.metrics
    assert logged.metrics["champion.gain"] == 0


def test_the_trials_of_a_search_are_children_of_the_run(
    city: City, client: MlflowClient, model_name: str, tmp_path: Path
) -> None:
    request = registering(city, tmp_path, model_name)
    request["search"] = {"trials": 2, "minutes": 60, "space": SPACE}
    result = run(request).result
    parent = client.get_run(result["runId"])
    children = client.search_runs(
        [parent.info.experiment_id], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'", order_by=["start_time"]
    )
    trials = result["search"]["trials"]
    assert [child.data.metrics["loss"] for child in children] == [trial["loss"] for trial in trials]
    assert [float(child.data.params["learning_rate"]) for child in children] == [
        trial["params"]["learningRate"] for trial in trials
    ]
    assert {child.info.status for child in children} == {"FINISHED"}
    for child, trial in zip(children, trials, strict=True):
        history = client.get_metric_history(child.info.run_id, "rmse")
        assert [each.value for each in history] == [band["rmse"] for band in trial["rmse"]]
        client.delete_run(child.info.run_id)
    # What the model was fitted with, and not what the request asked for.
    assert int(parent.data.params["leaves"]) == result["search"]["found"]["leaves"]


def test_the_same_trigger_again_gets_the_version_that_is_there(
    city: City, client: MlflowClient, model_name: str, tmp_path: Path
) -> None:
    first = run(registering(city, tmp_path / "first", model_name))
    again = run(registering(city, tmp_path / "again", model_name))
    assert len(client.search_model_versions(f"name = '{model_name}'")) == 1
    same = ("modelVersion", "runId", "artifactUri", "manifestSha256", "metrics", "parity")
    assert {name: again.result[name] for name in same} == {name: first.result[name] for name in same}
    assert again.result["reused"] is True
    assert again.bundle_file("model.onnx") == first.bundle_file("model.onnx")


@pytest.mark.parametrize("dies_at", ["before_registering", "after_registering"])
def test_a_run_that_dies_leaves_no_version_or_a_whole_one(
    dies_at: str,
    city: City,
    client: MlflowClient,
    model_name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = parse_request(registering(city, tmp_path, model_name))
    assert request.mlflow is not None
    result: Result = fit(request, Progress(lambda _: None, lambda: 0.0))
    with monkeypatch.context() as patched:
        broken = mlflow if dies_at == "before_registering" else registry
        patched.setattr(broken, "register_model" if broken is mlflow else "_finish", _die)
        with pytest.raises(Unavailable):
            registry.register(request.mlflow, request, result)

    left = client.search_model_versions(f"name = '{model_name}'")
    found = registry.find_registered(request.mlflow, request)
    if dies_at == "before_registering":
        assert len(left) == 0
        assert found is None
        registry.register(request.mlflow, request, result)
    else:
        assert len(left) == 1
        assert found is not None
        assert found["metrics"] == result["metrics"]
    (only,) = client.search_model_versions(f"name = '{model_name}'")
    assert only.current_stage == "Staging"
    assert client.get_run(str(only.run_id)).info.status == "FINISHED"


def test_a_run_that_was_overtaken_takes_the_version_that_is_there(
    city: City, client: MlflowClient, model_name: str, tmp_path: Path
) -> None:
    """As when a trainer whose starter was killed is still at work while the next one fits."""
    request = parse_request(registering(city, tmp_path, model_name))
    assert request.mlflow is not None
    result: Result = fit(request, Progress(lambda _: None, lambda: 0.0))
    first = registry.register(request.mlflow, request, result)
    overtaken = registry.register(request.mlflow, request, {**result, "manifestSha256": "0" * 64})
    assert len(client.search_model_versions(f"name = '{model_name}'")) == 1
    same = ("modelVersion", "runId", "artifactUri")
    assert {name: overtaken[name] for name in same} == first
    assert overtaken["manifestSha256"] == result["manifestSha256"]


def _die(*_: object, **__: object) -> None:
    raise MlflowException("the server went away")
