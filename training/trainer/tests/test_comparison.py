from __future__ import annotations

import numpy as np
import pytest

from tests.handmade import a_forecast, a_truth
from velocast_trainer.arrays import Float64s
from velocast_trainer.comparison import DAY_MS, Comparison, compare_by_day
from velocast_trainer.forecast import Forecast
from velocast_trainer.scores import Truth

DAYS, ROWS_A_DAY = 14, 200
ROWS = DAYS * ROWS_A_DAY
DAY_OF_ROW = np.repeat(np.arange(DAYS), ROWS_A_DAY)


def truth(named_hours: Float64s | float = 1.0) -> Truth:
    bikes = np.random.default_rng(1).integers(0, 20, ROWS)
    return a_truth(ROWS, bikes=bikes, target_at=DAY_OF_ROW * DAY_MS + 3_600_000, named_hours=named_hours)


def off_by(error: Float64s | float, of: Truth) -> Forecast:
    """A model whose errors are normal, of this size."""
    noise = np.random.default_rng(2).normal(size=ROWS)
    return a_forecast(ROWS, bikes_mean=of.bikes + noise * error, bikes_q05=of.bikes - 1, bikes_q95=of.bikes + 1)


def compared(challenger: Forecast, champion: Forecast, of: Truth, seed: int = 1) -> Comparison:
    comparison = compare_by_day(challenger, champion, of, seed)
    assert comparison is not None
    return comparison


def test_a_model_that_is_better_every_day_is_better_in_nearly_all_draws() -> None:
    of = truth()
    comparison = compared(off_by(1.8, of), off_by(2.0, of), of)
    assert comparison.days == DAYS
    assert comparison.gain == pytest.approx(0.1)
    assert 0.05 < comparison.lower95 <= comparison.gain


def test_a_model_that_is_better_on_one_day_alone_is_not_told_from_chance() -> None:
    of = truth()
    on_one_day = np.where(DAY_OF_ROW == 5, 0.5, 2.0)
    comparison = compared(off_by(on_one_day, of), off_by(2.0, of), of)
    assert comparison.gain > 0.02
    assert comparison.lower95 <= 0
    # Rows that are drawn one by one would have found it certain.
    errors = np.column_stack([off_by(each, of).bikes_mean - of.bikes for each in (on_one_day, 2.0)]) ** 2
    drawn = np.random.default_rng(3).integers(0, ROWS, (300, ROWS))
    sums = errors[drawn].sum(axis=1)
    assert np.quantile(1 - np.sqrt(sums[:, 0] / sums[:, 1]), 0.05) > 0.01


def test_a_model_that_is_worse_on_most_days_and_better_on_average_is_not_told_from_chance_either() -> None:
    of = truth()
    mixed = np.where(DAY_OF_ROW % 7 == 0, 0.5, 2.05)
    comparison = compared(off_by(mixed, of), off_by(2.0, of), of)
    assert comparison.gain > 0.03
    assert comparison.lower95 < 0.01


def test_a_worse_model_loses() -> None:
    of = truth()
    comparison = compared(off_by(2.2, of), off_by(2.0, of), of)
    assert comparison.gain == pytest.approx(-0.1)
    assert comparison.lower95 < 0


def test_the_same_model_gains_nothing() -> None:
    of = truth()
    comparison = compared(off_by(2.0, of), off_by(2.0, of), of)
    assert (comparison.gain, comparison.lower95) == (0, 0)
    assert comparison.report()["byBand"] == [{"upToHours": 1, "gain": 0}]


def test_the_draws_follow_from_the_seed() -> None:
    of = truth()
    challenger, champion = off_by(np.where(DAY_OF_ROW % 3 == 0, 1.0, 2.1), of), off_by(2.0, of)
    assert compared(challenger, champion, of) == compared(challenger, champion, of)
    assert compared(challenger, champion, of).lower95 != compared(challenger, champion, of, seed=2).lower95


def test_a_day_of_rows_is_one_day() -> None:
    of = truth()
    of = a_truth(ROWS, bikes=of.bikes, target_at=np.linspace(20 * DAY_MS, 21 * DAY_MS - 1, ROWS))
    comparison = compared(off_by(1.8, of), off_by(2.0, of), of)
    assert comparison.days == 1
    # One day says nothing of others: whoever decides by the bound has to ask for more of them.
    assert comparison.lower95 == pytest.approx(comparison.gain)


def test_bands_are_compared_alone() -> None:
    hours = np.resize([0.25, 1.0, 1.25, 6.0, 24.0, 168.0], ROWS)
    of = truth(hours)
    better_to_6h = np.where(hours <= 6, 1.0, np.where(hours <= 24, 2.0, 3.0))
    comparison = compared(off_by(better_to_6h, of), off_by(2.0, of), of)
    assert [up_to for up_to, _ in comparison.by_band] == [1, 6, 24, 168]
    assert [gain for _, gain in comparison.by_band] == pytest.approx([0.5, 0.5, 0, -0.5])


def test_every_row_is_of_a_band() -> None:
    """Those nearest to now and farthest from it too."""
    hours = np.resize([0.0, 168.25], ROWS)
    of = truth(hours)
    comparison = compared(off_by(np.where(hours == 0, 1.0, 3.0), of), off_by(2.0, of), of)
    assert dict(comparison.by_band) == pytest.approx({1: 0.5, 168: -0.5})


def test_only_rows_that_both_forecast_and_whose_truth_is_known_count() -> None:
    of = truth()
    unknown = a_truth(ROWS, bikes=np.where(DAY_OF_ROW < 7, np.nan, of.bikes), target_at=of.target_at)
    said = off_by(2.0, of).bikes_mean
    silent = a_forecast(ROWS, bikes_mean=np.where(DAY_OF_ROW >= 10, np.nan, said))
    assert compared(silent, off_by(2.0, of), unknown).days == 3
    assert compared(off_by(2.0, of), silent, unknown).days == 3
    assert compare_by_day(silent, silent, a_truth(ROWS, bikes=np.nan), seed=1) is None


def test_coverage_is_that_of_the_new_model() -> None:
    of = truth()
    challenger = a_forecast(
        ROWS, bikes_mean=of.bikes, bikes_q05=of.bikes - 1, bikes_q95=of.bikes - np.where(DAY_OF_ROW < 7, 1, 0)
    )
    assert compared(challenger, a_forecast(ROWS), of).coverage90 == 0.5
