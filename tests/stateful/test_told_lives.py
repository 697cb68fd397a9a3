"""Lives that were found by thought, told to the same machine as those that Hypothesis finds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shop import open_shop
from tests.stateful.files import CONTENTS
from tests.stateful.ledger_stage import LedgerStage
from tests.stateful.machine import LifeOfAShop, life_on

X, Y = CONTENTS[:2]


@pytest.fixture(scope="module")
def stage(servers: Path) -> Iterator[LedgerStage]:
    """One shop, emptied for each life."""
    with open_shop(servers) as shop:
        yield LedgerStage(shop, None)


@pytest.fixture
def life(stage: LedgerStage) -> LifeOfAShop:
    """A shop on its first day."""
    life = life_on(stage)()
    life.open()
    return life


def arrive(life: LifeOfAShop, key: str, body: bytes) -> None:
    life.a_file_arrives(key, body)
    life.an_ingest_runs()
    life.a_clean_up_runs()


def test_a_duplicate_that_its_key_has_overwritten_does_not_come_back(life: LifeOfAShop) -> None:
    for key, body in (("a.csv", X), ("b.csv", X), ("b.csv", Y)):
        arrive(life, key, body)
    for delivery_id in (3, 1):
        life.ask(delivery_id, withdraw=True)
        life.an_ingest_runs()


def test_a_version_loaded_again_beside_the_withdrawal_of_the_newer_one_counts(life: LifeOfAShop) -> None:
    arrive(life, "a.csv", X)
    arrive(life, "a.csv", Y)
    life.ask(2, withdraw=True)
    life.ask(1, withdraw=False)
    life.an_ingest_runs()


def test_loading_an_old_copy_of_the_newest_bytes_again_does_not_let_older_bytes_win(life: LifeOfAShop) -> None:
    for body in (X, Y, X):
        arrive(life, "a.csv", body)
    for delivery_id in (1, 2):
        life.ask(delivery_id, withdraw=False)
        life.an_ingest_runs()
