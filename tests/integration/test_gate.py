"""The gate on the real servers: what waits in landing unknown to the ledger, for how long, and what becomes of it."""

import gzip
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest
from pyspark.sql import SparkSession

from streaming.bucket import Bucket
from streaming.contract.gate import FILE_IS_HELD, NO_FILE, NO_OK_FILE, SETTLING, UNREADABLE_OK_FILE
from streaming.contract.reasons import CONTROL_TOTALS
from streaming.contract.settings import read_settings
from streaming.discovery import Discovery, Look
from tasks.archive import archive
from tests.shop import HEADER, Shop

pytestmark = pytest.mark.servers

A = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
B = "2,1,Rye flour,2026-03-15,2,2.50,2,5.00"
C = "1,2,Green tea,2026-04-01,3,3.00,1,3.00"
STRANGER = "77,1,Rye flour,2026-03-14,1,2.50,4,10.00"
UNREADABLE = "no,header\n1,2\n"


def guard(shop: Shop, *lines: str) -> None:
    """Set up the gate in the environment file that only this test sees."""
    file = shop.overlay / "dev.toml"
    before = file.read_text(encoding="utf-8").partition("[gate]")[0]
    file.write_text("\n".join((before, "[gate]", *lines, "")), encoding="utf-8")
    shop.settings = read_settings("dev")


def look(shop: Shop) -> Look:
    """What a process sees that has only just been started."""
    return Discovery(Bucket(shop.settings.storage), shop.settings).look()


def let_pass(shop: Shop, seconds: int) -> None:
    """Make what is held older, by the only clock that counts."""
    shop.do(f"UPDATE held_arrivals SET first_seen_at = first_seen_at - INTERVAL {seconds} SECOND")  # noqa: S608  a number


def held(shop: Shop) -> dict[object, object]:
    rows = shop.sql("SELECT object_key, reason FROM held_arrivals ORDER BY hold_id")
    prefix = shop.settings.storage.prefixes.landing
    return {str(row["object_key"]).removeprefix(prefix): row["reason"] for row in rows}


def announce(shop: Shop, name: str, rows: int, amount: str) -> None:
    shop.put(f"{name}.ok", f"rows,amount\n{rows},{amount}\n")


def landed(shop: Shop) -> list[str]:
    prefix = shop.settings.storage.prefixes.landing
    return [arrival.object_key.removeprefix(prefix) for arrival in shop.bucket.listing(prefix)]


def test_a_file_seen_half_written_loads_once_and_whole(shop: Shop, spark: SparkSession) -> None:
    guard(shop, "settle_seconds = 60")
    shop.put_sales("a.csv", A)
    assert look(shop) == Look(found=1, held=1)
    assert (shop.deliveries(), held(shop)) == ([], {"a.csv": SETTLING})
    let_pass(shop, 50)
    shop.put_sales("a.csv", A, B)
    look(shop)
    let_pass(shop, 50)
    assert look(shop) == Look(found=1, held=1)
    let_pass(shop, 10)
    shop.ingest(spark)
    assert (shop.verdicts(), held(shop)) == ([("a.csv", "processed", None)], {})
    assert [fact["quantity"] for fact in shop.facts()] == [4, 2]


def test_the_clock_of_the_store_does_not_matter(shop: Shop, servers: Path) -> None:
    guard(shop, "settle_seconds = 60")
    for name in ("future.csv", "past.csv"):
        shop.put_sales(name, A)
    for name, year in (("future.csv", 2091), ("past.csv", 1999)):
        (file,) = servers.rglob(f"{shop.settings.storage.prefixes.landing}{name}")
        moment = datetime(year, 1, 1, tzinfo=UTC).timestamp()
        os.utime(file, (moment, moment))
    years = [arrival.last_modified.year for arrival in shop.bucket.listing(shop.settings.storage.prefixes.landing)]
    assert years == [2091, 1999]
    assert look(shop) == look(shop) == Look(found=2, held=2)
    let_pass(shop, 60)
    assert look(shop) == Look(found=2, entered=2)


def test_an_object_deleted_and_put_again_settles_anew(shop: Shop) -> None:
    guard(shop, "settle_seconds = 60")
    discovery = Discovery(shop.bucket, shop.settings)
    shop.put_sales("a.csv", A)
    assert discovery.look() == Look(found=1, held=1)
    let_pass(shop, 60)
    (arrival,) = shop.bucket.listing(shop.settings.storage.prefixes.landing)
    shop.bucket.delete(arrival.object_key, etag=arrival.etag)
    assert (discovery.look(), held(shop)) == (Look(found=0), {})
    shop.put_sales("a.csv", A)
    assert look(shop) == Look(found=1, held=1)


def put_files_and_totals(shop: Shop) -> None:
    """Files that agree, cannot be read, disagree, lack their totals or have senseless ones; totals without a file."""
    shop.put_sales("agrees.csv", A, STRANGER, "", "1,2,half a row", B.replace("5.00", "five"))
    announce(shop, "agrees.csv", 4, "20")
    shop.put("zipped.csv.gz", gzip.compress(f"{HEADER}\n{C}\n".encode()))
    announce(shop, "zipped.csv.gz", 1, "3.00")
    shop.put("unreadable.csv", UNREADABLE)
    announce(shop, "unreadable.csv", 7, "70.00")
    shop.put("note.txt", "not sales")
    shop.put_sales("few.csv", B)
    announce(shop, "few.csv", 2, "10.00")
    shop.put_sales("alone.csv", A, B)
    shop.put_sales("scribbled.csv", B, C)
    shop.put("scribbled.csv.ok", "all fine")
    announce(shop, "orphan.csv", 1, "1.00")


