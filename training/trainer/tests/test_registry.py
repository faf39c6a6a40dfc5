"""Against a real MLflow server, the one that MLFLOW_TRACKING_URI names."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from tests.child_process import Run, run
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


@pytest.fixture(scope="module")
def client() -> MlflowClient:
    return MlflowClient(TRACKING_URI)


@contextmanager
def new_model_name(client: MlflowClient) -> Iterator[str]:
    name = f"velocast-trainer-test-{uuid.uuid4().hex[:12]}"
    yield name
    for registered in client.search_model_versions(f"name = '{name}'"):
        client.delete_run(str(registered.run_id))
    client.delete_registered_model(name)


@pytest.fixture
def model_name(client: MlflowClient) -> Iterator[str]:
    """A name of its own for every test, gone afterwards."""
    with new_model_name(client) as name:
        yield name


@dataclass(frozen=True)
class Registered:
    """A run with all that can be registered: a search, and a champion that it was compared with."""

    model_name: str
    request: RequestJson
    run: Run


@pytest.fixture(scope="module")
def registered(client: MlflowClient, city: City, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registered]:
    folder = tmp_path_factory.mktemp("registered")
    champion = run(request_json(city, folder / "champion"))
    with new_model_name(client) as name:
        request = registering(city, folder, name)
        request["champion"] = {"bundleDir": str(champion.out_dir / "bundle")}
        request["search"] = {"trials": 2, "minutes": 60, "space": SPACE}
        done = run(request)
        assert done.exit_code == 0
        yield Registered(name, request, done)


@pytest.fixture(scope="module")
def fitted(city: City, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """What is registered is that of another model's name, which nobody asks."""
    return fit(
        parse_request(request_json(city, tmp_path_factory.mktemp("fitted"))), Progress(lambda _: None, lambda: 0.0)
    )


def registering(city: City, folder: Path, model_name: str) -> RequestJson:
    return request_json(
        city,
        folder,
        modelName=model_name,
        mlflow={"trackingUri": TRACKING_URI, "experiment": "velocast-trainer-test"},
        tags={"velocast.trigger": f"trigger-of-{model_name}"},
    )


def test_a_model_is_registered_in_staging_and_loads(
    city: City, data: Dataset, split: Split, client: MlflowClient, registered: Registered
) -> None:
    model_name, done = registered.model_name, registered.run
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


def test_what_people_look_at_is_logged_with_the_model(client: MlflowClient, registered: Registered) -> None:
    result = registered.run.result
    logged = client.get_run(result["runId"]).data
    assert {file.path for file in client.list_artifacts(result["runId"], "report")} == {
        f"report/{name}" for name in REPORT_FILES
    }
    assert logged.params["boosters"] == "lightgbm"
    for name in ("eceBike", "winklerRatio", "arrivalsCoverage90", "naiveMae.damped", "champion.lower95"):
        assert name in logged.metrics
    assert logged.metrics["champion.gain"] == result["champion"]["comparison"]["gain"]
    (output,) = client.get_run(result["runId"]).outputs.model_outputs
    of_model = {metric.key: metric.value for metric in client.get_logged_model(output.model_id).metrics or ()}
    assert of_model == {name: value for name, value in logged.metrics.items() if not name.startswith("by_horizon.")}


def test_the_trials_of_a_search_are_children_of_the_run(client: MlflowClient, registered: Registered) -> None:
    result = registered.run.result
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
    client: MlflowClient, registered: Registered, tmp_path: Path
) -> None:
    first = registered.run
    again = run({**registered.request, "outDir": str(tmp_path / "again")})
    assert len(client.search_model_versions(f"name = '{registered.model_name}'")) == 1
    same = ("modelVersion", "runId", "artifactUri", "manifestSha256", "metrics", "parity")
    assert {name: again.result[name] for name in same} == {name: first.result[name] for name in same}
    assert again.result["reused"] is True
    assert again.bundle_file("model.onnx") == first.bundle_file("model.onnx")


@pytest.mark.parametrize("dies_at", ["before_registering", "after_registering"])
def test_a_run_that_dies_leaves_no_version_or_a_whole_one(
    dies_at: str,
    city: City,
    fitted: Result,
    client: MlflowClient,
    model_name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request, result = parse_request(registering(city, tmp_path, model_name)), fitted
    assert request.mlflow is not None
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
    city: City, fitted: Result, client: MlflowClient, model_name: str, tmp_path: Path
) -> None:
    """As when a trainer whose starter was killed is still at work while the next one fits."""
    request, result = parse_request(registering(city, tmp_path, model_name)), fitted
    assert request.mlflow is not None
    first = registry.register(request.mlflow, request, result)
    overtaken = registry.register(request.mlflow, request, {**result, "manifestSha256": "0" * 64})
    assert len(client.search_model_versions(f"name = '{model_name}'")) == 1
    same = ("modelVersion", "runId", "artifactUri")
    assert {name: overtaken[name] for name in same} == first
    assert overtaken["manifestSha256"] == result["manifestSha256"]


def _die(*_: object, **__: object) -> None:
    raise MlflowException("the server went away")
