from __future__ import annotations

import numpy as np
import pytest

from tests.handmade import a_calibration, now_of, raw_outputs
from velocast_trainer.calibration import CURVE_AT, FlowInterval
from velocast_trainer.forecast import Forecast, forecast_from_outputs

NAN = np.nan
# A probability of bikes and docks that leaves every quantile above 0.
SURE = 0.999


def test_bikes_stay_between_none_and_the_capacity() -> None:
    outputs = raw_outputs(
        bikes_mean=[-9, 9, 9], bikes_q05=[-9, -9, -9], bikes_q50=[0, 0, 0], bikes_q95=[9, 9, 9], p_bike=[0.9] * 3
    )
    forecast = forecast_from_outputs(outputs, a_calibration(), now_of([5] * 3, [3] * 3, [8, 8, NAN]))
    assert forecast.bikes_mean.tolist() == [0, 8, 14]
    assert forecast.bikes_q05.tolist() == [0, 0, 0]
    assert forecast.bikes_q95.tolist() == [8, 8, 14]


def test_quantiles_are_calibrated_by_horizon_and_never_cross() -> None:
    outputs = raw_outputs(bikes_q05=[3, -1, -1], bikes_q50=[0, 0, 0], bikes_q95=[-3, 1, 1], p_bike=[SURE] * 3)
    calibration = a_calibration([1, 3], lower=(0.0, -2.0), upper=(0.0, 4.0))
    now = now_of([10] * 3, [20] * 3, [30] * 3, hours=[1, 2, 48])
    forecast = forecast_from_outputs(outputs, calibration, now)
    assert forecast.bikes_q05.tolist() == [7, 8, 7]
    assert forecast.bikes_q50.tolist() == [10, 10, 10]
    assert forecast.bikes_q95.tolist() == [13, 13, 15]


def test_outer_quantiles_are_moved_by_a_share_of_their_distance_which_is_a_bike_at_least() -> None:
    outputs = raw_outputs(bikes_q05=[-4, -4, -0.1, 4], bikes_q50=[0] * 4, bikes_q95=[4, 4, 0.6, -4], p_bike=[SURE] * 4)
    calibration = a_calibration([1, 3], lower_share=(-0.25, -0.5), upper_share=(0.5, -0.25))
    forecast = forecast_from_outputs(outputs, calibration, now_of([50] * 4, [50] * 4, [100] * 4, hours=[1, 3, 1, 1]))
    assert forecast.bikes_q05.tolist() == [44, 42, 50, 47]
    assert forecast.bikes_q95.tolist() == [58, 52, 51, 53]


def test_outer_quantiles_are_rounded_inward_to_whole_bikes_and_the_median_to_the_nearest() -> None:
    almost = 1e-7
    outputs = raw_outputs(
        bikes_q05=[-1.5, -2 + almost, -2 - 0.001, 0.2],
        bikes_q50=[0.5, 0.49, -0.5, 0.3],
        bikes_q95=[1.5, 2 - almost, 2 + 0.001, 0.4],
        p_bike=[SURE] * 4,
    )
    forecast = forecast_from_outputs(outputs, a_calibration(), now_of([10] * 4, [20] * 4, [30] * 4))
    # The last lies between two whole numbers: the nearest stands for all three.
    assert forecast.bikes_q05.tolist() == [9, 8, 8, 10]
    assert forecast.bikes_q50.tolist() == [11, 10, 10, 10]
    assert forecast.bikes_q95.tolist() == [11, 12, 12, 10]


def test_rounding_inward_covers_the_same_truths_with_a_narrower_interval() -> None:
    rng = np.random.default_rng(3)
    rows = 5_000
    change, width = rng.uniform(-4, 4, rows), rng.uniform(1, 6, rows)
    outputs = raw_outputs(
        bikes_q05=(change - width).tolist(), bikes_q50=change.tolist(), bikes_q95=(change + width).tolist(),
        p_bike=[SURE] * rows,
    )  # fmt: skip
    forecast = forecast_from_outputs(outputs, a_calibration(), now_of([15] * rows, [15] * rows, [30] * rows))
    truth = np.round(15 + change + rng.normal(size=rows) * width)
    low, high = 15 + outputs["bikes_q05"].astype(np.float64), 15 + outputs["bikes_q95"].astype(np.float64)
    inside = (truth >= low) & (truth <= high)
    assert np.array_equal((truth >= forecast.bikes_q05) & (truth <= forecast.bikes_q95), inside)
    assert (forecast.bikes_q95 - forecast.bikes_q05).mean() < 0.95 * (high - low).mean()


