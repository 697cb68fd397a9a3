"""Chores of the writer: many small files become few, and nothing else changes, whoever dies in between."""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.chores import Chores
from streaming.contract.chores import ChoreKind, Place
from streaming.contract.deliveries import Selection
from streaming.contract.errors import ConfigurationError, ServiceAwayError
from streaming.contract.faults import FAULT_VARIABLE
from streaming.job import recover
from streaming.lake import Lake
from streaming.stream import flow_through
from streaming.upkeep import Upkeep
from streaming.warehouse.chores import TRIES, ChoreEnd, ends_of, finish, open_chores, pieces_of, request_chore
from streaming.warehouse.connection import connected
from streaming.warehouse.writer import only_writer
from streaming.world import World
from tasks.reconcile.proving import prove
from tests.flows.conftest import eventually
from tests.shop import Shop

pytestmark = [pytest.mark.spark, pytest.mark.servers]

BATCHES = 2
MONTHS = ("2026-01", "2026-02")


@contextmanager
def writer_of(shop: Shop, spark: SparkSession) -> Iterator[World]:
    """The right to write, as a stream or a door for chores has it, after recovery."""
    with only_writer(shop.settings) as writer:
        world = World(spark=spark, settings=shop.settings, writer=writer, lake=Lake(spark, shop.settings.storage))
        recover(world)
        yield world


def sale(*, month: str, quantity: int = 1) -> str:
    return f"1,1,Rye flour,{month}-05,1,2.50,{quantity},{2.5 * quantity:.2f}"


def fragment(shop: Shop, spark: SparkSession, batches: int = BATCHES) -> None:
    """Many small batches, each with a sale of two months and a row that is refused."""
    shop.limit("files_per_batch = 1", "[maintenance]", "small_files = 1")
    for number in range(batches):
        shop.put_sales(f"{number}.csv", *(sale(month=month, quantity=1 + number) for month in MONTHS), "nobody,,,,,,,")
    assert len(shop.ingest(spark)) == batches


def files_of(shop: Shop) -> Counter[str]:
    """How many files of the newest version each month has, and the rejects."""
    prefixes = shop.settings.storage.prefixes
    facts = shop.lake_table(prefixes.facts).get_add_actions(flatten=True)
    rejects = shop.lake_table(prefixes.rejects).get_add_actions(flatten=True)
    return Counter([*facts["partition.sales_month"].to_pylist(), *("rejects" for _ in range(len(rejects)))])


def ask(shop: Shop, kind: ChoreKind, keep_hours: int | None = None) -> int:
    with connected(shop.settings.warehouse) as database:
        return request_chore(database, kind, keep_hours=keep_hours)


@pytest.mark.soak
def test_many_small_files_become_one_and_nothing_else_changes(shop: Shop, spark: SparkSession, home: Path) -> None:
    fragment(shop, spark)
    before = shop.facts(), shop.rejects(), shop.state()
    assert files_of(shop) == {"2026-01": BATCHES, "2026-02": BATCHES, "rejects": BATCHES}
    first = Place("facts", "2026-01", 1)
    chore_id = ask(shop, ChoreKind.COMPACT)
    with writer_of(shop, spark) as dead:
        assert Chores(dead).do_a_piece()
    assert files_of(shop) == {"2026-01": 1, "2026-02": BATCHES, "rejects": BATCHES}
    with writer_of(shop, spark) as world:
        Upkeep(world).compact(Place("facts", "2026-02", 1))  # as by one who died before it was noted
        Chores(world).do_all(threading.Event())
        assert Upkeep(world).places(ChoreKind.COMPACT) == []
    assert files_of(shop) == {"2026-01": 1, "2026-02": 1, "rejects": 1}
    assert (shop.facts(), shop.rejects(), shop.state()) == before
    with connected(shop.settings.warehouse) as database:
        (end,) = ends_of(database, [chore_id])
        pieces = {piece.place: piece for piece in pieces_of(database, [chore_id])}
        assert open_chores(database) == []
    assert (end.is_finished, end.is_failed) == (True, False)
    assert (pieces[str(first)].before.files, pieces[str(first)].after.files) == (BATCHES, 1)
    assert pieces[str(first)].after.size_bytes < pieces[str(first)].before.size_bytes
    assert prove(shop.settings, full=True).differences == ()
    _a_correction_replaces_rightly(shop, spark)
    _what_was_let_go_of_late_is_kept(shop, spark, home)


