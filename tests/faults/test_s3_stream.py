"""The whole stream over an S3 that stutters: complete and right, or given up in words with nothing counted by half."""

import time
from collections.abc import Sequence

import pytest
from pyspark.sql import SparkSession

from streaming.contract.errors import ServiceAwayError
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import record_arrivals
from tests.faults.load import PRICE, Load, sale
from tests.faults.s3_faults import PASSING, Fault, Kind, Request, Where
from tests.faults.worlds import S3World
from tests.shop import Shop

pytestmark = [pytest.mark.servers, pytest.mark.spark]

FILES = 20
EVERYTHING = (*PASSING, Kind.LOST_REPLY)
OUTLIVED = 0.2
ONE_TICK_SECONDS = 1.1
"""S3 dates objects to the second."""


@pytest.mark.parametrize(
    ("rate", "kinds"),
    [(0.05, EVERYTHING), (0.2, EVERYTHING), pytest.param(0.5, PASSING, marks=pytest.mark.soak)],
    ids=["5 %", "20 %", "50 %"],
)
def test_a_load_over_a_stuttering_s3_is_complete_or_told_as_failed(
    s3a: S3World, shop: Shop, spark: SparkSession, rate: float, kinds: Sequence[Kind]
) -> None:
    load = Load(shop)
    load.put(range(FILES), quantity=1)
    s3a.faults.begin(Fault(kinds=kinds, rate=rate))
    try:
        s3a.shop.ingest(spark)
    except ServiceAwayError:
        assert rate > OUTLIVED
        assert load.is_counted() in [(0, 0), (FILES * load.rows, FILES * load.rows)]
        s3a.faults.end()
        s3a.shop.ingest(spark)
    assert s3a.faults.injected.total() > 0
    load.must_be_complete()


def reading(name: str) -> Where:
    return lambda request: request.method == "GET" and request.key.endswith(f"landing/{name}")


def putting(name: str) -> Where:
    return lambda request: request.method == "PUT" and request.key.endswith(f"landing/{name}")


def test_files_that_change_between_listing_and_reading_and_one_put_twice(
    s3a: S3World, shop: Shop, spark: SparkSession
) -> None:
    for name, quantity in (("changed.csv", 1), ("deleted.csv", 2), ("stays.csv", 3)):
        shop.put_sales(name, sale(quantity))
    deleted = shop.bucket.seen(f"{shop.settings.storage.prefixes.landing}deleted.csv")
    s3a.faults.before(reading("changed.csv"), lambda: shop.put_sales("changed.csv", sale(10)))
    s3a.faults.before(reading("deleted.csv"), lambda: shop.bucket.delete(deleted.object_key, etag=deleted.etag))
    s3a.shop.ingest(spark)
    assert sorted(shop.verdicts(), key=str) == [
        ("changed.csv", "superseded", "changed_before_read"),
        ("deleted.csv", "withdrawn", "deleted_before_read"),
        ("stays.csv", "processed", None),
    ]
    put_twice(s3a, shop)
    s3a.shop.ingest(spark)
    assert sorted((r["object_key"], r["status"]) for r in shop.deliveries()[3:]) == [
        ("changed.csv", "processed"),
        ("twice.csv", "processed"),
        ("twice.csv", "superseded"),
    ]
    assert shop.customer_mart()[0]["total_purchases"] == PRICE * (3 + 10 + 5)


def put_twice(s3a: S3World, shop: Shop) -> None:
    """A file of which the reply is lost, so that the store puts it again; it was seen in between."""
    s3a.faults.begin(Fault(kinds=[Kind.LOST_REPLY], where=putting("twice.csv"), times=1))

    def look(_request: Request) -> bool:
        return s3a.faults.injected[Kind.LOST_REPLY] == 1

    def enter() -> None:
        time.sleep(ONE_TICK_SECONDS)
        with connected(shop.settings.warehouse) as database:
            record_arrivals(database, list(shop.bucket.listing(shop.settings.storage.prefixes.landing)))

    s3a.faults.before(look, enter)
    s3a.shop.put_sales("twice.csv", sale(5))
    assert s3a.faults.injected == {Kind.LOST_REPLY: 1}
