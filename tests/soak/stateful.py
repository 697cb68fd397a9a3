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
from tests.stateful import test_life_of_a_ledger, test_life_of_a_shop
from tests.stateful.ledger_stage import LedgerStage
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
    life = test_life_of_a_ledger.life_on(LedgerStage(long_lived, None))
    run_state_machine_as_test(life, settings=_long(test_life_of_a_ledger.QUICK, 10 * LIVES))


def test_shops_end_as_the_model_says(long_lived: Shop, spark: SparkSession) -> None:
    life = test_life_of_a_shop.life_on(Stage(long_lived, spark))
    run_state_machine_as_test(life, settings=_long(test_life_of_a_shop.QUICK, LIVES))


def _long(quick: settings, lives: int) -> settings:
    return settings(quick, max_examples=lives, stateful_step_count=EVENTS, derandomize=False)