def test_the_share_of_the_change_that_the_calibration_keeps_is_added() -> None:
    outputs = raw_outputs(
        bikes_mean=[4] * 4, bikes_q50=[4] * 4, bikes_q05=[-9] * 4, bikes_q95=[9] * 4, p_bike=[SURE] * 4
    )
    calibration = a_calibration([1, 3], mean_share=(0.0, 0.5), median_share=(0.0, 1.0))
    now = now_of([10] * 4, [20] * 4, [30] * 4, hours=[0.25, 1.5, 2, 3])
    forecast = forecast_from_outputs(outputs, calibration, now)
    assert forecast.bikes_mean.tolist() == [10, 10.5, 11, 12]
    # A median is served or is not: half of it would be nobody's median.
    assert forecast.bikes_q50.tolist() == [10, 10, 14, 14]


@pytest.mark.parametrize(
    ("p_bike", "expected"),
    [
        (0.999, [1, 1, 1]),
        (0.96, [1, 1, 1]),
        (0.94, [0, 1, 1]),
        (0.51, [0, 1, 1]),
        (0.49, [0, 0, 1]),
        (0.06, [0, 0, 1]),
        (0.04, [0, 0, 0]),
    ],
)
def test_a_quantile_is_none_exactly_where_so_much_of_the_distribution_is_at_none(
    p_bike: float, expected: list[int]
) -> None:
    at_none = raw_outputs(p_bike=[p_bike], p_dock=[p_bike])
    empty = forecast_from_outputs(at_none, a_calibration(), now_of([0], [9], [9]))
    assert [empty.bikes_q05[0], empty.bikes_q50[0], empty.bikes_q95[0]] == expected
    full = forecast_from_outputs(at_none, a_calibration(), now_of([9], [0], [9]))
    assert [full.docks_q05[0], full.docks_q50[0], full.docks_q95[0]] == expected


def anything(rows: int, seed: int) -> tuple[dict[str, np.ndarray], Forecast, np.ndarray]:
    rng = np.random.default_rng(seed)
    capacity = rng.integers(0, 40, rows).astype(np.float64)
    bikes = np.floor(rng.uniform(0, 1, rows) * (capacity + 1))
    outputs: dict[str, list[float]] = {
        name: (rng.normal(size=rows) * 8).tolist()
        for name in ("bikes_mean", "bikes_q05", "bikes_q50", "bikes_q95", "departures_mean", "arrivals_mean")
    }
    for name in ("p_bike", "p_dock"):
        outputs[name] = (1 / (1 + np.exp(-rng.normal(size=rows) * 5))).tolist()
    docks = np.where(rng.random(rows) < 0.2, np.nan, capacity - bikes)
    capacity_known = np.where(rng.random(rows) < 0.1, np.nan, capacity)
    now = now_of(bikes.tolist(), docks.tolist(), capacity_known.tolist(), hours=rng.uniform(0, 200, rows).tolist())
    flows = FlowInterval((0.0, 2.0, 9.0), (0.0, 1.0, 5.0), (1.0, 5.0, 14.0))
    calibration = a_calibration(
        [0.5, 6, 168],
        mean_share=(0.0, 0.7, 1.0),
        median_share=(0.0, 1.0, 0.0),
        lower=(0.5, -1.0, -3.0),
        upper=(-0.5, 1.0, 3.0),
        lower_share=(0.1, 0.0, -0.1),
        upper_share=(-0.1, 0.05, 0.2),
        departures=flows,
        arrivals=flows,
    )
    forecast = forecast_from_outputs(raw_outputs(**outputs), calibration, now)
    return {name: np.array(values) for name, values in outputs.items()}, forecast, capacity_known


def test_whatever_the_graph_says_the_forecast_keeps_its_promises() -> None:
    _, forecast, capacity = anything(4_000, seed=5)
    for values, p_any in (
        ([forecast.bikes_q05, forecast.bikes_q50, forecast.bikes_q95], forecast.p_bike),
        ([forecast.docks_q05, forecast.docks_q50, forecast.docks_q95], forecast.p_dock),
    ):
        known = ~np.isnan(values[0])
        low, middle, high = (each[known] for each in values)
        most = np.where(np.isnan(capacity[known]), np.inf, capacity[known])
        assert ((low >= 0) & (low <= middle) & (middle <= high) & (high <= most)).all()
        for each, level in ((low, 0.05), (middle, 0.5), (high, 0.95)):
            assert np.array_equal(each, np.round(each))
            is_none = 1 - p_any[known] >= level
            room = most >= 1
            # A dock that the station does not have cannot be promised.
            if p_any is forecast.p_bike:
                assert np.array_equal(each[room] == 0, is_none[room])
            else:
                assert (each[is_none] == 0).all()
    for name in ("departures", "arrivals"):
        low, mean, high = (getattr(forecast, f"{name}_{part}") for part in ("q05", "mean", "q95"))
        assert (mean >= 0).all()
        assert ((low >= 0) & (low <= high) & (low == np.round(low)) & (high == np.round(high))).all()
    assert ((forecast.p_bike >= 0) & (forecast.p_bike <= 1)).all()


