from __future__ import annotations

from pathlib import Path

import pytest

from tests.fit_requests import request_json
from tests.generated_city import City
from velocast_trainer.failures import BadInput
from velocast_trainer.request import parse_backtest_request, parse_request, read_request


def test_a_valid_request_is_read(city: City, tmp_path: Path) -> None:
    champion = {"bundleDir": "/models/7"}
    request = parse_request(request_json(city, tmp_path, champion=champion, tags={"velocast.trigger": "t-1"}))
    assert request.params.min_rows_per_leaf == 50
    assert request.split.gap_hours == 168
    assert request.champion_bundle_dir == Path("/models/7")
    assert request.mlflow is None
    assert request.features == city.features
    assert request.boosters == ("lightgbm",)


def test_a_backtest_is_a_fit_with_a_test_set_of_its_own(city: City, tmp_path: Path) -> None:
    split = {"train": 0.7, "early": 0.3, "test": 0, "gapHours": 24}
    more = {"testDataset": "test.arrow", "horizonsMinutes": [15, 60], "predictions": None}
    backtest = parse_backtest_request(request_json(city, tmp_path, split=split, **more))
    assert (backtest.test_dataset, backtest.horizons_minutes) == (Path("test.arrow"), (15, 60))
    assert backtest.predictions is None
    assert backtest.fit.split.test == 0


def test_every_mistake_of_a_backtest_is_named_at_once(city: City, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        parse_backtest_request(request_json(city, tmp_path, seed=-1, horizonsMinutes=[0.5], predictions=""))
    for mistake in ("testDataset is missing", "horizonsMinutes", "predictions", "seed"):
        assert mistake in caught.value.detail


def test_every_mistake_is_named_at_once(city: City, tmp_path: Path) -> None:
    raw = request_json(
        city,
        tmp_path,
        seed=-1,
        features=["a", "b", "a"],
        params={"trees": 0, "leaves": 31, "minRowsPerLeaf": 20, "learningRate": 2},
        mlflow={"trackingUri": ""},
    )
    del raw["modelName"]
    with pytest.raises(BadInput) as caught:
        parse_request(raw)
    named = ("seed", "features", "params.trees", "params.learningRate", "mlflow.trackingUri", "mlflow.experiment")
    for mistake in (*named, "modelName is missing"):
        assert mistake in caught.value.detail


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"fingerprint": "abc"}, "fingerprint"),
        ({"horizonFeature": "elsewhere"}, "horizonFeature"),
        ({"modelName": "a/b"}, "modelName"),
        ({"split": {"train": 0.7, "early": 0.2, "test": 0.2, "gapHours": 24}}, "add up to 1"),
        ({"format": 1}, "format is 1"),
        ({"boosters": []}, "boosters"),
        ({"boosters": ["lightgbm", "lightgbm"]}, "lightgbm more than once"),
        ({"boosters": ["lightgbm", "linear"]}, "boosters are of lightgbm, xgboost, catboost, not linear"),
        ({"split": {"train": 0.7, "early": 0.3, "test": 0, "gapHours": 24}}, "split.test"),
        ({"threads": True}, "threads"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    city: City, tmp_path: Path, change: dict[str, object], complaint: str
) -> None:
    with pytest.raises(BadInput, match=complaint):
        parse_request(request_json(city, tmp_path, **change))


def test_a_request_that_is_no_json_is_bad_input(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text("{")
    with pytest.raises(BadInput, match="not JSON"):
        read_request(path)
    with pytest.raises(BadInput, match="cannot read"):
        read_request(tmp_path / "none.json")
