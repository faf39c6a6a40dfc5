from __future__ import annotations

import numpy as np
import onnxruntime as ort
import pytest

from tests.awkward_rows import FEATURES, a_target, some_rows
from velocast_trainer.arrays import Float32s
from velocast_trainer.bands import AnyEnsemble, average, join_bands
from velocast_trainer.booster import FitRows, FittedBooster, Labels
from velocast_trainer.catboost_booster import CatboostBooster
from velocast_trainer.fit_outputs import BandedModel
from velocast_trainer.graph_runner import open_graph
from velocast_trainer.horizons import HALF_SLOT_HOURS, HorizonRange
from velocast_trainer.lightgbm_booster import LightgbmBooster
from velocast_trainer.onnx_graph import build_graph
from velocast_trainer.outputs import OUTPUTS, Output
from velocast_trainer.parity import measure_parity, require_parity, rows_on_thresholds, rows_with_missing
from velocast_trainer.request import BoosterParams
from velocast_trainer.tree_ensemble import TreeEnsemble
from velocast_trainer.xgboost_booster import XgboostBooster

HORIZON = 2
BANDS = (HorizonRange(-1, 1, False), HorizonRange(1, 6, False), HorizonRange(6, 168, True))
PARAMS = BoosterParams(trees=12, leaves=15, min_rows_per_leaf=20, learning_rate=0.2, feature_fraction=0.7)
# One of each link.
MEAN, P_BIKE, DEPARTURES = OUTPUTS[0], OUTPUTS[4], OUTPUTS[6]


def rows_of_all_horizons(seed: int) -> Float32s:
    rows = some_rows(seed, 0.1)
    rows[:, HORIZON] = np.exp(np.random.default_rng(seed).uniform(np.log(0.2), np.log(168), len(rows)))
    return rows


def fitted(output: Output, seed: int, make: type = LightgbmBooster) -> FittedBooster:
    """Every seed another model, that splits by the horizon too."""
    rows = rows_of_all_horizons(seed)
    labels = Labels(a_target(rows, output.loss, seed))
    booster: FittedBooster = make(PARAMS, seed).prepare(FitRows(rows, rows)).fit(output, labels, labels, lambda _: None)
    return booster


def rows_at_edges() -> Float32s:
    """On the ends of the bands, one float32 step beside them, and without a horizon."""
    like = some_rows(9, 0.1)[:70]
    sets = []
    for edge in (1 + HALF_SLOT_HOURS, 6 + HALF_SLOT_HOURS):
        for side in (-np.inf, None, np.inf):
            rows = like.copy()
            at = np.float32(edge)
            rows[:, HORIZON] = at if side is None else np.nextafter(at, np.float32(side))
            sets.append(rows)
    lost = like.copy()
    lost[:, HORIZON] = np.nan
    return np.concatenate([*sets, lost])


def band_of(rows: Float32s) -> np.ndarray:
    """Written down anew: 0 up to 1 h and half a slot, 1 up to 6 h and half a slot, else 2."""
    horizon = rows[:, HORIZON]
    return np.where(horizon <= np.float32(1.125), 0, np.where(horizon <= np.float32(6.125), 1, 2))


def run(ensemble: AnyEnsemble, rows: Float32s) -> Float32s:
    return open_graph(build_graph({"a": ensemble}, FEATURES), threads=1)(rows)["a"]


@pytest.mark.parametrize("output", [MEAN, P_BIKE, DEPARTURES], ids=lambda output: output.name)
def test_a_joined_ensemble_gives_each_row_what_its_band_gives(output: Output) -> None:
    parts = [(band, fitted(output, seed).ensemble()) for seed, band in enumerate(BANDS, 1)]
    joined = join_bands(parts, HORIZON)
    rows = np.concatenate([rows_of_all_horizons(8), rows_at_edges()])
    alone = np.stack([run(ensemble, rows) for _, ensemble in parts])
    expected = alone[band_of(rows), np.arange(len(rows))]
    assert run(joined, rows) == pytest.approx(expected, rel=1e-5, abs=1e-5)
    # The rows tell the bands apart: those of another band would have been answered differently.
    others = alone[(band_of(rows) + 1) % 3, np.arange(len(rows))]
    assert np.abs(expected - others).mean() > 0.01


def test_a_band_that_knows_nothing_but_a_constant_is_joined_too() -> None:
    constant = TreeEnsemble((), 2.5, "identity")
    parts = [(BANDS[0], constant), (BANDS[1], fitted(MEAN, 1).ensemble()), (BANDS[2], constant)]
    rows = rows_at_edges()
    said = run(join_bands(parts, HORIZON), rows)
    assert (said[band_of(rows) != 1] == 2.5).all()
    assert (said[band_of(rows) == 1] != 2.5).all()


def test_rows_of_one_band_alone_and_no_rows_at_all_are_scored() -> None:
    parts = [(band, fitted(MEAN, seed).ensemble()) for seed, band in enumerate(BANDS, 1)]
    joined = join_bands(parts, HORIZON)
    rows = rows_of_all_horizons(8)
    for band, (_, ensemble) in enumerate(parts):
        own = rows[band_of(rows) == band]
        assert run(joined, own).tolist() == run(ensemble, own).tolist()
    session = ort.InferenceSession(build_graph({"a": joined}, FEATURES))
    assert session.run(None, {"features": rows[:0]})[0].shape == (0, 1)


def test_outputs_of_one_model_have_the_same_bands() -> None:
    parts = [(band, fitted(MEAN, seed).ensemble()) for seed, band in enumerate(BANDS, 1)]
    with pytest.raises(ValueError, match="different bands"):
        build_graph({"a": join_bands(parts, HORIZON), "b": join_bands(parts[1:], HORIZON)}, FEATURES)


def test_a_single_band_is_left_as_it_is() -> None:
    ensemble = fitted(MEAN, 1).ensemble()
    assert join_bands([(HorizonRange(-1, 168, True), ensemble)], HORIZON) is ensemble


def test_bands_of_different_links_are_not_joined() -> None:
    parts = [(BANDS[0], TreeEnsemble((), 0.0, "identity")), (BANDS[2], TreeEnsemble((), 0.0, "exp"))]
    with pytest.raises(ValueError, match="exp, identity"):
        join_bands(parts, HORIZON)


def test_an_average_is_the_mean_of_what_each_says() -> None:
    ensembles = [fitted(MEAN, 1, make).ensemble() for make in (LightgbmBooster, XgboostBooster, CatboostBooster)]
    rows = np.concatenate([rows_of_all_horizons(8), rows_at_edges()])
    expected = np.mean([run(ensemble, rows) for ensemble in ensembles], axis=0)
    assert run(average(ensembles), rows) == pytest.approx(expected, abs=1e-5)


def test_a_model_of_bands_and_averages_is_its_graph() -> None:
    by_band = (
        (BANDS[0], (fitted(MEAN, 1),)),
        (BANDS[1], (fitted(MEAN, 2), fitted(MEAN, 2, XgboostBooster), fitted(MEAN, 2, CatboostBooster))),
        (BANDS[2], (fitted(MEAN, 3, CatboostBooster),)),
    )
    model = BandedModel(HORIZON, by_band)
    ensemble = model.ensemble()
    like = np.concatenate([rows_of_all_horizons(8), rows_at_edges()])
    sets = [like, rows_on_thresholds({"a": ensemble}, like), rows_with_missing(like)]
    graph = open_graph(build_graph({"a": ensemble}, FEATURES), threads=1)
    require_parity(measure_parity({"a": model}, graph, sets, threads=1))
    assert model.tree_count == sum(each.tree_count for _, models in by_band for each in models)
