from __future__ import annotations

from pathlib import Path

import pytest

from tests.generated_city import City, generate_city
from velocast_trainer.dataset import Dataset, load_dataset
from velocast_trainer.request import SplitShares
from velocast_trainer.split import Split, split_by_target_time


@pytest.fixture(scope="session")
def city() -> City:
    return generate_city()


@pytest.fixture(scope="session")
def data(city: City, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = city.write(tmp_path_factory.mktemp("city") / "dataset.arrow")
    return load_dataset(path, city.features, "horizon_hours")


@pytest.fixture(scope="session")
def split(data: Dataset) -> Split:
    return split_by_target_time(data, SplitShares(train=0.7, early=0.15, test=0.15, gap_hours=168))


def load(city: City, folder: Path) -> Dataset:
    return load_dataset(city.write(folder / "dataset.arrow"), city.features, "horizon_hours")
