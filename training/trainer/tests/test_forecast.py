from __future__ import annotations

import numpy as np

from velocast_trainer.arrays import Float32s
from velocast_trainer.calibration import Calibration
from velocast_trainer.forecast import forecast_from_outputs

NO_CHANGE = Calibration((1.0,), (0.0,), (0.0,))


def raw(**changes: list[float]) -> dict[str, Float32s]:
    names = ("bikes_mean", "bikes_q05", "bikes_q50", "bikes_q95", "p_bike", "p_dock", "departures_mean")
    rows = len(next(iter(changes.values())))
    return {name: np.array(changes.get(name, [0.0] * rows), dtype=np.float32) for name in names}


def test_bikes_stay_between_none_and_the_capacity() -> None:
    outputs = raw(bikes_mean=[-9, 9, 9], bikes_q05=[-9, -9, -9], bikes_q95=[9, 9, 9])
    capacity = np.array([8, 8, np.nan], dtype=np.float32)
    forecast = forecast_from_outputs(outputs, NO_CHANGE, np.ones(3), np.full(3, 5, dtype=np.float32), capacity)
    assert forecast.bikes_mean.tolist() == [0, 8, 14]
    assert forecast.bikes_q05.tolist() == [0, 0, 0]
    assert forecast.bikes_q95.tolist() == [8, 8, 14]


def test_quantiles_are_calibrated_and_never_cross() -> None:
    outputs = raw(bikes_q05=[1.0, -1.0], bikes_q50=[0.0, 0.0], bikes_q95=[-1.0, 1.0])
    calibration = Calibration((1.0,), (-0.25,), (0.5,))
    now = np.full(2, 5, dtype=np.float32)
    forecast = forecast_from_outputs(outputs, calibration, np.ones(2), now, np.full(2, 20, dtype=np.float32))
    assert forecast.bikes_q05.tolist() == [4.5, 3.75]
    assert forecast.bikes_q50.tolist() == [5, 5]
    assert forecast.bikes_q95.tolist() == [5.75, 6.5]


def test_a_station_whose_bikes_are_unknown_has_no_forecast_of_bikes() -> None:
    now = np.full(1, np.nan, dtype=np.float32)
    forecast = forecast_from_outputs(raw(p_bike=[0.5]), NO_CHANGE, np.ones(1), now, now)
    assert np.isnan([forecast.bikes_mean[0], forecast.bikes_q05[0], forecast.bikes_q95[0]]).all()
    assert forecast.p_bike.tolist() == [0.5]
