"""What a model's forecasts lose without each of its features, on rows that it was not fitted on.

Permutation importance (Breiman, Random Forests, 2001): the values of one feature change places among the rows, all else
stays, and the forecast is scored again. Rows of one day are not independent, so the loss is taken by day, and its
standard error from the differences between days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from velocast_trainer.arrays import Float64s, Rows
from velocast_trainer.bundle import Bundle, read_bundle
from velocast_trainer.calibration import Calibration, calibration_from_report
from velocast_trainer.dataset import Dataset, load_dataset
from velocast_trainer.failures import BadInput
from velocast_trainer.forecast import Forecast, forecast_from_outputs
from velocast_trainer.graph_runner import open_graph
from velocast_trainer.outputs import OUTPUTS, target_of
from velocast_trainer.scores import station_now
from velocast_trainer.split import DAY_MS

# A gain that is not so many standard errors above zero for any output is not told from chance.
CONVINCING = 2.0


@dataclass(frozen=True)
class Gain:
    """By what share of itself an output's loss grows when the feature says nothing, and the standard error of that."""

    share: float
    standard_error: float

    @property
    def is_convincing(self) -> bool:
        return self.share > CONVINCING * self.standard_error


def measure_importance(
    bundle_dir: Path, dataset: Path, most_rows: int, seed: int, threads: int
) -> dict[str, dict[str, Gain]]:
    """The gain by feature and output, over at most `most_rows` of the rows that the model was tested on."""
    bundle = read_bundle(bundle_dir)
    data = load_dataset(dataset, bundle.manifest["features"], bundle.manifest["horizonFeature"])
    rows = _held_out(bundle, data, most_rows)
    calibration = calibration_from_report(bundle.manifest["calibration"])
    run = open_graph(bundle.model, threads)
    random = np.random.default_rng(seed)
    features = data.features[rows]
    days = np.unique(data.target_at[rows] // DAY_MS, return_inverse=True)[1]

    def losses() -> Mapping[str, Float64s]:
        return _losses(_forecast(run(features), calibration, data, rows), data, rows)

    whole = losses()
    gains: dict[str, dict[str, Gain]] = {}
    for column, name in enumerate(data.feature_names):
        values = features[:, column].copy()
        features[:, column] = random.permutation(values)
        without = losses()
        features[:, column] = values
        gains[name] = {output: _gain(whole[output], without[output], days) for output in whole}
    return gains


def importance_report(gains: Mapping[str, Mapping[str, Gain]]) -> dict[str, object]:
    """By feature: its gain in every output, and whether any of them is told from chance."""
    return {
        name: {
            "helps": any(gain.is_convincing for gain in by_output.values()),
            "gains": {
                output: {"share": round(gain.share, 6), "standardError": round(gain.standard_error, 6)}
                for output, gain in by_output.items()
            },
        }
        for name, by_output in gains.items()
    }


def _held_out(bundle: Bundle, data: Dataset, most_rows: int) -> Rows:
    parts = bundle.manifest["split"]["parts"]
    # A backtest's model was tested on another data set, all of which is newer than what it has seen.
    seen_to = parts["test"]["firstTargetAt"] - 1 if "test" in parts else max(p["lastTargetAt"] for p in parts.values())
    known = ~np.isnan(data.labels["bikes"]) & ~np.isnan(data.bikes_now)
    rows = np.flatnonzero((data.target_at > seen_to) & known)
    if len(rows) == 0:
        raise BadInput("no-rows", "the data set has no row as new as those that the model was tested on")
    return rows[np.linspace(0, len(rows) - 1, min(most_rows, len(rows))).astype(np.int64)]


def _forecast(raw: Mapping[str, np.ndarray], calibration: Calibration, data: Dataset, rows: Rows) -> Forecast:
    return forecast_from_outputs(raw, calibration, station_now(data, rows))


def _losses(forecast: Forecast, data: Dataset, rows: Rows) -> dict[str, Float64s]:
    """One value a row, NaN where the truth is unknown: squared errors, pinball losses, Brier scores."""
    losses: dict[str, Float64s] = {}
    for output in OUTPUTS:
        said: Float64s = getattr(forecast, output.name)
        # The forecast is of the bikes themselves where the output is their change.
        truth = (data.labels["bikes"] if output.kind == "change" else target_of(output, data))[rows]
        error = truth.astype(np.float64) - said
        if output.level is None:
            losses[output.name] = error**2
        else:
            losses[output.name] = np.maximum(output.level * error, (output.level - 1) * error)
    return losses


def _gain(whole: Float64s, without: Float64s, days: Rows) -> Gain:
    known = ~np.isnan(whole)
    count = np.bincount(days[known])
    by_day = np.bincount(days[known], without[known] - whole[known])[count > 0] / count[count > 0]
    base = float(whole[known].mean())
    if base == 0:
        return Gain(0.0, 0.0)
    error = float(by_day.std(ddof=1) / np.sqrt(len(by_day))) if len(by_day) > 1 else float("inf")
    return Gain(float((without[known] - whole[known]).mean()) / base, error / base)
