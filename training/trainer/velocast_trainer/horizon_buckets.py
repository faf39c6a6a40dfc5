"""The horizons that are told apart in calibration and in reports."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from velocast_trainer.arrays import Bools, Float64s

# Hours; a bucket is above its lower and up to its upper edge. Named horizons (1 h, 3 h, 24 h ...) are upper edges.
# The last bucket also takes what is beyond its edge.
EDGES = (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 72, 96, 120, 144, 168)


@dataclass(frozen=True)
class HorizonBucket:
    above_hours: float
    up_to_hours: float

    def holds(self, horizon_hours: Float64s) -> Bools:
        is_short_enough = (horizon_hours <= self.up_to_hours) | (self.up_to_hours == EDGES[-1])
        return (horizon_hours > self.above_hours) & is_short_enough


def horizon_buckets() -> tuple[HorizonBucket, ...]:
    """All buckets, shortest first; together they hold every horizon."""
    return tuple(HorizonBucket(above, up_to) for above, up_to in pairwise((-1.0, *EDGES)))