def test_docks_are_what_the_bikes_leave_of_the_places_that_can_be_used() -> None:
    """One dock of the second station is out of order; of the third only the capacity is known."""
    outputs = raw_outputs(
        bikes_mean=[-1.5] * 3, bikes_q05=[-3] * 3, bikes_q50=[-1] * 3, bikes_q95=[2] * 3, p_bike=[SURE] * 3,
        p_dock=[SURE] * 3,
    )  # fmt: skip
    now = now_of([10] * 3, [10, 9, NAN], [20] * 3)
    forecast = forecast_from_outputs(outputs, a_calibration(), now)
    assert forecast.docks_mean.tolist() == [11.5, 10.5, 11.5]
    assert forecast.docks_q05.tolist() == [8, 7, 8]
    assert forecast.docks_q50.tolist() == [11, 10, 11]
    assert forecast.docks_q95.tolist() == [13, 12, 13]


def test_a_station_of_unknown_size_has_bikes_to_come_and_no_docks() -> None:
    outputs = raw_outputs(bikes_mean=[1], p_bike=[SURE])
    forecast = forecast_from_outputs(outputs, a_calibration(), now_of([10], [NAN], [NAN]))
    assert forecast.bikes_mean.tolist() == [11]
    assert np.isnan([forecast.docks_mean, forecast.docks_q05, forecast.docks_q50, forecast.docks_q95]).all()


def test_a_station_whose_bikes_are_unknown_has_no_forecast_of_bikes_or_docks() -> None:
    outputs = raw_outputs(p_bike=[0.5], departures_mean=[2.0])
    forecast = forecast_from_outputs(outputs, a_calibration(), now_of([NAN], [NAN], [NAN]))
    for name in ("bikes_mean", "bikes_q05", "bikes_q50", "bikes_q95", "docks_mean", "docks_q05", "docks_q95"):
        assert np.isnan(getattr(forecast, name)).all()
    assert forecast.p_bike.tolist() == [0.5]
    assert forecast.departures_mean.tolist() == [2]


def test_probabilities_are_read_off_the_curve_of_their_horizon() -> None:
    humble = tuple(0.25 + at / 2 for at in CURVE_AT)
    calibration = a_calibration([1, 3], bike_curve=(CURVE_AT, humble))
    outputs = raw_outputs(p_bike=[0.9, 0.9, 0.9, 0.9], p_dock=[0.9] * 4)
    now = now_of([5] * 4, [5] * 4, [10] * 4, hours=[0.25, 2, 3, 168])
    forecast = forecast_from_outputs(outputs, calibration, now)
    assert forecast.p_bike == pytest.approx([0.9, 0.8, 0.7, 0.7], abs=1e-6)
    assert forecast.p_dock == pytest.approx([0.9] * 4, abs=1e-6)


def test_flows_are_not_negative_and_their_intervals_follow_from_their_means() -> None:
    departures = FlowInterval((1.0, 3.0), (0.0, 1.0), (3.0, 8.0))
    arrivals = FlowInterval((1.0,), (0.0,), (2.0,))
    outputs = raw_outputs(departures_mean=[-0.5, 1, 2, 3, 90], arrivals_mean=[0, 0, 0, 0, 7])
    calibration = a_calibration(departures=departures, arrivals=arrivals)
    forecast = forecast_from_outputs(outputs, calibration, now_of([5] * 5, [5] * 5, [10] * 5))
    assert forecast.departures_mean.tolist() == [0, 1, 2, 3, 90]
    # Between two knots, rounded inward: 0.5 to 5.5 is 1 to 5.
    assert forecast.departures_q05.tolist() == [0, 0, 1, 1, 1]
    assert forecast.departures_q95.tolist() == [3, 3, 5, 8, 8]
    assert forecast.arrivals_q05.tolist() == [0] * 5
    assert forecast.arrivals_q95.tolist() == [2] * 5
