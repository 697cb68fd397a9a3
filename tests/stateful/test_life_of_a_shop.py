"""Whatever happens to a shop, in any order: what counts is what the model says."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from pyspark.sql import SparkSession

from tests.shop import open_shop
from tests.stateful.machine import LifeOfAShop
from tests.stateful.stage import Stage

QUICK = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def stage(servers: Path, spark: SparkSession) -> Iterator[Stage]:
    """One shop, emptied for each life."""
    with open_shop(servers) as shop:
        yield Stage(shop, spark)


def life_on(its_stage: Stage) -> type[LifeOfAShop]:
    """The rules, on this stage."""

    class Life(LifeOfAShop):
        stage = its_stage

    return Life


@pytest.mark.timeout(1500)
def test_a_shop_ends_as_the_model_says_whatever_happens_and_whoever_dies(stage: Stage) -> None:
    run_state_machine_as_test(life_on(stage), settings=QUICK)
