"""Rows for the rooms: whole ones from a few values."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from streaming.contract import columns as c
from streaming.schema import frame_of, schema_of
from streaming.validation import with_checks
from tests.landed import TODAY, Values


def typed(spark: SparkSession, landed: pa.RecordBatch) -> DataFrame:
    """Rows as Spark is given them."""
    frame: DataFrame = spark.createDataFrame(
        pa.Table.from_batches([with_checks(landed, today=TODAY)]), schema_of(c.TYPED)
    )
    return frame


def checked(spark: SparkSession, *rows: Values) -> DataFrame:
    """Rows as they leave enrichment: a fact but for the values given."""
    fact = {
        "delivery_id": 1,
        "line_number": 2,
        "customer_id": 7,
        "store_id": 1,
        "product_name": "Rye flour",
        "sales_date": date(2026, 3, 14),
        "sales_person_id": 3,
        "price": Decimal("2.50"),
        "quantity": 4,
        "total_cost": Decimal("10.00"),
        "sales_month": "2026-03",
        "customer_name": "Ada Byron",
        "sales_person_name": "Grace Hopper",
        "reason_codes": "",
    }
    return frame_of(spark, [{**fact, **row} for row in rows], c.CHECKED)


def values_of(frame: DataFrame, *names: str) -> list[tuple[object, ...]]:
    """The rows of a frame as sorted tuples of these columns."""
    return sorted((tuple(row[name] for name in names) for row in frame.collect()), key=str)