def test_only_files_that_agree_with_their_totals_load(shop: Shop, spark: SparkSession) -> None:
    guard(shop, "control_totals = true", "hold_seconds = 900")
    put_files_and_totals(shop)
    shop.ingest(spark)
    loaded = {(key, status, reason) for key, status, reason in shop.verdicts()}
    assert loaded == {
        ("agrees.csv", "processed", None),
        ("agrees.csv.ok", "processed", CONTROL_TOTALS),
        ("zipped.csv.gz", "processed", None),
        ("zipped.csv.gz.ok", "processed", CONTROL_TOTALS),
        ("unreadable.csv", "quarantined", "missing_columns:" + ",".join(HEADER.split(","))),
        ("unreadable.csv.ok", "processed", CONTROL_TOTALS),
        ("note.txt", "quarantined", "unsupported_key"),
    }
    assert held(shop) == {
        "alone.csv": NO_OK_FILE,
        "few.csv": "rows 1 of 2, amount 5.00 of 10.00",
        "few.csv.ok": FILE_IS_HELD,
        "orphan.csv.ok": NO_FILE,
        "scribbled.csv": UNREADABLE_OK_FILE,
        "scribbled.csv.ok": FILE_IS_HELD,
    }
    let_pass(shop, 900)
    announce(shop, "scribbled.csv", 2, "8.00")
    shop.ingest(spark)
    assert {(key, status, reason) for key, status, reason in shop.verdicts()} - loaded == {
        ("alone.csv", "quarantined", "control_total_mismatch:no_ok_file"),
        ("few.csv", "quarantined", "control_total_mismatch:rows 1 of 2, amount 5.00 of 10.00"),
        ("few.csv.ok", "processed", CONTROL_TOTALS),
        ("orphan.csv.ok", "processed", CONTROL_TOTALS),
        ("scribbled.csv", "processed", None),
        ("scribbled.csv.ok", "processed", CONTROL_TOTALS),
    }
    totals = {row["customer_id"]: str(row["total_purchases"]) for row in shop.sql("SELECT * FROM customer_totals")}
    assert totals == {1: "16.00", 2: "5.00"}
    archive(shop.settings)
    assert (landed(shop), held(shop)) == ([], {})
    must_be_refused_until_put_again(shop)


def must_be_refused_until_put_again(shop: Shop) -> None:
    """The file that came to less than announced."""
    refused = {row["object_key"]: row for row in shop.deliveries() if row["status"] == "quarantined"}
    assert str(refused["few.csv"]["archived_key"]).startswith(shop.settings.storage.prefixes.quarantine)
    assert refused["few.csv"]["batch_id"] is None
    assert refused["few.csv"]["finished_at"] is not None
    shop.put_sales("few.csv", B, B)
    announce(shop, "few.csv", 2, "10.00")
    assert look(shop) == Look(found=2, entered=2)
    assert shop.verdicts()[-2:] == [("few.csv", "waiting", None), ("few.csv.ok", "processed", CONTROL_TOTALS)]


def test_everything_passes_at_once_unless_the_gate_is_set_up(shop: Shop) -> None:
    shop.put_sales("a.csv", A)
    announce(shop, "a.csv", 9, "9.00")
    assert look(shop) == Look(found=2, entered=2)
    assert shop.verdicts() == [("a.csv", "waiting", None), ("a.csv.ok", "waiting", None)]


def test_a_file_is_compared_once_while_it_is_held(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    guard(shop, "control_totals = true")
    shop.put_sales("a.csv", A)
    announce(shop, "a.csv", 2, "15.00")
    discovery, reads = Discovery(shop.bucket, shop.settings), list[str]()
    monkeypatch.setattr(shop.bucket, "open", _noting(shop.bucket.open, reads))
    assert [discovery.look().held for _ in range(3)] == [2, 2, 2]
    assert len(reads) == 2
    announce(shop, "a.csv", 1, "10.00")
    assert (discovery.look(), len(reads)) == (Look(found=2, entered=2), 4)
    assert (discovery.look(), len(reads)) == (Look(found=2), 4)


def test_two_who_look_at_once_enter_each_arrival_once(shop: Shop) -> None:
    guard(shop, "control_totals = true", "settle_seconds = 60")
    for number in range(20):
        shop.put_sales(f"{number}.csv", A)
        announce(shop, f"{number}.csv", 1, "10.00")
    assert look(shop).held == 40
    let_pass(shop, 60)
    start = Barrier(2)

    def enter(_: int) -> Look:
        start.wait()
        return look(shop)

    with ThreadPoolExecutor(2) as pool:
        assert sum(each.entered for each in pool.map(enter, range(2))) == 40
    assert (len(shop.deliveries()), held(shop)) == (40, {})
    assert {(row["etag"], row["status"]) for row in shop.deliveries() if row["reason"]} == {
        (arrival.etag, "processed")
        for arrival in shop.bucket.listing(shop.settings.storage.prefixes.landing)
        if arrival.object_key.endswith(".ok")
    }


def _noting(deed: Callable[..., object], notes: list[str]) -> Callable[..., object]:
    def noted(key: str, **rest: object) -> object:
        notes.append(key)
        return deed(key, **rest)

    return noted
