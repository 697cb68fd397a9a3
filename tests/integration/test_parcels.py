"""Files that tasks lay before it is settled what loads: the lake has those of what does, and nothing else stays."""

from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from streaming.contract.deliveries import Selection
from streaming.discovery import Discovery
from streaming.errands import scattered
from streaming.job import load_batch, recover
from streaming.lake import Lake
from streaming.landing.shares import shares_of
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import waiting
from streaming.warehouse.writer import only_writer
from streaming.world import World
from tests.shop import Shop

pytestmark = [pytest.mark.servers, pytest.mark.spark]

RYE, TEA = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00", "2,2,Green tea,2026-03-15,3,3.00,1,3.00"
STRANGER = "999,1,Rye flour,2026-03-14,1,2.50,4,10.00"


def strays(shop: Shop) -> set[str]:
    """Files that tasks laid into the lake's folders, in no version of it; Spark leaves empty ones of its own."""
    prefixes = shop.settings.storage.prefixes
    found = set()
    for prefix in (prefixes.facts, prefixes.rejects):
        table = shop.lake_table(prefix)
        known = {uri.partition(prefix)[2] for uri in table.file_uris()}
        lying = {each.object_key.removeprefix(prefix) for each in shop.bucket.listing(prefix)}
        found |= {path for path in lying - known if not path.startswith("_delta_log") and "-c000." not in path}
    return found


def test_equal_bytes_in_one_batch_leave_one_file_in_the_lake(shop: Shop, spark: SparkSession) -> None:
    for name in ("a.csv", "b.csv"):
        shop.put_sales(name, RYE, STRANGER)
    shop.put_sales("c.csv", TEA)
    assert [report.sums.deliveries for report in shop.ingest(spark)] == [3]
    assert [status for _, status, _ in shop.verdicts()] == ["processed", "duplicate", "processed"]
    assert [(row["delivery_id"], row["total_cost"]) for row in shop.facts()] == [
        (1, Decimal("10.00")),
        (3, Decimal("3.00")),
    ]
    assert [row["delivery_id"] for row in shop.rejects()] == [1]
    assert strays(shop) == set()


def test_a_correction_leaves_no_file_but_those_that_it_replaced(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("a.csv", RYE, STRANGER)
    shop.ingest(spark)
    before = {uri for p in ("facts", "rejects") for uri in shop.lake_table(_prefix(shop, p)).file_uris()}
    shop.put_sales("a.csv", TEA, STRANGER)
    shop.put_sales("b.csv", RYE)
    shop.ingest(spark)
    assert [(row["delivery_id"], row["line_number"]) for row in shop.facts()] == [(2, 2), (3, 2)]
    assert [row["delivery_id"] for row in shop.rejects()] == [2]
    assert {path.rpartition("/")[2] for path in strays(shop)} == {uri.rpartition("/")[2] for uri in before}


def test_a_delivery_that_is_left_out_of_files_it_shares_is_in_none_of_them(shop: Shop, spark: SparkSession) -> None:
    """As where the ledger changed between the plan and the settlement: nothing said that the two may not share."""
    for name in ("a.csv", "b.csv"):
        shop.put_sales(name, RYE, STRANGER)
    shop.put_sales("c.csv", TEA)
    with only_writer(shop.settings) as writer:
        world = World(spark=spark, settings=shop.settings, writer=writer, lake=Lake(spark, shop.settings.storage))
        recover(world)
        Discovery(shop.bucket, shop.settings).look()
        with connected(shop.settings.warehouse) as database:
            landing = shop.settings.storage.prefixes.landing
            deliveries = list(waiting(database, after=0, until=9, selection=Selection(), prefix=landing))
        sums = load_batch(scattered(spark, shares_of(deliveries, {1, 2, 3}, tasks=1)), world)
    assert sums is not None
    assert (sums.rows_loaded, sums.rows_rejected) == (2, 1)
    assert [row["delivery_id"] for row in shop.facts()] == [1, 3]
    assert [row["delivery_id"] for row in shop.rejects()] == [1]
    assert [(row["customer_id"], row["total_purchases"]) for row in shop.customer_mart()] == [
        (1, Decimal("10.00")),
        (2, Decimal("3.00")),
    ]
    assert [row["sales"] for row in shop.team_mart()] == [1, 1]
    assert strays(shop) == set()


def _prefix(shop: Shop, table: str) -> str:
    return str(getattr(shop.settings.storage.prefixes, table))
