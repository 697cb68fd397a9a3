"""Whatever happens to a shop, in any order: what counts is what the model says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis.stateful import run_state_machine_as_test
from pyspark.sql import SparkSession

from tests.shop import open_shop
from tests.stateful.machine import life_on, lives
from tests.stateful.stage import Stage


@pytest.fixture(scope="module")
def stage(servers: Path, spark: SparkSession) -> Iterator[Stage]:
    """One shop, emptied for each life."""
    with open_shop(servers) as shop:
        yield Stage(shop, spark)


@pytest.mark.timeout(1500)
def test_a_shop_ends_as_the_model_says_whatever_happens_and_whoever_dies(stage: Stage) -> None:
    run_state_machine_as_test(life_on(stage), settings=lives(3, events=20))
