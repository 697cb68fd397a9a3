"""A past for an environment: facts in the lake, deliveries in the ledger and both marts, without running the stream."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from streaming.contract import columns as c
from streaming.contract.arrow import Rows
from streaming.contract.decisions import settle
from streaming.contract.deliveries import Arrival
from streaming.contract.settlements import Ledger
from streaming.enrichment import Dimensions
from streaming.facts import SELLERS, reports, sold_of
from streaming.incentives import incentive_entries
from streaming.lake import Lake
from streaming.ranking import ranked, store_month_of
from streaming.session import spark_session
from streaming.snapshots import Snapshots
from streaming.warehouse.batches import MartChanges, commit_batch, open_batch
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import deliveries_of, record_arrivals
from streaming.warehouse.writer import only_writer
from tests.bench.stage import Stage

if TYPE_CHECKING:
    from streaming.contract.settings import Settings

FIRST_DAY = date(2023, 11, 1)
DAYS = 1_096
STORES, PEOPLE_PER_STORE, CUSTOMERS, PRODUCTS = 10, 8, 5_000, 200
MOST_OF_ONE_PRODUCT = 5
DELIVERIES_AT_ONCE = 1_000
BYTES_OF_A_FILE = 40_000


def key_of(stage: Stage, delivery_id: int) -> str:
    """Under which key a delivery of the past had been put."""
    return f"{stage.settings.storage.prefixes.landing}past/{delivery_id:06}.csv"


def grow(stage: Stage, *, deliveries: int, rows_each: int) -> None:
    """Give an empty environment so many deliveries of so many sales, each of one store and one day.

    The lake is as compaction leaves it: few files for each store and month.
    """
    settings = stage.settings
    with (
        TemporaryDirectory(prefix="tillstream-history-") as folder,
        spark_session(settings, trigger="available-now", folder=Path(folder)) as spark,
    ):
        lake = Lake(spark, settings.storage)
        lake.create()
        sales = _facts(spark, settings, deliveries=deliveries, rows_each=rows_each)
        sales.write.format("delta").mode("append").save(lake.facts_path)
        facts = lake.all_facts(at=lake.versions())
        _tell_ledger(stage, facts, deliveries=deliveries, rows_each=rows_each)


def _facts(spark: SparkSession, settings: "Settings", *, deliveries: int, rows_each: int) -> DataFrame:
    """The sales, in the order of their days, as `contract.columns.FACTS`."""
    rows = spark.range(deliveries * rows_each, numPartitions=max(1, deliveries // DELIVERIES_AT_ONCE))
    number, draw = F.floor(F.col("id") / rows_each), F.abs(F.xxhash64("id"))
    store = F.col("number") % STORES
    sales = rows.select("id", number.alias("number"), draw.alias("draw")).select(
        (F.col("number") + 1).alias("delivery_id"),
        (F.col("id") % rows_each + 2).alias("line_number"),
        (F.col("draw") % CUSTOMERS + 1).alias("customer_id"),
        (store + 1).alias("store_id"),
        (F.col("draw") % PRODUCTS + 1).alias("product_id"),
        F.date_add(F.lit(FIRST_DAY), (F.col("number") * DAYS / deliveries).cast("INT")).alias("sales_date"),
        (store * PEOPLE_PER_STORE + F.col("draw") % PEOPLE_PER_STORE + 1).alias("sales_person_id"),
        (F.col("draw") % MOST_OF_ONE_PRODUCT + 1).cast("INT").alias("quantity"),
    )
    dimensions = Snapshots().now(settings, lambda _: {})  # none is large
    known = {
        key: F.broadcast(spark.createDataFrame(pa.Table.from_batches([rows]))) for key, rows in _by_key(dimensions)
    }
    named = sales.join(known["product_name"], on="product_id")
    for key in ("customer_id", "store_id", "sales_person_id"):
        named = named.join(known[key], on=key)
    return named.withColumns(
        {
            "price": F.col("list_price"),
            "total_cost": (F.col("list_price") * F.col("quantity")).cast("DECIMAL(18,2)"),
            "sales_month": F.date_format("sales_date", "yyyy-MM"),
            "additional_columns": F.lit(None).cast("STRING"),
        }
    ).select(c.names(c.FACTS))


def _by_key(dimensions: Dimensions) -> Iterator[tuple[str, pa.RecordBatch]]:
    for _, rows in dimensions.by_reason():
        yield rows.schema.names[0], rows


def _tell_ledger(stage: Stage, facts: DataFrame, *, deliveries: int, rows_each: int) -> None:
    """Verdicts and marts, as batches that loaded all of it would have left them."""
    sold = facts.groupBy("delivery_id", "sales_month", *SELLERS).agg(
        F.count(F.lit(1)).alias("rows"), F.sum("total_cost").alias("amount")
    )
    tallies = [{**row, "reason_codes": "", "file_reason": None} for row in sold.toArrow().to_pylist()]
    bought = facts.groupBy("customer_id", "sales_month", F.col("customer_name").alias("full_name")).agg(
        F.count(F.lit(1)).alias("purchases"), F.sum("total_cost").alias("total_purchases")
    )
    read = reports([*tallies, *(_closing(number, rows=rows_each) for number in range(1, deliveries + 1))])
    team = ranked((), sold_of(tallies, but_of=()))
    nothing = MartChanges(customers=(), store_months=(), team_before=(), team=(), incentives=(), rejects=())
    marts = replace(
        nothing,
        customers=Rows(bought.toArrow()),
        store_months=sorted({store_month_of(row) for row in team}),
        team=team,
        incentives=incentive_entries((), team, {}),
    )
    with connected(stage.settings.warehouse) as database:
        record_arrivals(database, [_arrival(stage, number) for number in range(1, deliveries + 1)])
    with only_writer(stage.settings) as writer:
        for first in range(1, deliveries + 1, DELIVERIES_AT_ONCE):
            ids = range(first, min(first + DELIVERIES_AT_ONCE, deliveries + 1))
            with connected(stage.settings.warehouse) as database:
                settlement = settle(deliveries_of(database, ids), Ledger(), {n: read[n] for n in ids}, policy="load")
            batch_id = open_batch(stage.settings, writer, settlement, versions=(0, 0))
            brought = marts if first == 1 else nothing
            commit_batch(stage.settings, writer, batch_id, settlement, brought, stages={})


def _closing(delivery_id: int, *, rows: int) -> dict[str, object]:
    return {"delivery_id": delivery_id, "reason_codes": None, "file_reason": None, "rows_in_file": rows}


def _arrival(stage: Stage, delivery_id: int) -> Arrival:
    return Arrival(
        object_key=key_of(stage, delivery_id),
        etag=f"{delivery_id:032x}",
        size_bytes=BYTES_OF_A_FILE,
        last_modified=datetime.combine(FIRST_DAY + timedelta(days=DAYS), time(), UTC),
    )
