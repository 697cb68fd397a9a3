"""What becomes of deliveries, over far more lives than the test with Spark has time for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.shop import open_shop
from tests.stateful.ledger_stage import LedgerStage
from tests.stateful.machine import life_on, lives


@pytest.fixture(scope="module")
def stage(servers: Path) -> Iterator[LedgerStage]:
    """One shop, emptied for each life."""
    with open_shop(servers) as shop:
        yield LedgerStage(shop, None)


@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_a_ledger_ends_as_the_model_says_whatever_happens_and_whoever_dies(stage: LedgerStage) -> None:
    run_state_machine_as_test(life_on(stage), settings=lives(60, events=30))
