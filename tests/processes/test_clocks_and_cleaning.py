"""Clocks that are off, and cleaning up or compacting while sales are loaded: neither changes a figure."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from delta.tables import DeltaTable
from pyspark.sql import SparkSession

from streaming.contract.errors import BusyError, ServiceAwayError
from streaming.lake import Lake
from tasks.archive import archive
from tasks.temporary import delete_scratch
from tests.shop import Shop

A = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
B = "2,1,Rye flour,2026-03-15,2,2.50,2,5.00"
C = "1,2,Green tea,2026-04-01,3,3.00,1,3.00"
LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2099, 12, 31, tzinfo=UTC)
ROUNDS = 4


@pytest.mark.soak
def test_the_newest_arrival_counts_whatever_its_date_says(shop: Shop, spark: SparkSession, servers: Path) -> None:
    for sale, moment in ((A, FAR_AHEAD), (B, LONG_AGO), (C, LONG_AGO)):
        shop.put_sales("one.csv", sale)
        date_object(servers, shop, "one.csv", moment)
        shop.ingest(spark)
    assert [row["status"] for row in shop.deliveries()] == ["superseded", "superseded", "processed"]
    assert [(row["delivery_id"], str(row["total_cost"])) for row in shop.facts()] == [(3, "3.00")]


def test_dates_of_objects_change_no_figure(shop: Shop, spark: SparkSession, servers: Path) -> None:
    for name, sale, moment in (("a.csv", A, FAR_AHEAD), ("b.csv", B, LONG_AGO), ("c.csv", C, None)):
        shop.put_sales(name, sale)
        if moment is not None:
            date_object(servers, shop, name, moment)
    shop.ingest(spark)
    before = shop.deliveries()
    assert [row["object_key"] for row in before] == ["b.csv", "c.csv", "a.csv"]
    assert [row["status"] for row in before] == ["processed"] * 3
    assert sorted(str(row["total_purchases"]) for row in shop.customer_mart()) == ["10.00", "3.00", "5.00"]
    assert shop.ingest(spark) == []
    assert shop.deliveries() == before


@pytest.mark.soak
def test_cleaning_up_and_compacting_beside_the_stream_changes_no_figure(shop: Shop, spark: SparkSession) -> None:
    shop.limit("files_per_batch = 1")
    lake = Lake(spark, shop.settings.storage)
    lake.create()

    def compact() -> None:
        DeltaTable.forPath(spark, lake.facts_path).optimize().executeCompaction()

    cleaning = (lambda: archive(shop.settings), lambda: delete_scratch.fn("dev"), compact)
    with again_and_again(*cleaning) as done:
        for number in range(ROUNDS):
            shop.put_sales("corrected.csv", *[A] * (number + 1))
            shop.put_sales(f"{number}.csv", *[C] * (number + 2), B)
            ingest_patiently(shop, spark)
    assert all(done), done
    ingest_patiently(shop, spark)
    archive(shop.settings)
    statuses = {row["object_key"]: row["status"] for row in shop.deliveries()}
    assert statuses == {"corrected.csv": "processed", **{f"{number}.csv": "processed" for number in range(ROUNDS)}}
    assert len(shop.facts()) == ROUNDS + sum(number + 3 for number in range(ROUNDS))
    purchases = {(row["customer_id"], row["sales_month"]): row["purchases"] for row in shop.customer_mart()}
    assert purchases == {(1, "2026-03"): ROUNDS, (2, "2026-03"): ROUNDS, (1, "2026-04"): 14}
    assert list(shop.bucket.listing(shop.settings.storage.prefixes.landing)) == []


def date_object(home: Path, shop: Shop, name: str, moment: datetime) -> None:
    """Have the S3 server say that an object was put at this moment."""
    storage = shop.settings.storage
    file = home / "s3" / "dev" / storage.bucket / storage.prefixes.landing / name
    os.utime(file, (moment.timestamp(), moment.timestamp()))


def ingest_patiently(shop: Shop, spark: SparkSession) -> None:
    """Ingest; again when the clean-up held the lock for a moment, or a compaction crossed a correction."""
    for _ in range(20):
        try:
            shop.ingest(spark)
        except (BusyError, ServiceAwayError):
            time.sleep(0.1)
        else:
            return
    shop.ingest(spark)


@contextmanager
def again_and_again(*deeds: Callable[[], object]) -> Iterator[list[int]]:
    """Do each of these in a thread of its own until the end; how often each was done."""
    done, stop = [0] * len(deeds), threading.Event()

    def repeat(number: int) -> None:
        while not stop.is_set():
            deeds[number]()
            done[number] += 1
            time.sleep(0.2)

    threads = [threading.Thread(target=repeat, args=(number,)) for number in range(len(deeds))]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        stop.set()
        for thread in threads:
            thread.join()
