"""What people look at before they trust a model: pictures and tables, the same bytes for the same model."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from velocast_trainer.split_counts import SplitCounts

MOST_FEATURES = 30
MODEL_COLOUR, OPPONENT_COLOUR = "#1f6fb4", "#888888"
OUTPUTS_BY_SUBJECT: Mapping[str, tuple[str, ...]] = {
    "bikes": ("bikes_mean", "bikes_q05", "bikes_q50", "bikes_q95"),
    "probabilities": ("p_bike", "p_dock"),
    "departures and arrivals": ("departures_mean", "arrivals_mean"),
}
COLOURS = (MODEL_COLOUR, "#e0a030", "#5aa469")


def write_report(folder: Path, result: Mapping[str, Any], splits: SplitCounts) -> None:
    """`result` is that of a fit. No display and nobody's settings are involved."""
    by_horizon = result["metrics"]["byHorizon"]
    with mpl.rc_context(mpl.rcParamsDefault):
        _save(folder / "error-by-horizon.png", _errors(by_horizon))
        _save(folder / "reliability.png", _reliability(result["reliability"], result["metrics"]["overall"]))
        _save(folder / "importance.png", _importance(splits))
    _write_table(folder / "metrics-by-horizon.csv", [_flat(bucket) for bucket in by_horizon])
    features = next(iter(splits.values()))
    rows = [{"feature": name, **{output: splits[output][name] for output in splits}} for name in features]
    _write_table(folder / "splits-by-feature.csv", rows)


def _save(path: Path, figure: Figure) -> None:
    figure.savefig(path, format="png", dpi=100, metadata={"Software": None})


def _least(of_naive: Mapping[str, float | None] | None) -> float:
    return min((value for value in (of_naive or {}).values() if value is not None), default=np.nan)


def _errors(by_horizon: Sequence[Mapping[str, Any]]) -> Figure:
    """On a scale of hours that shows the first hour as well as the last day."""
    figure = _figure(11, 4.5, left=0.6)
    panels = (("rmse", "naiveRmse", "RMSE of the mean, bikes"), ("mae", "naiveMae", "MAE of the 50 % forecast, bikes"))
    for axes, (score, of_naive, title) in zip(_panels(figure, 2), panels, strict=True):
        hours = [bucket["meanHours"] for bucket in by_horizon]
        axes.plot(hours, [_number(bucket[score]) for bucket in by_horizon], "o-", color=MODEL_COLOUR, label="model")
        best = [_least(bucket[of_naive]) for bucket in by_horizon]
        axes.plot(hours, best, "s--", color=OPPONENT_COLOUR, label="best naive forecast")
        # A horizon of less than half a slot counts as none, which has no place on a scale of ratios.
        axes.set_xscale("symlog", linthresh=0.25)
        ticks = [bucket["upToHours"] for bucket in by_horizon]
        axes.set_xticks(ticks, [f"{hour:g}" for hour in ticks], fontsize=8)
        axes.minorticks_off()
        axes.set_ylim(bottom=0)
        axes.set_xlabel("hours ahead")
        axes.set_title(title)
        axes.grid(alpha=0.3)
        axes.legend()
    return figure


def _reliability(by_subject: Mapping[str, Sequence[Mapping[str, float]]], overall: Mapping[str, Any]) -> Figure:
    """Points on the diagonal are said as often as they happen; their size is the share of the rows."""
    figure = _figure(9, 4.7, left=0.7)
    for axes, (subject, bins) in zip(_panels(figure, 2), by_subject.items(), strict=True):
        rows = np.array([each["rows"] for each in bins], dtype=np.float64)
        said, happened = ([each[name] for each in bins] for name in ("said", "happened"))
        axes.plot([0, 1], [0, 1], "--", color=OPPONENT_COLOUR)
        axes.plot(said, happened, "-", color=MODEL_COLOUR)
        axes.scatter(said, happened, s=20 + 380 * rows / max(rows.sum(), 1.0), color=MODEL_COLOUR)
        error = _number(overall[f"ece{subject.capitalize()}"])
        axes.set_title(f"at least one {subject}: calibration error {error:.4f}")
        axes.set_xlabel("said")
        axes.set_ylabel("happened")
        axes.set_aspect("equal")
        axes.grid(alpha=0.3)
    return figure


def _importance(splits: SplitCounts) -> Figure:
    """The features that trees ask for most often, most often on top."""
    features = list(next(iter(splits.values())))
    total = {name: sum(by_feature[name] for by_feature in splits.values()) for name in features}
    top = sorted(features, key=lambda name: (-total[name], name))[:MOST_FEATURES][::-1]
    everything = max(1, sum(total.values()))
    figure = _figure(9, 1.2 + 0.24 * len(top), left=2.6)
    axes = figure.subplots()
    left = np.zeros(len(top))
    for (subject, outputs), colour in zip(OUTPUTS_BY_SUBJECT.items(), COLOURS, strict=True):
        share = np.array([sum(splits[output][name] for output in outputs) / everything * 100 for name in top])
        axes.barh(top, share, left=left, color=colour, label=subject)
        left += share
    axes.tick_params(axis="y", labelsize=8)
    axes.set_xlabel("share of all splits of all trees, %")
    axes.set_title("What the trees ask for")
    axes.legend(loc="lower right")
    return figure


def _figure(width: float, height: float, left: float) -> Figure:
    """Inches, with room for a title, the name of the x axis and, `left`, the ticks of the y axis. A layout that finds
    out by itself draws everything twice."""
    figure = Figure(figsize=(width, height))
    figure.subplots_adjust(left / width, 0.55 / height, 1 - 0.2 / width, 1 - 0.4 / height, wspace=2.2 * left / width)
    return figure


def _panels(figure: Figure, count: int) -> Sequence[Axes]:
    panels: Sequence[Axes] = figure.subplots(1, count)
    return panels


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _flat(bucket: Mapping[str, Any]) -> dict[str, object]:
    """Figures of each opponent as columns of their own."""
    flat: dict[str, object] = {}
    for name, value in bucket.items():
        if isinstance(value, Mapping):
            flat.update({f"{name}.{opponent}": each for opponent, each in value.items()})
        else:
            flat[name] = value
    return flat


def _write_table(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
