"""A writer that fell asleep and was replaced: whatever it does when it wakes up, lake and marts stay as they are."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.contract.errors import BusyError, ContractError
from streaming.contract.readings import Change
from streaming.lake import Lake
from streaming.warehouse.writer import only_writer
from tests.faults.s3_faults import Request
from tests.faults.s3_proxy import s3_proxy
from tests.processes.doors import Door, cut_lock, open_door, overrule, until
from tests.shop import Shop

A = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
B = "2,1,Rye flour,2026-03-15,2,2.50,2,5.00"
C = "1,2,Green tea,2026-04-01,3,3.00,1,3.00"
BROKEN = "1,1,Rye flour,2026-03-14,1,2.50,zero,10.00"


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """A process that the test has let fall asleep, woken up at the end."""
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def take_over(shop: Shop, spark: SparkSession) -> tuple[object, ...]:
    """Replace the writer: recover, load what it held, and something new; the state afterwards."""
    cut_lock(shop)
    shop.put_sales("three.csv", C)
    shop.ingest(spark)
    assert [row[1] for row in shop.verdicts()] == ["processed"] * 3
    return shop.state(), shop.rejects(), shop.deliveries(), shop.sql("SELECT * FROM batches")


def must_have_changed_nothing(shop: Shop, door: Door, before: tuple[object, ...]) -> None:
    assert (door.wait(), "another writer took over" in door.last_line) == (75, True), door.log
    assert (shop.state(), shop.rejects(), shop.deliveries(), shop.sql("SELECT * FROM batches")) == before
    assert [(row["delivery_id"], row["line_number"]) for row in shop.facts()] == [(1, 2), (2, 2), (3, 2)]


def must_change_nothing_after_a_sleep(shop: Shop, spark: SparkSession, place: Path, *, before: str) -> None:
    """Let a writer fall asleep at a fault point, be replaced, and wake up."""
    with open_door(place, fault=f"{before} stop 1") as door:
        until(door.fired.exists, door=door)
        with stopped(door.process.pid):
            after = take_over(shop, spark)
        must_have_changed_nothing(shop, door, after)


@pytest.mark.soak
def test_a_writer_that_slept_before_its_commit_changes_nothing(shop: Shop, spark: SparkSession, tmp_path: Path) -> None:
    shop.put_sales("one.csv", A, BROKEN)
    shop.put_sales("two.csv", B)
    must_change_nothing_after_a_sleep(shop, spark, tmp_path / "door", before="commit.before")


@pytest.mark.soak
def test_a_writer_that_slept_before_it_took_a_dead_batch_back_takes_nothing_back(
    shop: Shop, spark: SparkSession, tmp_path: Path
) -> None:
    shop.put_sales("one.csv", A)
    shop.ingest(spark)
    shop.put_sales("two.csv", B)
    with open_door(tmp_path / "dies", fault="commit.before kill 1") as door:
        assert door.wait() == -signal.SIGKILL
    must_change_nothing_after_a_sleep(shop, spark, tmp_path / "sleeps", before="recovery.before")


@pytest.mark.soak
def test_a_jvm_that_slept_in_the_middle_of_a_write_adds_nothing_to_the_lake(
    shop: Shop, spark: SparkSession, tmp_path: Path
) -> None:
    shop.put_sales("one.csv", A)
    shop.put_sales("two.csv", B)
    endpoint = shop.settings.storage.endpoint or ""
    asleep = threading.Event()
    with s3_proxy(endpoint) as (proxy, faults):
        overrule(shop, "[storage]", f'endpoint = "{proxy}"')
        with open_door(tmp_path / "door") as door:

            def stop_the_jvm() -> None:
                door.jvm().suspend()
                asleep.set()

            faults.before(AboutToCommit(), stop_the_jvm)
            until(asleep.is_set, door=door)
            with stopped(door.jvm().pid):
                after = take_over(shop, spark)
            must_have_changed_nothing(shop, door, after)


class AboutToCommit:
    """Sees the first look at the log of facts after a task has put its file there: a transaction begins."""

    def __init__(self) -> None:
        self._has_files = False

    def __call__(self, request: Request) -> bool:
        """True for that look."""
        if request.method == "PUT" and "/processed/sales/" in request.key and request.key.endswith(".parquet"):
            self._has_files = True
        place = f"{request.key}{request.query.get('prefix', '')}"
        return self._has_files and request.method == "GET" and "/processed/sales/_delta_log" in place


def test_the_lake_takes_no_batch_up_to_a_fence(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("one.csv", A)
    shop.ingest(spark)
    lake = Lake(spark, shop.settings.storage)
    facts = spark.read.format("delta").load(lake.facts_path).localCheckpoint()
    lake.fence(7)
    state = shop.state()
    for older in (6, 7):
        with pytest.raises(ContractError, match=f"did not take batch {older}"):
            lake.add_facts(facts, batch_id=older, rows=1, replacing=())
        with pytest.raises(ContractError, match=f"did not take batch {older}"):
            lake.take_facts(Change(added=()), batch_id=older)
    assert shop.state() == state
    lake.add_facts(facts, batch_id=8, rows=1, replacing=())
    assert len(shop.facts()) == 2


def test_whatever_fails_after_a_takeover_is_told_as_a_takeover(shop: Shop) -> None:
    with pytest.raises(BusyError, match="another writer took over"):
        fail_as_writer(shop, taken_over=True)
    with pytest.raises(FileNotFoundError):
        fail_as_writer(shop, taken_over=False)


def fail_as_writer(shop: Shop, *, taken_over: bool) -> None:
    with only_writer(shop.settings):
        if taken_over:
            shop.do("UPDATE locks SET epoch = epoch + 1 WHERE lock_name = 'writer'")
        raise FileNotFoundError("a scratch folder that is gone")
