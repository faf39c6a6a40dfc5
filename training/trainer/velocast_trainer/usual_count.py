"""How many bikes usually leave or come: what the trees of a count say is a multiple of it.

Trees cannot say more than they have seen: a city that was fitted in winter has twice as many departures in spring, and
the usual count of the last weeks knows. It is computed within the graph, from columns of the row; the same numbers come
out of `at`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from velocast_trainer.arrays import Float32s

# Fewer than this an hour, and where nothing is known of a station.
LEAST = np.float32(0.05)
UNKNOWN = np.float32(0.25)


@dataclass(frozen=True)
class UsualCount:
    """Columns of a row and what each is multiplied by; the first that is known counts."""

    columns: tuple[tuple[int, float], ...]

    def at(self, features: Float32s) -> Float32s:
        usual = np.full(len(features), UNKNOWN, dtype=np.float32)
        for column, factor in reversed(self.columns):
            value = features[:, column] * np.float32(factor)
            usual = np.where(np.isnan(value), usual, value)
        return np.maximum(usual, LEAST)


def usual_count(names: Sequence[str], candidates: Sequence[tuple[str, float]]) -> UsualCount | None:
    """None where none of the candidates is among the features: then there is nothing to multiply."""
    known = tuple((list(names).index(name), factor) for name, factor in candidates if name in names)
    return UsualCount(known) if known else None
