"""Rows for the rooms: whole ones from a few values."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pyspark.sql import DataFrame, SparkSession

from streaming.contract import columns as c
from streaming.schema import frame_of

GOOD = {
    "customer_id": "7",
    "store_id": "1",
    "product_name": "Rye flour",
    "sales_date": "2026-03-14",
    "sales_person_id": "3",
    "price": "2.50",
    "quantity": "4",
    "total_cost": "10.00",
}
TODAY = date(2026, 11, 24)
Values = Mapping[str, object]


def landed(spark: SparkSession, *rows: Values) -> DataFrame:
    """Rows as the source yields them: a good sale but for the values given."""
    defaults = {"delivery_id": 1, "line_number": 2, "raw": "as it stood", "malformed": False, **GOOD}
    return frame_of(spark, [{**defaults, **row} for row in rows], c.LANDED)


def closing(spark: SparkSession, **values: object) -> DataFrame:
    """A closing row."""
    return frame_of(spark, [{"delivery_id": 1, "malformed": False, "rows_in_file": 0, **values}], c.LANDED)


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
