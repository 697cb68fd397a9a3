"""Whatever is spoilt by hand is found with its delivery, and mended from what is left of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.contract.faults import FAULT_VARIABLE, Killed
from streaming.contract.repairs import RepairOrder
from streaming.lake import Lake
from streaming.repair import plan_repair, repair
from streaming.warehouse.proofs import enter_proof
from streaming.warehouse.writer import only_writer
from streaming.world import Place, World
from tasks.reconcile import looking
from tasks.reconcile.differences import Difference, Kind
from tasks.reconcile.lake import Table
from tasks.reconcile.proving import Proof, prove
from tasks.reconcile.repairing import order_for
from tasks.reconcile.restoring import restore
from tests.integration.spoiling import (
    AUGUST,
    NONSENSE,
    Found,
    fill,
    ids,
    leave_a_batch_open,
    roll_back_newest_batch,
    spoil_database,
    spoil_lake,
    spoil_objects,
)
from tests.integration.test_attempts import STRANGER
from tests.integration.test_plans import by_month, difference, everything, of_plan
from tests.shop import Shop, open_shop


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody moves files here: the second look need not wait."""
    monkeypatch.setattr(looking, "SECONDS_BETWEEN_LOOKS", 0.0)


@pytest.fixture(scope="module")
def full_shop(servers: Path, spark: SparkSession) -> Iterator[Shop]:
    """Files of every verdict, archived: loaded, corrected, sent twice, refused, with refused rows.

    One shop for all tests: each but the last leaves it as sound as it was.
    """
    with open_shop(servers) as shop:
        fill(shop, spark)
        yield shop


def found(proof: Proof) -> Found:
    return {(each.kind, each.delivery_id) for each in proof.differences}


def proven(shop: Shop, *, full: bool = True) -> Proof:
    proof = prove(shop.settings, full=full)
    enter_proof(shop.settings, proof.result)
    return proof


def mend(shop: Shop, spark: SparkSession, proof: Proof) -> None:
    restore(shop.settings, proof.differences, dry_run=False)
    order = order_for(proof)
    if order is not None:
        carry_out(shop, spark, order)


def carry_out(shop: Shop, spark: SparkSession, order: RepairOrder) -> None:
    with only_writer(shop.settings) as writer:
        lake = Lake(spark, shop.settings.storage)
        repair(World(spark=spark, settings=shop.settings, writer=writer, lake=lake), order)


def after(shop: Shop) -> list[object]:
    """All that a repair has to bring back."""
    ledger = [{name: value for name, value in row.items() if name != "batch_id"} for row in shop.deliveries()]
    refused = shop.sql("SELECT * FROM delivery_rejects ORDER BY delivery_id, reason")
    earned = shop.sql("SELECT * FROM incentive_totals WHERE incentive <> 0 ORDER BY sales_month, store_id")
    return [shop.state(), shop.rejects(), ledger, refused, earned]


