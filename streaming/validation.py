"""From text to typed sales: every rule that a row can break by itself, with its reason code."""

from datetime import date
from functools import lru_cache

from pyspark import SparkContext
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from streaming.contract import columns as c
from streaming.contract.reasons import REASON_SEPARATOR, RowReason

ID = r"^-?[0-9]{1,18}$"
COUNT = r"^-?[0-9]{1,9}$"
UNIT_MONEY = r"^-?[0-9]{1,10}(\.[0-9]{1,2})?$"
DAY = r"^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}$"
WRITTEN_AS = {
    c.CUSTOMER_ID: ID,
    c.STORE_ID: ID,
    c.SALES_DATE: DAY,
    c.SALES_PERSON_ID: ID,
    c.PRICE: UNIT_MONEY,
    c.QUANTITY: COUNT,
    c.TOTAL_COST: c.LINE_MONEY,
}
"""How each typed column must look; any text will do for the others."""

FIRST_DAY = date(2000, 1, 1)
CENT = "0.01"


def with_checks(landed: DataFrame, *, today: date) -> DataFrame:
    """Type the mandatory columns and add `reason_codes`: "" for a row that keeps all rules, null for a closing row.

    Args:
        landed: rows as `contract.columns.LANDED`.
        today: the day (UTC) against which a date counts as too far ahead.
    """
    values, told = _checks(landed.sparkSession.sparkContext, today)
    return landed.withColumns(values).select(*told)


@lru_cache(maxsize=2)
def _checks(_spark: SparkContext, today: date) -> tuple[dict[str, Column], tuple[Column, ...]]:
    """The typed values and what is told of a row, the same for every batch of a day: Spark takes long to be told."""
    values = {f"{name}_value": typed(name, kind) for name, kind in c.SALE_TYPES}
    reason_codes = F.when(F.col("line_number").isNotNull(), reasons(today=today))
    told = (
        *map(F.col, ("delivery_id", "line_number")),
        *(F.col(f"{name}_value").alias(name) for name in c.MANDATORY),
        reason_codes.alias("reason_codes"),
        *map(F.col, ("additional_columns", "raw", "rows_in_file", "file_reason")),
    )
    return values, told


def typed(name: str, kind: str) -> Column:
    """The value of a text that is written as the column's contract says, null for any other text."""
    text = F.col(name)
    return F.when(is_written_well(name, text), text.try_cast(kind))


def is_written_well(name: str, text: Column) -> Column:
    """True when the text looks like a value of the column."""
    pattern = WRITTEN_AS.get(name)
    return text.rlike(pattern) if pattern else text.isNotNull()


def reasons(*, today: date) -> Column:
    """All reason codes of a row, by column in the contract's order, then the total; "" when there is none."""
    by_column = (reason_of(name, today=today) for name in c.MANDATORY)
    told = F.concat_ws(REASON_SEPARATOR, *by_column, reason_of_total())
    return F.when(F.col("malformed"), F.lit(RowReason.MALFORMED_ROW)).otherwise(told)


def reason_of(name: str, *, today: date) -> Column:
    """Why the column's value is refused, null when it is not."""
    value = F.col(f"{name}_value")
    reason = F.when(F.col(name) == "", F.lit(RowReason.MISSING.about(name))).when(
        value.isNull(), F.lit(RowReason.BAD_TYPE.about(name))
    )
    in_range = is_in_range(name, value, today=today)
    if in_range is None:
        return reason
    return reason.when(~in_range, F.lit(RowReason.OUT_OF_RANGE.about(name)))


def is_in_range(name: str, value: Column, *, today: date) -> Column | None:
    """True when the value is one that a till can print; None for columns where any value is."""
    if name == c.QUANTITY:
        return value > 0
    if name == c.PRICE:
        return value >= 0
    if name == c.SALES_DATE:
        return (value >= F.lit(FIRST_DAY)) & (value <= F.date_add(F.lit(today), 1))
    return None


def reason_of_total() -> Column:
    """Why the line's total is refused, null when it is not or one of its parts has no value."""
    price, quantity, total = (F.col(f"{name}_value") for name in (c.PRICE, c.QUANTITY, c.TOTAL_COST))
    return F.when(~total_is_consistent(price, quantity, total), F.lit(RowReason.TOTAL_MISMATCH))


def total_is_consistent(price: Column, quantity: Column, total: Column) -> Column:
    """True when the line total agrees with price times quantity to the cent, null when a part is null."""
    return F.abs(price * quantity - total) <= F.lit(CENT).cast("DECIMAL(3,2)")
