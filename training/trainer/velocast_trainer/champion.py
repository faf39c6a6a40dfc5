"""The model in production, scored on the rows that the new one is scored on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from velocast_trainer.arrays import Rows
from velocast_trainer.bundle import read_bundle
from velocast_trainer.calibration import calibration_from_report
from velocast_trainer.dataset import Dataset
from velocast_trainer.failures import BadInput
from velocast_trainer.forecast import Forecast, forecast_from_outputs
from velocast_trainer.graph_runner import open_graph
from velocast_trainer.outputs import OUTPUTS
from velocast_trainer.scores import Metrics, Truth, score, station_now


@dataclass(frozen=True)
class ChampionScore:
    manifest_sha256: str
    metrics: Metrics
    forecast: Forecast


@dataclass(frozen=True)
class NotComparable:
    """Why there is nothing to compare with; a reason to look, not to stop."""

    reason: str


def score_champion(
    bundle_dir: Path, data: Dataset, test: Rows, truth: Truth, threads: int
) -> ChampionScore | NotComparable:
    """By the champion's own list of features, graph and calibration; `truth` is that of the rows `test`."""
    try:
        bundle = read_bundle(bundle_dir)
        calibration = calibration_from_report(bundle.manifest["calibration"])
    except BadInput as failure:
        return NotComparable(failure.detail)
    features = list(bundle.manifest["features"])
    gone = [name for name in features if name not in data.table.column_names]
    if gone:
        return NotComparable(f"the data set no longer has the champion's features {', '.join(gone)}")
    has = {output["name"] for output in bundle.manifest["outputs"]}
    lacking = [output.name for output in OUTPUTS if output.name not in has]
    if lacking:
        return NotComparable(f"the champion does not forecast {', '.join(lacking)}")
    forecast = forecast_from_outputs(
        open_graph(bundle.model, threads)(data.columns(features, test)),
        calibration,
        station_now(data, test),
    )
    return ChampionScore(bundle.manifest_sha256, score(forecast, truth), forecast)
