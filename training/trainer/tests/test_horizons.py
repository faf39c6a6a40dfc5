from __future__ import annotations

import numpy as np
import pytest

from velocast_trainer.arrays import Bools, Float64s
from velocast_trainer.horizons import (
    BAND_EDGES,
    EDGES,
    HorizonRange,
    bands_with_rows,
    compared_ranges,
    horizon_bands,
    horizon_buckets,
    named_hours,
)

MILLISECOND = 1 / 3_600_000
# As far as rows may go, and a little beyond.
EVERY_NAMED_HOUR = np.arange(0, 4 * 170 + 1) / 4


@pytest.mark.parametrize(
    ("minutes", "named_minutes"),
    [(0, 0), (7.5, 0), (15, 15), (22.5, 15), (52.5, 45), (60, 60), (67.5, 60), (10_072.5, 10_065), (10_087.5, 10_080)],
)
def test_a_horizon_is_named_by_its_slots_and_half_a_slot_still_counts_to_the_shorter(
    minutes: float, named_minutes: float
) -> None:
    assert named_hours(np.array([minutes / 60])) * 60 == named_minutes
    is_edge = minutes % 15 != 0
    next_named = named_minutes + 15 if is_edge else named_minutes
    assert named_hours(np.array([minutes / 60 + MILLISECOND])) * 60 == next_named


def ranges_that_hold(ranges: tuple[HorizonRange, ...], named: Float64s) -> np.ndarray:
    held: np.ndarray = np.sum([each.holds(named) for each in ranges], axis=0)
    return held


def test_buckets_and_bands_hold_every_horizon_once() -> None:
    assert (ranges_that_hold(horizon_bands(), EVERY_NAMED_HOUR) == 1).all()
    assert (ranges_that_hold(compared_ranges(), EVERY_NAMED_HOUR) == 1).all()
    assert (ranges_that_hold(horizon_buckets(), EVERY_NAMED_HOUR) == 1).all()
    assert [bucket.up_to_hours for bucket in horizon_buckets()] == list(EDGES)
    assert [bucket.name for bucket in horizon_buckets()][:4] == ["0.25h", "0.5h", "0.75h", "1h"]


def test_what_people_ask_for_ends_a_bucket() -> None:
    for bucket in horizon_buckets():
        assert bucket.holds(np.array([bucket.up_to_hours]))
        assert not bucket.holds(np.array([bucket.above_hours]))


def rows_by_band(counts: list[int]) -> tuple[Float64s, Bools]:
    """So many rows at the far end of each band, and all of them as a set."""
    named = np.repeat(np.array(BAND_EDGES, dtype=np.float64), counts)
    return named, np.ones(len(named), dtype=np.bool_)


@pytest.mark.parametrize(
    ("counts", "edges"),
    [
        ([10, 10, 10, 10], [0.75, 6, 24, 168]),
        ([9, 10, 10, 10], [6, 24, 168]),
        ([10, 9, 10, 10], [0.75, 24, 168]),
        ([10, 10, 10, 9], [0.75, 6, 168]),
        ([5, 5, 5, 5], [6, 168]),
        ([5, 4, 0, 10], [168]),
        ([10, 0, 0, 0], [168]),
        ([1, 1, 1, 1], [168]),
    ],
)
def test_bands_with_few_rows_are_joined_with_the_next_longer_and_the_last_with_the_one_before(
    counts: list[int], edges: list[float]
) -> None:
    named, everything = rows_by_band(counts)
    bands = bands_with_rows(named, [everything], [10])
    assert [band.up_to_hours for band in bands] == edges
    assert (ranges_that_hold(bands, EVERY_NAMED_HOUR) == 1).all()


def test_a_band_needs_enough_of_every_set_of_rows() -> None:
    named, everything = rows_by_band([10, 10, 10, 10])
    without_the_first = named > 1
    bands = bands_with_rows(named, [everything, without_the_first], [10, 5])
    assert [band.up_to_hours for band in bands] == [6, 24, 168]
