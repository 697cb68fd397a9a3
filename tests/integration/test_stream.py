"""The whole walk on the real servers: what loads, what does not, and what happens when things happen twice."""

from decimal import Decimal

import deltalake
import pytest
from pyspark.sql import SparkSession

from streaming.contract.columns import FACTS, names
from streaming.contract.deliveries import Selection, Status, Verdict
from streaming.contract.errors import BusyError
from streaming.contract.settlements import Settlement
from streaming.lake import Lake, LakeVersions
from streaming.warehouse.batches import MartChanges, commit_batch, open_batch, open_batches
from streaming.warehouse.writer import only_writer
from tests.shop import Shop

A = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
B = "2,1,Rye flour,2026-03-15,2,2.50,2,5.00"
C = "1,2,Green tea,2026-04-01,3,3.00,1,3.00"
UNKNOWN = "999,1,Rye flour,2026-03-14,1,2.50,4,10.00"
FACT_ID = sorted(names(FACTS)).index("delivery_id")
BROKEN = "1,1,Rye flour,2026-03-14,1,2.50,zero,10.00"


def test_sales_walk_from_landing_to_lake_and_marts(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("one.csv", A, B, C, UNKNOWN, BROKEN)
    (report,) = shop.ingest(spark)
    assert (report.sums.rows_read, report.sums.rows_loaded, report.sums.rows_rejected) == (5, 3, 2)
    assert [(row["line_number"], row["customer_id"], row["total_cost"]) for row in shop.facts()] == [
        (2, 1, Decimal("10.00")),
        (3, 2, Decimal("5.00")),
        (4, 1, Decimal("3.00")),
    ]
    assert [(row["line_number"], row["reasons"], row["raw"]) for row in shop.rejects()] == [
        (5, ["unknown_customer"], UNKNOWN),
        (6, ["bad_type:quantity"], BROKEN),
    ]
    assert [
        (r["customer_id"], r["sales_month"], r["purchases"], r["total_purchases"]) for r in shop.customer_mart()
    ] == [
        (1, "2026-03", 1, Decimal("10.00")),
        (1, "2026-04", 1, Decimal("3.00")),
        (2, "2026-03", 1, Decimal("5.00")),
    ]
    assert [(r["sales_person_id"], r["total_sales"], r["sales_rank"], r["incentive"]) for r in shop.team_mart()] == [
        (1, Decimal("10.00"), 1, Decimal("0.10")),
        (2, Decimal("5.00"), 2, Decimal("0.00")),
        (3, Decimal("3.00"), 1, Decimal("0.03")),
    ]
    (delivery,) = shop.deliveries()
    assert (delivery["status"], delivery["rows_read"], delivery["amount_loaded"]) == ("processed", 5, Decimal("18.00"))
    assert {(r["reason"], r["rows"]) for r in shop.sql("SELECT * FROM delivery_rejects")} == {
        ("unknown_customer", 1),
        ("bad_type:quantity", 1),
    }


def test_running_again_with_no_new_files_changes_nothing(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("one.csv", A, B)
    shop.ingest(spark)
    before = (shop.state(), shop.deliveries(), shop.sql("SELECT * FROM batches"))
    assert shop.ingest(spark) == []
    assert (shop.state(), shop.deliveries(), shop.sql("SELECT * FROM batches")) == before


def test_two_batches_end_where_one_would(shop: Shop, spark: SparkSession) -> None:
    files = {"one.csv": (A, B), "two.csv": (C, A), "three.csv": (B, UNKNOWN), "empty.csv": ()}
    for name, sales in files.items():
        shop.put_sales(name, *sales)
        shop.ingest(spark)
    apart = shop.state()
    assert len(shop.reports) == len(files)
    shop.start_over()
    for name, sales in files.items():
        shop.put_sales(name, *sales)
    assert len(shop.ingest(spark)) == 1
    assert _without_ids(shop.state()) == _without_ids(apart)


def test_a_batch_holds_no_more_files_than_its_limit(shop: Shop, spark: SparkSession) -> None:
    shop.limit("files_per_batch = 2")
    for number in range(5):
        shop.put_sales(f"{number}.csv", A.replace("2026-03-14", f"2026-03-1{number}"))
    assert [report.sums.deliveries for report in shop.ingest(spark)] == [2, 2, 1]
    assert len(shop.facts()) == 5


def test_a_batch_holds_no_more_bytes_than_its_limit_but_one_file_always_fits(shop: Shop, spark: SparkSession) -> None:
    shop.limit("bytes_per_batch = 250")
    for number in range(3):
        shop.put_sales(f"{number}.csv", *[A.replace("2026-03-14", f"2026-03-1{number}")] * (1 + 10 * number))
    assert [report.sums.deliveries for report in shop.ingest(spark)] == [1, 1, 1]
    assert len(shop.facts()) == 33


def test_a_selection_takes_only_what_it_names_and_the_rest_goes_on_waiting(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("store-1/a.csv", A)
    shop.put_sales("store-2/b.csv", C)
    shop.ingest(spark, Selection(key_pattern="store-2/*"))
    assert shop.verdicts() == [("store-1/a.csv", "waiting", None), ("store-2/b.csv", "processed", None)]
    shop.ingest(spark)
    assert shop.verdicts()[0] == ("store-1/a.csv", "processed", None)


def test_a_corrected_file_replaces_the_old_one_in_lake_and_marts(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("one.csv", A, B, BROKEN)
    shop.put_sales("other.csv", C)
    shop.ingest(spark)
    shop.put_sales("one.csv", B, C)
    shop.ingest(spark)
    corrected = shop.state()
    assert [(d["status"], d["superseded_by"]) for d in shop.deliveries() if d["object_key"] == "one.csv"] == [
        ("superseded", 3),
        ("processed", None),
    ]
    assert shop.rejects() == []
    shop.start_over()
    shop.put_sales("other.csv", C)
    shop.put_sales("one.csv", B, C)
    shop.ingest(spark)
    assert _without_ids(shop.state()) == _without_ids(corrected)


def test_a_correction_that_cannot_be_read_leaves_the_old_file_counting(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("one.csv", A)
    shop.ingest(spark)
    before = shop.state()
    shop.put("one.csv", "nothing like sales")
    shop.ingest(spark)
    assert [row[1] for row in shop.verdicts()] == ["processed", "quarantined"]
    assert shop.state() == before


def test_the_same_bytes_under_another_key_change_nothing(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("one.csv", A)
    shop.ingest(spark)
    before = shop.state()
    shop.put_sales("two.csv", A)
    shop.ingest(spark)
    assert [(d["status"], d["duplicate_of"]) for d in shop.deliveries()] == [("processed", None), ("duplicate", 1)]
    assert shop.state() == before


def test_a_duplicate_inherits_the_rows_when_the_first_key_gets_other_bytes(shop: Shop, spark: SparkSession) -> None:
    for name, sales in (("wrong-name.csv", (A, BROKEN)), ("right-name.csv", (A, BROKEN)), ("wrong-name.csv", (B,))):
        shop.put_sales(name, *sales)
        shop.ingest(spark)
    assert [(d["delivery_id"], d["status"], d["rows_loaded"], d["duplicate_of"]) for d in shop.deliveries()] == [
        (1, "superseded", 1, None),
        (2, "processed", 1, None),
        (3, "processed", 1, None),
    ]
    assert [(row["delivery_id"], row["customer_id"]) for row in shop.facts()] == [(2, 1), (3, 2)]
    assert [(row["delivery_id"], row["raw"]) for row in shop.rejects()] == [(2, BROKEN)]
    assert [row["total_purchases"] for row in shop.customer_mart()] == [Decimal("10.00"), Decimal("5.00")]


def test_a_file_of_no_supported_kind_and_a_folder_marker(shop: Shop, spark: SparkSession) -> None:
    shop.put("prices.xlsx", b"PK\x03\x04")
    shop.put("store-1/", b"")
    shop.ingest(spark)
    assert shop.verdicts() == [("prices.xlsx", "quarantined", "unsupported_key")]


def test_a_second_writer_is_told_that_the_environment_is_busy(shop: Shop) -> None:
    with only_writer(shop.settings), pytest.raises(BusyError, match=r"dev is busy: .* pid"), only_writer(shop.settings):
        pass


def test_a_batch_that_died_after_writing_the_lake_is_taken_back_and_loaded_once(
    shop: Shop, spark: SparkSession
) -> None:
    shop.put_sales("one.csv", A)
    shop.ingest(spark)
    before = shop.state()
    lake = Lake(spark, shop.settings.storage)
    _die_after_the_lake(shop, lake)
    assert len(shop.facts()) == 2
    shop.put_sales("two.csv", B)
    shop.ingest(spark)
    assert open_batches(shop.settings) == []
    assert len(shop.facts()) == 2
    assert [row["delivery_id"] for row in shop.facts()] == [1, 2]
    assert before[0][0] in shop.customer_mart()


def test_what_a_writer_of_another_process_left_is_taken_back_too(shop: Shop, spark: SparkSession) -> None:
    """This JVM has seen the lake before, and none of its newest versions."""
    shop.put_sales("one.csv", A)
    shop.ingest(spark)
    prefixes = shop.settings.storage.prefixes
    facts, rejects = shop.lake_table(prefixes.facts), shop.lake_table(prefixes.rejects)
    shop.do(
        "INSERT INTO batches (epoch, first_delivery, last_delivery, deliveries, facts_version, rejects_version, "  # noqa: S608  our own numbers
        f"started_at) VALUES (1, 1, 1, 1, {facts.version()}, {rejects.version()}, UTC_TIMESTAMP(6))"
    )
    deltalake.write_deltalake(facts, facts.to_pyarrow_table(), mode="append")
    assert len(shop.facts()) == 2
    shop.ingest(spark)
    assert (open_batches(shop.settings), len(shop.facts())) == ([], 1)


def test_a_writer_that_slept_through_a_takeover_cannot_commit(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("one.csv", A)
    shop.ingest(spark)
    with only_writer(shop.settings) as stalled:
        settlement = Settlement(verdicts=(Verdict(delivery_id=1, status=Status.PROCESSED),), superseded={})
        batch_id = open_batch(shop.settings, stalled, settlement, versions=(1, 1))
        shop.do("UPDATE locks SET epoch = epoch + 1 WHERE lock_name = 'writer'")
        nothing = MartChanges(customers=(), store_months=(), team_before=(), team=(), incentives=(), rejects=())
        with pytest.raises(BusyError, match="another writer took over"):
            commit_batch(shop.settings, stalled, batch_id, settlement, nothing, stages={})
    assert shop.sql("SELECT committed_at FROM batches ORDER BY batch_id DESC LIMIT 1") == [{"committed_at": None}]


def _die_after_the_lake(shop: Shop, lake: Lake) -> None:
    """What a driver leaves that is killed between the lake and the marts: facts of a delivery that still waits."""
    with only_writer(shop.settings) as writer:
        versions = lake.versions()
        settlement = Settlement(verdicts=(Verdict(delivery_id=2, status=Status.PROCESSED),), superseded={})
        batch_id = open_batch(shop.settings, writer, settlement, versions=(versions.facts, versions.rejects))
        facts = lake.all_facts(at=versions).where("delivery_id = 1")
        (first,) = facts.collect()
        copy = facts.replace(first.line_number, 99, subset=["line_number"])
        lake.add_facts(copy, batch_id=batch_id, rows=1, replacing=())
        assert lake.versions() == LakeVersions(facts=versions.facts + 1, rejects=versions.rejects)


def _without_ids(state: tuple[object, ...]) -> tuple[object, ...]:
    customers, team, facts = state
    assert isinstance(facts, list)
    return customers, team, sorted(fact[:FACT_ID] + fact[FACT_ID + 1 :] for fact in facts)
