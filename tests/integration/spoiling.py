"""A shop with files of every verdict, and all the ways to spoil it by hand."""

import deltalake
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import SparkSession

from tasks.archive import archive
from tasks.reconcile.differences import Kind
from tests.integration.test_attempts import BIG, STRANGER, A, B, C
from tests.shop import Shop

MAY = "1,2,Green tea,2026-05-01,3,3.00,2,6.00"
JUNE = "2,1,Rye flour,2026-06-02,1,2.50,3,7.50"
JULY = "2,1,Rye flour,2026-07-02,1,2.50,1,2.50"
AUGUST = "2,1,Rye flour,2026-08-02,1,2.50,1,2.50"
NONSENSE = "what,is,this\n1,2,3\n"

Found = set[tuple[Kind, int | None]]


def fill(shop: Shop, spark: SparkSession) -> None:
    for name, sales in (("one", (A, B)), ("two", (C,)), ("may", (MAY, STRANGER)), ("june", (JUNE, JUNE, STRANGER))):
        shop.put_sales(f"{name}.csv", *sales)
    shop.put("bad.csv", NONSENSE)
    shop.ingest(spark)
    archive(shop.settings)
    shop.put_sales("one.csv", A, BIG)
    shop.put_sales("two-again.csv", C)
    shop.put_sales("july.csv", JULY)
    shop.ingest(spark)
    archive(shop.settings)


def ids(shop: Shop) -> dict[str, int]:
    """The newest delivery of each key."""
    return {str(row["object_key"]).removesuffix(".csv"): int(str(row["delivery_id"])) for row in shop.deliveries()}


def facts_of(shop: Shop, delivery_id: int) -> pa.Table:
    rows = shop.lake_table(shop.settings.storage.prefixes.facts).to_pyarrow_table()
    return rows.filter(pc.field("delivery_id") == delivery_id)


def spoil_lake(shop: Shop) -> Found:
    """Facts and rejects lost, told twice, and made up."""
    of, prefixes = ids(shop), shop.settings.storage.prefixes
    facts, rejects = shop.lake_table(prefixes.facts), shop.lake_table(prefixes.rejects)
    deltalake.write_deltalake(facts, facts_of(shop, of["june"]), mode="append")
    made_up = facts_of(shop, of["july"]).set_column(0, "delivery_id", pa.array([999], pa.int64()))
    deltalake.write_deltalake(facts, made_up, mode="append")
    facts.delete(f"delivery_id = {of['two']}")
    rejects.delete(f"delivery_id = {of['may']}")
    return {
        (Kind.REPEATED_LINES, of["june"]),
        (Kind.FACTS, of["june"]),
        (Kind.STRAY_FACTS, 999),
        (Kind.FACTS, of["two"]),
        (Kind.REJECTS, of["may"]),
    }


def spoil_database(shop: Shop) -> Found:
    """Figures of the ledger, rows of the marts, and what payroll was told."""
    of = ids(shop)
    shop.do(f"UPDATE deliveries SET rows_read = rows_read + 1 WHERE delivery_id = {of['july']}")  # noqa: S608  our own number
    shop.do(f"UPDATE deliveries SET batch_id = 9999 WHERE delivery_id = {of['may']}")  # noqa: S608  the same
    shop.do("UPDATE customer_mart SET total_purchases = total_purchases + 0.01 WHERE sales_month = '2026-07'")
    shop.do("INSERT INTO customer_mart VALUES (1, '1999-01', 'Ada Byron', 1, 1.00)")
    shop.do("DELETE FROM sales_team_mart WHERE sales_month = '2026-05'")
    shop.do("UPDATE incentive_ledger SET amount = amount + 1 WHERE sales_month = '2026-03' AND kind = 'award' LIMIT 1")
    marts = {(kind, None) for kind in (Kind.CUSTOMER_MART, Kind.TEAM_MART, Kind.INCENTIVES)}
    return {(Kind.UNBALANCED, of["july"]), (Kind.LOST_BATCH, of["may"]), *marts}


def spoil_objects(shop: Shop) -> Found:
    """A file lost of which a duplicate has the bytes, and one that was never deleted from landing."""
    of, landing = ids(shop), shop.settings.storage.prefixes.landing
    (lost,) = shop.sql(f"SELECT archived_key, etag FROM deliveries WHERE delivery_id = {of['two']}")  # noqa: S608  the same
    shop.bucket.delete(str(lost["archived_key"]), etag=str(lost["etag"]))
    shop.put_sales("july.csv", JULY)
    seen = shop.bucket.seen(f"{landing}july.csv").last_modified.replace(tzinfo=None)
    shop.do(f"UPDATE deliveries SET last_modified = '{seen}' WHERE delivery_id = {of['july']}")  # noqa: S608  the same
    return {(Kind.MISSING_OBJECT, of["two"]), (Kind.TWO_PLACES, of["july"])}


def roll_back_newest_batch(shop: Shop) -> None:
    """What a hasty administrator might do."""
    (newest,) = shop.sql("SELECT MAX(batch_id) AS batch_id FROM batches")
    figures = "rows_read = 0, rows_loaded = 0, rows_rejected = 0, amount_loaded = 0, sales_months = '[]'"
    undone = f"status = 'waiting', batch_id = NULL, finished_at = NULL, {figures}"
    shop.do(f"UPDATE deliveries SET {undone} WHERE batch_id = {newest['batch_id']}")  # noqa: S608  our own number
    shop.do(f"DELETE FROM batches WHERE batch_id = {newest['batch_id']}")  # noqa: S608  the same


def leave_a_batch_open(shop: Shop) -> None:
    """What a writer leaves behind that dies after it wrote to the lake."""
    prefixes = shop.settings.storage.prefixes
    facts, rejects = shop.lake_table(prefixes.facts), shop.lake_table(prefixes.rejects)
    versions = f"{facts.version()}, {rejects.version()}"
    shop.do(
        "INSERT INTO batches (epoch, first_delivery, last_delivery, deliveries, facts_version, rejects_version, "  # noqa: S608  our own numbers
        f"started_at) VALUES (1, 1, 1, 1, {versions}, UTC_TIMESTAMP(6))"
    )
    deltalake.write_deltalake(facts, facts_of(shop, ids(shop)["june"]), mode="append")
