"""The registered model as MLflow loads it: the bundle, scored by ONNX Runtime, calibrated and clipped.

MLflow keeps this file and the package beside the bundle ("model from code") and runs it wherever the model is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from velocast_trainer.arrays import Float64s
from velocast_trainer.bundle import read_bundle
from velocast_trainer.calibration import calibration_from_report
from velocast_trainer.forecast import StationNow, forecast_from_outputs
from velocast_trainer.graph_runner import open_graph
from velocast_trainer.horizons import named_hours


class BundledModel(PythonModel):
    """In: one column a feature, among them `bikes`, `docks` and `capacity`. Out: the forecast, a column each."""

    def load_context(self, context: PythonModelContext) -> None:
        bundle = read_bundle(Path(context.artifacts["bundle"]))
        self._features = list(bundle.manifest["features"])
        self._horizon = str(bundle.manifest["horizonFeature"])
        self._calibration = calibration_from_report(bundle.manifest["calibration"])
        self._run = open_graph(bundle.model, threads=1)

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        def column(name: str) -> Float64s:
            values: Float64s = model_input[name].to_numpy(dtype=np.float32).astype(np.float64)
            return values

        forecast = forecast_from_outputs(
            self._run(model_input[self._features].to_numpy(dtype=np.float32)),
            self._calibration,
            StationNow(named_hours(column(self._horizon)), column("bikes"), column("docks"), column("capacity")),
        )
        return pd.DataFrame(vars(forecast), index=model_input.index)


mlflow.models.set_model(BundledModel())
