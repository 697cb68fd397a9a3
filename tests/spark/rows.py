"""Rows for the rooms: whole ones from a few values."""

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from streaming.contract import columns as c
from streaming.schema import frame_of
from streaming.validation import with_checks
from tests.landed import SOLD, TODAY, Values


def typed(spark: SparkSession, landed: pa.RecordBatch) -> DataFrame:
    """Rows as Spark is given them."""
    return frame_of(spark, with_checks(landed, today=TODAY).to_pylist(), c.TYPED)


def checked(spark: SparkSession, *rows: Values) -> DataFrame:
    """Rows as they leave enrichment: a fact but for the values given."""
    fact = {
        "delivery_id": 1,
        "line_number": 2,
        **SOLD,
        "customer_name": "Ada Byron",
        "sales_person_name": "Grace Hopper",
        "reason_codes": "",
    }
    return frame_of(spark, [{**fact, **row} for row in rows], c.CHECKED)


def values_of(frame: DataFrame, *names: str) -> list[tuple[object, ...]]:
    """The rows of a frame as sorted tuples of these columns."""
    return sorted((tuple(row[name] for name in names) for row in frame.collect()), key=str)
