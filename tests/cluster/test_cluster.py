"""The same job, unchanged, on two workers, one of whose executors is killed in the middle of a batch."""

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cluster.standalone import Cluster, standalone_cluster
from tests.processes.doors import open_door, overrule, until
from tests.shop import Shop

pytestmark = [pytest.mark.soak, pytest.mark.servers, pytest.mark.spark]

FILES, ROWS = 8, 20_000
PRICE = Decimal("2.50")


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    with standalone_cluster(tmp_path, workers=2) as started:
        yield started


def test_no_sale_is_lost_or_counted_twice_when_an_executor_dies(shop: Shop, cluster: Cluster, tmp_path: Path) -> None:
    overrule(shop, "[stream]", f'master = "{cluster.address}"')
    amounts = {f"{number}.csv": put_many(shop, f"{number}.csv") for number in range(FILES)}
    with open_door(tmp_path / "door") as door:
        until(lambda: shop.sql("SELECT 1 FROM batches WHERE committed_at IS NULL"), door=door)
        victim, _ = cluster.executors()
        victim.kill()
        assert door.wait() == 0, door.log
        assert "Lost executor" in door.log
    assert [(row["status"], row["rows_loaded"]) for row in shop.deliveries()] == [("processed", ROWS)] * FILES
    assert {row["object_key"]: row["amount_loaded"] for row in shop.deliveries()} == amounts
    assert len(shop.facts()) == FILES * ROWS
    (customers,) = shop.sql("SELECT SUM(purchases) AS sales, SUM(total_purchases) AS amount FROM customer_mart")
    (team,) = shop.sql("SELECT SUM(sales) AS sales, SUM(total_sales) AS amount FROM sales_team_mart")
    assert customers == team == {"sales": FILES * ROWS, "amount": sum(amounts.values())}


def put_many(shop: Shop, name: str) -> Decimal:
    """Drop a file of many sales; their money."""
    draw = random.Random(name)  # noqa: S311  sales, not secrets
    quantities = [draw.randint(1, 9) for _ in range(ROWS)]
    totals = [PRICE * quantity for quantity in quantities]
    sold = zip(quantities, totals, strict=True)
    shop.put_sales(name, *(f"1,1,Rye flour,2026-03-14,1,{PRICE},{quantity},{total}" for quantity, total in sold))
    return sum(totals, Decimal(0))