def test_what_is_spoilt_is_found_told_beforehand_and_mended_even_by_a_repair_that_dies(
    full_shop: Shop, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = full_shop
    clean = proven(shop)
    assert (clean.differences, clean.facts.rows) == ((), len(shop.facts()))
    spoilt_objects = spoil_objects(shop)
    sound = after(shop)
    expected = spoil_lake(shop) | spoil_database(shop) | spoilt_objects
    proof = proven(shop)
    assert found(proof) == expected
    restore(shop.settings, proof.differences, dry_run=True)
    assert found(proven(shop)) == expected
    restore(shop.settings, proof.differences, dry_run=False)

    order = order_for(proof)
    assert order is not None
    spoilt, marts = everything(shop), by_month(shop)
    planned = plan_repair(Place(spark=spark, settings=shop.settings, lake=Lake(spark, shop.settings.storage)), order)
    assert everything(shop) == spoilt
    monkeypatch.setenv(FAULT_VARIABLE, str(tmp_path / "fault"))
    (tmp_path / "fault").write_text("facts.written raise 1", encoding="utf-8")
    with pytest.raises(Killed):
        carry_out(shop, spark, order)
    assert Kind.ABANDONED_BATCH in {kind for kind, _ in found(prove(shop.settings, full=True))}
    carry_out(shop, spark, order)
    assert found(proven(shop)) == set()
    assert after(shop) == sound
    assert of_plan(planned) == difference(marts, by_month(shop))


@pytest.mark.soak
def test_a_proof_of_what_is_new_reads_no_more_and_finds_batches_rolled_back_or_left_open(
    full_shop: Shop, spark: SparkSession
) -> None:
    shop = full_shop
    assert found(proven(shop)) == set()
    unread = proven(shop, full=False)
    assert (unread.months_read, unread.deliveries, unread.facts.rows) == ((), 0, 0)
    shop.put_sales("august.csv", AUGUST, STRANGER)
    shop.ingest(spark)
    sound = after(shop)
    august = ids(shop)["august"]
    shop.do("UPDATE customer_mart SET purchases = purchases + 1 WHERE sales_month IN ('2026-03', '2026-08')")
    proof = prove(shop.settings)
    assert (proof.months_read, proof.deliveries, proof.facts.rows) == (("2026-08",), 1, 1)
    assert [(each.kind, each.month) for each in proof.differences] == [(Kind.CUSTOMER_MART, "2026-08")]
    assert {each.month for each in prove(shop.settings, full=True).differences} == {"2026-03", "2026-08"}
    shop.do("UPDATE customer_mart SET purchases = purchases - 1 WHERE sales_month IN ('2026-03', '2026-08')")
    roll_back_newest_batch(shop)

    strays = {(Kind.STRAY_FACTS, august), (Kind.STRAY_REJECTS, august)}
    assert found(proven(shop, full=False)) == strays
    table = Table(shop.settings.storage, shop.settings.storage.prefixes.facts)
    assert not table.has_moved()
    leave_a_batch_open(shop)
    assert table.has_moved(), "a view of the ledger taken meanwhile would not be one of this lake"
    with only_writer(shop.settings):
        assert found(prove(shop.settings, full=True)) == strays, "a batch that is being written is no difference"
    proof = proven(shop, full=False)
    assert found(proof) == {*strays, (Kind.ABANDONED_BATCH, None)}
    mend(shop, spark, proof)
    assert found(proven(shop, full=False)) == set()
    assert found(proven(shop)) == set()
    shop.ingest(spark)
    assert after(shop)[:2] == sound[:2]
    assert found(proven(shop)) == set()


def test_what_only_seemed_wrong_is_not_reported(full_shop: Shop) -> None:
    shop = full_shop
    (row,) = shop.sql(f"SELECT archived_key FROM deliveries WHERE delivery_id = {ids(shop)['two']}")  # noqa: S608  the same
    moved, there = str(row["archived_key"]), f"{shop.settings.storage.prefixes.archive}5/gone.csv"
    suspicions = [
        Difference(kind=Kind.MISSING_OBJECT, delivery_id=ids(shop)["two"], key=moved),
        Difference(kind=Kind.FOREIGN_OBJECT, key=moved),
        Difference(kind=Kind.FOREIGN_OBJECT, key=there),
    ]
    assert looking.second_look(shop.settings, suspicions) == []


def test_what_cannot_be_mended_is_named_and_nothing_is_made_worse(full_shop: Shop, spark: SparkSession) -> None:
    shop = full_shop
    of, prefixes = ids(shop), shop.settings.storage.prefixes
    keys = {row["delivery_id"]: str(row["archived_key"]) for row in shop.deliveries()}
    (old,) = [row["delivery_id"] for row in shop.deliveries() if row["status"] == "superseded"]
    shop.bucket.put(f"{prefixes.archive}notes.txt", b"foreign")
    shop.bucket.put(keys[of["bad"]], NONSENSE.upper().encode())
    shop.bucket.delete(keys[of["june"]], etag=shop.bucket.seen(keys[of["june"]]).etag)
    shop.lake_table(prefixes.facts).delete(f"delivery_id = {of['june']}")
    shop.do(f"UPDATE deliveries SET status = 'processed' WHERE delivery_id = {old}")  # noqa: S608  the same
    shop.do(f"UPDATE deliveries SET duplicate_of = NULL WHERE delivery_id = {of['two-again']}")  # noqa: S608  the same
    proof = proven(shop)
    assert found(proof) == {
        (Kind.FOREIGN_OBJECT, None),
        (Kind.ALTERED_OBJECT, of["bad"]),
        (Kind.MISSING_OBJECT, of["june"]),
        (Kind.FACTS, of["june"]),
        (Kind.CUSTOMER_MART, None),
        (Kind.TEAM_MART, None),
        (Kind.INCENTIVES, None),
        (Kind.KEY_COUNTS_TWICE, old),
        (Kind.KEY_COUNTS_TWICE, of["one"]),
        (Kind.FACTS, old),
        (Kind.UNCOUNTED_DUPLICATE, of["two-again"]),
    }
    before = after(shop)
    mend(shop, spark, proof)
    assert after(shop) == before, "the marts are all that is left of a lost file"
    assert set(proven(shop).differences) == set(proof.differences)
