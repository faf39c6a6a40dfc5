"""Horizons: how they are counted, the bands that have models of their own, and the buckets of reports and calibration.

Targets lie on the slots of the 15-minute grid, and a row's `as_of` up to half a slot from one. A horizon is named by
the slots between the two: a row of "1 h" is 52.5 to 67.5 minutes before its target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from velocast_trainer.arrays import Bools, Float64s

SLOTS_AN_HOUR = 4
HALF_SLOT_HOURS = 0.5 / SLOTS_AN_HOUR

# Hours; a bucket is above its lower and up to its upper edge. Named horizons (1 h, 3 h, 24 h ...) are upper edges.
# The last bucket also takes what is beyond its edge.
EDGES = (0.25, 0.5, 0.75, 1, 2, 3, 6, 12, 24, 48, 72, 96, 120, 144, 168)
# What drives the next minutes (the level, trucks at work) is not what drives the next day (habits, weather). A forecast
# of whole hours begins with the second band, so it passes the trees of one band fewer.
BAND_EDGES = (0.75, 6, 24, 168)
# Ranges that two models are compared by.
COMPARED_EDGES = (1, 6, 24, 168)


def named_hours(horizon_hours: Float64s) -> Float64s:
    """The horizon that a row is counted to, from the hours between its `as_of` and its target."""
    return np.ceil(np.asarray(horizon_hours, dtype=np.float64) * SLOTS_AN_HOUR - 0.5) / SLOTS_AN_HOUR


@dataclass(frozen=True)
class HorizonRange:
    """Named hours above the lower and up to the upper edge."""

    above_hours: float
    up_to_hours: float
    is_last: bool

    def holds(self, named: Float64s) -> Bools:
        return (named > self.above_hours) & ((named <= self.up_to_hours) | self.is_last)

    @property
    def name(self) -> str:
        return f"{self.up_to_hours:g}h"


def horizon_buckets() -> tuple[HorizonRange, ...]:
    """All buckets, shortest first; together they hold every horizon."""
    return _ranges(EDGES)


def horizon_bands() -> tuple[HorizonRange, ...]:
    """All bands, shortest first; together they hold every horizon."""
    return _ranges(BAND_EDGES)


def compared_ranges() -> tuple[HorizonRange, ...]:
    """All ranges that two models are compared by, shortest first; together they hold every horizon."""
    return _ranges(COMPARED_EDGES)


def bands_with_rows(named: Float64s, fewest: Sequence[Bools], least: Sequence[int]) -> tuple[HorizonRange, ...]:
    """The bands, those that have too few rows joined with the next longer one (the last with the one before).

    `fewest` are sets of rows (as masks over `named`), `least` how many of each a band needs.
    """
    edges: list[float] = []
    above = -1.0
    for edge in BAND_EDGES:
        band = HorizonRange(above, edge, edge == BAND_EDGES[-1])
        inside = band.holds(named)
        if all(int((inside & rows).sum()) >= count for rows, count in zip(fewest, least, strict=True)):
            edges.append(edge)
            above = edge
    if not edges or edges[-1] != BAND_EDGES[-1]:
        edges = [*edges[:-1], BAND_EDGES[-1]]
    return _ranges(tuple(edges))


def _ranges(edges: Sequence[float]) -> tuple[HorizonRange, ...]:
    return tuple(HorizonRange(above, up_to, up_to == edges[-1]) for above, up_to in pairwise((-1.0, *edges)))
