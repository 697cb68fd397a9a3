"""The life of a shop and the life of a ledger, for hours if wanted: `python -m pytest -m soak tests/soak/stateful.py`.

$TILLSTREAM_SOAK_EXAMPLES says how many lives (300 with Spark, ten times as many without). They differ from run to run;
a failure prints what reproduces it.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from pyspark.sql import SparkSession

from tests.shop import Shop, open_shop
from tests.stateful.ledger_stage import LedgerStage
from tests.stateful.machine import life_on, lives
from tests.stateful.stage import Stage

LIVES = int(os.environ.get("TILLSTREAM_SOAK_EXAMPLES", "300"))
EVENTS = 40
pytestmark = [pytest.mark.soak, pytest.mark.timeout(0)]


@pytest.fixture(scope="module")
def long_lived(servers: Path) -> Iterator[Shop]:
    """One shop, emptied for each life."""
    with open_shop(servers) as shop:
        yield shop


def test_ledgers_end_as_the_model_says(long_lived: Shop) -> None:
    run_state_machine_as_test(life_on(LedgerStage(long_lived, None)), settings=_new_ones(10 * LIVES))


def test_shops_end_as_the_model_says(long_lived: Shop, spark: SparkSession) -> None:
    run_state_machine_as_test(life_on(Stage(long_lived, spark)), settings=_new_ones(LIVES))


def _new_ones(count: int) -> settings:
    return settings(lives(count, events=EVENTS), derandomize=False)
