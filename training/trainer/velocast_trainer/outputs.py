"""What a model forecasts: the one table from which targets, losses, graph outputs and manifest follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from velocast_trainer.arrays import Float32s
from velocast_trainer.dataset import Dataset
from velocast_trainer.tree_ensemble import Link

# change: the quantity minus the bikes now; value: the quantity; probability: of the quantity being at least 1.
Kind = Literal["change", "value", "probability"]
Loss = Literal["squared", "pinball", "log", "poisson"]
Quantity = Literal["bikes", "docks", "departures", "arrivals"]

LINK_OF_LOSS: dict[Loss, Link] = {
    "squared": "identity",
    "pinball": "identity",
    "log": "sigmoid",
    "poisson": "exp",
}


@dataclass(frozen=True)
class Output:
    """`quantity` names the label; `level` is the quantile that a pinball loss aims at.

    `usual` are features, each with a factor, that tell how large the quantity usually is: see `usual_count`.
    """

    name: str
    quantity: Quantity
    kind: Kind
    loss: Loss
    level: float | None = None
    usual: tuple[tuple[str, float], ...] = ()

    @property
    def link(self) -> Link:
        return LINK_OF_LOSS[self.loss]

    @property
    def follows_line(self) -> bool:
        """Whether its trees correct a line: see `line`."""
        return self.kind == "change"


# Departures and arrivals are counts: the Poisson loss keeps their forecast positive.
OUTPUTS: tuple[Output, ...] = (
    Output("bikes_mean", "bikes", "change", "squared"),
    Output("bikes_q05", "bikes", "change", "pinball", 0.05),
    Output("bikes_q50", "bikes", "change", "pinball", 0.5),
    Output("bikes_q95", "bikes", "change", "pinball", 0.95),
    Output("p_bike", "bikes", "probability", "log"),
    Output("p_dock", "docks", "probability", "log"),
    Output(
        "departures_mean",
        "departures",
        "value",
        "poisson",
        usual=(("target_usual_departures", 1.0), ("departures_24h", 1 / 24)),
    ),
    Output(
        "arrivals_mean",
        "arrivals",
        "value",
        "poisson",
        usual=(("target_usual_arrivals", 1.0), ("arrivals_24h", 1 / 24)),
    ),
)
MEAN_CHANGE = OUTPUTS[0]
GOLDEN_RATIO = (5**0.5 - 1) / 2


def fitted_target(output: Output, data: Dataset) -> Float32s:
    """`target_of`, spread for the quantiles within half a bike to either side.

    Bikes are whole, and so would be the quantiles of each leaf: nothing would tell a station that loses a bike once in
    thirty quarters of an hour from one that does once in ten, and no calibration could (Machado, Santos Silva,
    "Quantiles for Counts", JASA 2005). Rows are spread evenly by their place in the file, so that nothing is random.
    """
    target = target_of(output, data)
    if output.loss != "pinball":
        return target
    spread = np.modf(np.arange(len(target)) * GOLDEN_RATIO)[0] - 0.5
    spread_target: Float32s = (target + spread).astype(np.float32)
    return spread_target


def target_of(output: Output, data: Dataset) -> Float32s:
    """The values that an output forecasts, one a row; NaN where the row tells nothing about it."""
    label = data.labels[output.quantity]
    if output.kind == "change":
        return label - data.bikes_now
    if output.kind == "probability":
        return np.where(np.isnan(label), np.float32(np.nan), (label >= 1).astype(np.float32))
    return label
