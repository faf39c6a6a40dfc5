from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest

from tests.conftest import load
from tests.generated_city import City, generate_city
from velocast_trainer.dataset import HOUR_MS, Dataset
from velocast_trainer.failures import BadInput
from velocast_trainer.request import SplitShares
from velocast_trainer.split import Split, split_by_target_time

SHARES = SplitShares(train=0.7, early=0.15, test=0.15, gap_hours=168)


def test_parts_follow_each_other_by_target_time_and_share_no_row(data: Dataset, split: Split) -> None:
    held_out = np.concatenate([split.stopping, split.calibration])
    target = data.target_at
    assert target[split.train].max() < target[held_out].min() - 168 * HOUR_MS
    assert target[held_out].max() < target[split.test].min()
    everything = np.concatenate([split.train, held_out, split.test])
    assert len(np.unique(everything)) == len(everything)


def test_no_training_label_is_later_than_the_as_of_of_a_row_held_out(data: Dataset, split: Split) -> None:
    held_out = np.concatenate([split.stopping, split.calibration, split.test])
    as_of = data.target_at[held_out] - data.horizon_hours[held_out] * HOUR_MS
    assert data.target_at[split.train].max() < as_of.min()


def test_stopping_and_calibration_both_see_the_whole_span(data: Dataset, split: Split) -> None:
    for rows in (split.stopping, split.calibration):
        assert len(rows) > 300
        assert np.ptp(data.target_at[rows]) > 2 * 24 * HOUR_MS


def test_a_gap_too_long_for_the_history_is_shortened_to_the_longest_horizon_and_said(tmp_path: Path) -> None:
    short = load(_with_horizons_up_to(24, generate_city(days=15)), tmp_path)
    split = split_by_target_time(short, SHARES)
    assert split.gap_hours == short.horizon_hours.max()
    assert split.gap_hours == pytest.approx(24.1, abs=0.05)
    assert "shortened from 168 h" in split.gap_note
    held_out = np.concatenate([split.stopping, split.calibration, split.test])
    as_of = short.target_at[held_out] - short.horizon_hours[held_out] * HOUR_MS
    assert short.target_at[split.train].max() < as_of.min()


def test_without_a_test_share_the_newest_rows_stop_and_calibrate(data: Dataset) -> None:
    """As in a backtest, whose test set is another file."""
    whole = split_by_target_time(data, SplitShares(train=0.7, early=0.3, test=0, gap_hours=168))
    assert len(whole.test) == 0
    newest = data.target_at == data.target_at.max()
    assert np.isin(np.flatnonzero(newest), np.concatenate([whole.stopping, whole.calibration])).all()
    parts = whole.report(data)["parts"]
    assert isinstance(parts, dict)
    assert list(parts) == ["train", "stopping", "calibration", "refit"]
    assert len(whole.refit) == data.row_count


def test_what_is_fitted_in_the_end_knows_newer_rows_and_nothing_from_after_the_as_of_of_one_that_tests(
    data: Dataset, split: Split
) -> None:
    assert np.isin(split.train, split.refit).all()
    assert data.target_at[split.refit].max() > data.target_at[split.train].max()
    as_of = data.target_at[split.test] - data.horizon_hours[split.test] * HOUR_MS
    assert data.target_at[split.refit].max() < as_of.min()


def test_too_little_history_is_refused_with_its_numbers(tmp_path: Path) -> None:
    short = load(generate_city(days=15, rows=900), tmp_path)
    with pytest.raises(BadInput, match=r"train has \d+ rows and needs 1000"):
        split_by_target_time(short, SHARES)


def _with_horizons_up_to(hours: float, city: City) -> City:
    return City(city.features, city.table.filter(pc.less(city.column("horizon_hours"), hours + 0.2)))
