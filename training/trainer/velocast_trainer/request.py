"""What the trainer is asked to do: one JSON file, checked as a whole before anything else happens."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

from velocast_trainer.failures import BadInput

REQUEST_FORMAT = 2
# The first of a request fits every output, all of them the mean.
BOOSTERS = ("lightgbm", "xgboost", "catboost")

T = TypeVar("T")


@dataclass(frozen=True)
class SplitShares:
    """Shares of the rows by target time, oldest first, and the hours kept free between the first two."""

    train: float
    early: float
    test: float
    gap_hours: float


@dataclass(frozen=True)
class BoosterParams:
    trees: int
    leaves: int
    min_rows_per_leaf: int
    learning_rate: float
    # Of the features, by chance: which a tree may ask for.
    feature_fraction: float

    @property
    def patience(self) -> int:
        """Trees without a gain on the rows that stop a fit, after which it ends."""
        return max(10, self.trees // 10)

    def searched(self) -> dict[str, float]:
        """Those that a search may change, by their names in requests and manifests."""
        return {
            "leaves": self.leaves,
            "minRowsPerLeaf": self.min_rows_per_leaf,
            "learningRate": self.learning_rate,
            "featureFraction": self.feature_fraction,
        }


@dataclass(frozen=True)
class SearchSpace:
    """Of each parameter that is looked for, by its name in `BoosterParams`: the least and the most, both included."""

    leaves: tuple[int, int]
    min_rows_per_leaf: tuple[int, int]
    learning_rate: tuple[float, float]
    feature_fraction: tuple[float, float]


@dataclass(frozen=True)
class SearchBounds:
    """How long better parameters are looked for, whichever ends first, and where."""

    trials: int
    minutes: float
    space: SearchSpace


@dataclass(frozen=True)
class MlflowTarget:
    tracking_uri: str
    experiment: str


@dataclass(frozen=True)
class FitRequest:
    """Paths are as given, relative ones to the working directory; `trained_at` is epoch milliseconds."""

    system_id: str
    model_name: str
    trained_at: int
    seed: int
    threads: int
    dataset: Path
    out_dir: Path
    features: tuple[str, ...]
    fingerprint: str
    horizon_feature: str
    split: SplitShares
    params: BoosterParams
    mlflow: MlflowTarget | None
    champion_bundle_dir: Path | None
    tags: Mapping[str, str]
    boosters: tuple[str, ...]
    data_licence: str | None
    # None: the parameters are those of the request.
    search: SearchBounds | None


@dataclass(frozen=True)
class BacktestRequest:
    """A fit, and what it is tried on. The horizons are those that are reported, in minutes."""

    fit: FitRequest
    test_dataset: Path
    horizons_minutes: tuple[int, ...]
    predictions: Path | None


def read_request(path: Path) -> FitRequest:
    return parse_request(_read_json(path))


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput("request-unreadable", f"cannot read the request {path}: {error.strerror}") from error
    except ValueError as error:
        raise BadInput("request-not-json", f"the request {path} is not JSON: {error}") from error


def read_backtest_request(path: Path) -> BacktestRequest:
    return parse_backtest_request(_read_json(path))


def parse_request(raw: object) -> FitRequest:
    """Raises BadInput with every mistake at once."""
    top = _Fields(raw, "", [])
    request = _fit_request(top)
    if request.split.test <= 0:
        top.mistake("split.test", "must be above 0: a model is scored before anyone is told of it")
    top.raise_mistakes()
    return request


def parse_backtest_request(raw: object) -> BacktestRequest:
    """The request of a fit and three fields more. The test set is a file of its own, so the share for it may be 0."""
    top = _Fields(raw, "", [])
    predictions = top.optional_text("predictions")
    request = BacktestRequest(
        fit=_fit_request(top),
        test_dataset=Path(top.text("testDataset")),
        horizons_minutes=top.integers("horizonsMinutes"),
        predictions=Path(predictions) if predictions else None,
    )
    top.raise_mistakes()
    return request


def _fit_request(top: _Fields) -> FitRequest:
    version = top.integer("format", least=1)
    if version != REQUEST_FORMAT and not top.mistakes:
        top.mistake("format", f"is {version}, this trainer understands {REQUEST_FORMAT}")
    split = top.fields("split")
    params = top.fields("params")
    mlflow = top.optional_fields("mlflow")
    champion = top.optional_fields("champion")
    request = FitRequest(
        system_id=top.text("systemId"),
        model_name=top.text("modelName"),
        trained_at=top.integer("trainedAt", least=0),
        seed=top.integer("seed", least=0, most=2**31 - 1),
        threads=top.integer("threads", least=1),
        dataset=Path(top.text("dataset")),
        out_dir=Path(top.text("outDir")),
        features=top.names("features"),
        fingerprint=top.text("fingerprint"),
        horizon_feature=top.text("horizonFeature"),
        split=SplitShares(
            train=split.number("train", above=0, below=1),
            early=split.number("early", above=0, below=1),
            test=split.number("test", above=-1e-9, below=1),
            gap_hours=split.number("gapHours", above=-1e-9),
        ),
        params=BoosterParams(
            trees=params.integer("trees", least=1),
            leaves=params.integer("leaves", least=2),
            min_rows_per_leaf=params.integer("minRowsPerLeaf", least=1),
            learning_rate=params.number("learningRate", above=0, below=1),
            feature_fraction=params.number("featureFraction", above=0, below=1 + 1e-9),
        ),
        mlflow=MlflowTarget(mlflow.text("trackingUri"), mlflow.text("experiment")) if mlflow else None,
        champion_bundle_dir=Path(champion.text("bundleDir")) if champion else None,
        tags=top.text_map("tags"),
        boosters=top.names("boosters"),
        data_licence=top.optional_text("dataLicence"),
        search=_search_bounds(top),
    )
    _check_together(request, top)
    return request


def _search_bounds(top: _Fields) -> SearchBounds | None:
    search = top.optional_fields("search")
    if search is None:
        return None
    space = search.fields("space")
    return SearchBounds(
        trials=search.integer("trials", least=1),
        minutes=search.number("minutes", above=0),
        space=SearchSpace(
            leaves=space.integer_range("leaves", least=2),
            min_rows_per_leaf=space.integer_range("minRowsPerLeaf", least=1),
            learning_rate=space.number_range("learningRate", above=0, below=1),
            feature_fraction=space.number_range("featureFraction", above=0, below=1 + 1e-9),
        ),
    )


def _check_together(request: FitRequest, top: _Fields) -> None:
    if top.mistakes:
        return
    if re.fullmatch(r"[0-9a-f]{64}", request.fingerprint) is None:
        top.mistake("fingerprint", "must be a SHA-256 as 64 lower-case hexadecimal digits")
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", request.model_name) is None:
        top.mistake("modelName", "may hold letters, digits, '.', '_' and '-' only")
    unknown = [name for name in request.boosters if name not in BOOSTERS]
    if unknown:
        top.mistake("boosters", f"are of {', '.join(BOOSTERS)}, not {', '.join(unknown)}")
    if request.horizon_feature not in request.features:
        top.mistake("horizonFeature", f"'{request.horizon_feature}' is not one of `features`")
    shares = request.split
    if not math.isclose(shares.train + shares.early + shares.test, 1, abs_tol=1e-6):
        top.mistake("split", "train, early and test must add up to 1")
    if request.search is not None:
        for name, (least, most) in vars(request.search.space).items():
            if not least <= vars(request.params)[name] <= most:
                top.mistake(
                    "search.space", f"does not hold the {name} that is asked for: it is the first that is tried"
                )


class _Fields:
    """One JSON object being read; collects what is wrong with it and goes on with a stand-in."""

    def __init__(self, raw: object, at: str, mistakes: list[str]) -> None:
        self.at = at
        self.mistakes = mistakes
        self.raw: dict[str, Any] = raw if isinstance(raw, dict) else {}
        if not isinstance(raw, dict):
            self.mistakes.append(f"{at.rstrip('.') or 'the request'} must be an object")

    def mistake(self, name: str, what: str) -> None:
        self.mistakes.append(f"{self.at}{name} {what}")

    def raise_mistakes(self) -> None:
        if self.mistakes:
            raise BadInput("bad-request", "; ".join(self.mistakes))

    def _take(self, name: str, is_good: Callable[[Any], bool], what: str, stand_in: T) -> T:
        if name not in self.raw:
            self.mistake(name, f"is missing: {what}")
            return stand_in
        value = self.raw[name]
        if not is_good(value):
            self.mistake(name, f"must be {what}, not {json.dumps(value)[:60]}")
            return stand_in
        accepted: T = value
        return accepted

    def text(self, name: str) -> str:
        return self._take(name, lambda v: isinstance(v, str) and v != "", "a text that is not empty", "-")

    def integer(self, name: str, least: int, most: int = 2**53) -> int:
        def is_good(value: object) -> bool:
            return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most

        return self._take(name, is_good, f"a whole number of at least {least}", least)

    def number(self, name: str, above: float, below: float = math.inf) -> float:
        def is_good(value: object) -> bool:
            return isinstance(value, int | float) and not isinstance(value, bool) and above < value < below

        limits = f"above {above:g}" if math.isinf(below) else f"between {above:g} and {below:g}"
        return float(self._take(name, is_good, f"a number {limits}", 0.5))

    def names(self, name: str) -> tuple[str, ...]:
        def is_good(value: object) -> bool:
            return isinstance(value, list) and value != [] and all(isinstance(v, str) and v for v in value)

        names: list[str] = self._take(name, is_good, "a list of names that is not empty", ["-"])
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            self.mistake(name, f"names {', '.join(twice)} more than once")
        return tuple(names)

    def integers(self, name: str) -> tuple[int, ...]:
        def is_good(value: object) -> bool:
            return isinstance(value, list) and value != [] and all(type(v) is int and v > 0 for v in value)

        return tuple(self._take(name, is_good, "a list of whole numbers above 0", [1]))

    def integer_range(self, name: str, least: int) -> tuple[int, int]:
        def is_good(value: object) -> bool:
            return _is_pair(value) and all(type(v) is int and v >= least for v in value)

        low, high = self._take(
            name, is_good, f"two whole numbers of at least {least}, the smaller first", [least, least]
        )
        return low, high

    def number_range(self, name: str, above: float, below: float) -> tuple[float, float]:
        def is_good(value: object) -> bool:
            return _is_pair(value) and all(type(v) in (int, float) and above < v < below for v in value)

        what = f"two numbers between {above:g} and {below:g}, the smaller first"
        low, high = self._take(name, is_good, what, [0.5, 0.5])
        return float(low), float(high)

    def optional_text(self, name: str) -> str | None:
        return None if self.raw.get(name) is None else self.text(name)

    def text_map(self, name: str) -> Mapping[str, str]:
        def is_good(value: object) -> bool:
            return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())

        stand_in: dict[str, str] = {}
        return self._take(name, is_good, "an object of texts", stand_in)

    def fields(self, name: str) -> _Fields:
        return _Fields(self.raw.get(name), f"{self.at}{name}.", self.mistakes)

    def optional_fields(self, name: str) -> _Fields | None:
        return None if self.raw.get(name) is None else self.fields(name)


def _is_pair(value: object) -> TypeGuard[list[Any]]:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(end) in (int, float) for end in value)
        and value[0] <= value[1]
    )