def _a_correction_replaces_rightly(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("0.csv", sale(month="2026-02", quantity=9))
    shop.ingest(spark)
    quantities = [(row["delivery_id"], row["sales_month"], row["quantity"]) for row in shop.facts()]
    others = [(number + 1, month, number + 1) for number in range(1, BATCHES) for month in MONTHS]
    assert sorted(quantities) == sorted([*others, (BATCHES + 1, "2026-02", 9)])
    assert prove(shop.settings, full=True).differences == ()


def _what_was_let_go_of_late_is_kept(shop: Shop, spark: SparkSession, home: Path) -> None:
    """What compaction and correction replaced is young; an older file that no version knows is nobody's."""
    prefix, facts = shop.settings.storage.prefixes.facts, shop.facts()
    there = {each.object_key for each in shop.bucket.listing(prefix) if "_delta_log" not in each.object_key}
    orphan = f"{prefix}sales_month=2026-01/store_id=1/part-of-a-dead-writer.parquet"
    shop.bucket.put(orphan, b"of nobody")
    (stored,) = home.rglob(Path(orphan).name)
    os.utime(stored, (0, 0))
    ask(shop, ChoreKind.VACUUM, 200)
    with writer_of(shop, spark) as world:
        with pytest.raises(ConfigurationError, match="168 hours at least"):
            Upkeep(world).vacuum(Place("facts"), keep_hours=167)
        Chores(world).do_all(threading.Event())
    kept = {each.object_key for each in shop.bucket.listing(prefix) if "_delta_log" not in each.object_key}
    assert kept == there
    assert len(kept) > sum(files_of(shop).values())
    assert shop.facts() == facts
    assert "interval 200 hours" in str(shop.lake_table(prefix).metadata().configuration)


@pytest.mark.soak
def test_a_batch_that_died_after_a_chore_is_taken_back_and_the_files_stay_together(
    shop: Shop, spark: SparkSession
) -> None:
    fragment(shop, spark)
    ask(shop, ChoreKind.COMPACT)
    with writer_of(shop, spark) as world:
        Chores(world).do_all(threading.Event())
    before, files = shop.facts(), files_of(shop)
    shop.put_sales("late.csv", sale(month="2026-01"))
    fault = Path(os.environ[FAULT_VARIABLE])
    fault.write_text("facts.written raise 1", encoding="utf-8")
    with pytest.raises(BaseException, match=r"facts\.written"):
        shop.ingest(spark)
    fault.with_name(f"{fault.name}.fired").unlink()
    assert len(shop.facts()) == len(before) + 1
    with writer_of(shop, spark):
        assert (shop.facts(), files_of(shop)) == (before, files)


def test_a_chore_that_fails_again_and_again_is_given_up_with_its_reason(shop: Shop, spark: SparkSession) -> None:
    chore_id = ask(shop, ChoreKind.VACUUM, 168)
    with only_writer(shop.settings) as writer:
        no_lake = World(spark=spark, settings=shop.settings, writer=writer, lake=Lake(spark, shop.settings.storage))
        for _ in range(TRIES):
            with pytest.raises(ServiceAwayError, match="is not a Delta table"):
                Chores(no_lake).do_all(threading.Event())
        Chores(no_lake).do_all(threading.Event())
    end = _end(shop, chore_id)
    assert (end.is_finished, end.is_failed) == (True, True)
    assert "given up after 3 tries" in end.outcome
    assert "is not a Delta table" in end.outcome


def test_a_failing_chore_ends_the_stream_and_says_so(shop: Shop, spark: SparkSession) -> None:
    chore_id = ask(shop, ChoreKind.VACUUM, 168)
    nowhere = shop.settings.storage.model_copy(update={"bucket": "no-such-bucket"})
    stop = threading.Event()
    with writer_of(shop, spark) as world:
        spoilt = replace(world, settings=shop.settings.model_copy(update={"storage": nowhere}))
        with pytest.raises(ServiceAwayError, match=r"chore 1, vacuum: .* has no bucket"):
            flow_through(spoilt, Selection(), trigger="continuous", stop=stop, announce=shop.reports.append)
    assert spark.streams.active == []
    assert not _end(shop, chore_id).is_finished
    with connected(shop.settings.warehouse) as database:
        (chore,) = open_chores(database)
    assert (chore.tries, "has no bucket" in str(chore.failure)) == (1, True)


def test_what_a_killed_jvm_leaves_lies_among_the_scratch_files(spark: SparkSession, home: Path) -> None:
    told = spark.sql("SELECT reflect('java.lang.System', 'getProperty', 'java.io.tmpdir') AS folder").collect()
    assert [row["folder"] for row in told] == [str(home / "scratch-of-tests")]


def test_asking_twice_gives_one_chore_of_a_kind(shop: Shop) -> None:
    assert ask(shop, ChoreKind.COMPACT) == ask(shop, ChoreKind.COMPACT) == 1
    assert ask(shop, ChoreKind.VACUUM, 168) == 2
    with connected(shop.settings.warehouse) as database:
        finish(database, open_chores(database)[0])
    assert ask(shop, ChoreKind.COMPACT) == 3


@pytest.mark.soak
def test_a_stream_that_goes_on_does_the_chores_while_files_arrive(shop: Shop, spark: SparkSession) -> None:
    fragment(shop, spark)
    with a_stream(shop, spark):
        chore_id = ask(shop, ChoreKind.COMPACT)
        for number in range(100, 106):
            shop.put_sales(f"{number}.csv", sale(month="2026-03", quantity=number))
            time.sleep(1)
        eventually(lambda: _end(shop, chore_id).is_finished, what="the chore is done")
        eventually(lambda: len(shop.facts()) == BATCHES * len(MONTHS) + 6, what="all is loaded")
    (during,) = shop.sql(
        "SELECT COUNT(*) AS batches FROM batches, chores WHERE committed_at BETWEEN chores.started_at AND finished_at"
    )
    assert during["batches"] != 0, "the stream loads on between two pieces"
    assert (files_of(shop)["2026-01"], files_of(shop)["2026-02"]) == (1, 1)
    assert prove(shop.settings, full=True).differences == ()


@contextmanager
def a_stream(shop: Shop, spark: SparkSession) -> Iterator[None]:
    """A stream that goes on until the end."""
    stop = threading.Event()
    with writer_of(shop, spark) as world, ThreadPoolExecutor(1) as beside:
        stream = beside.submit(
            flow_through, world, Selection(), trigger="continuous", stop=stop, announce=shop.reports.append
        )
        try:
            yield
        finally:
            stop.set()
        stream.result()


def _end(shop: Shop, chore_id: int) -> ChoreEnd:
    with connected(shop.settings.warehouse) as database:
        return ends_of(database, [chore_id])[0]
