"""Which of the checked rows become facts, which rejects, and how many of each a delivery brought."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from streaming.contract import columns as c
from streaming.contract.reasons import REASON_SEPARATOR, RowReason
from streaming.contract.settlements import FileReport

Tally: TypeAlias = Mapping[str, Any]
"""A row of `contract.columns.TALLIES`."""


def only_facts(checked: DataFrame, *, but_of: Collection[int]) -> DataFrame:
    """The accepted sales, but for those of some deliveries, as `contract.columns.FACTS`."""
    return without(checked, but_of).where(F.col("reason_codes") == "").select(c.names(c.FACTS))


def only_rejects(checked: DataFrame, *, but_of: Collection[int]) -> DataFrame:
    """The refused rows, but for those of some deliveries, as `contract.columns.REJECTS`."""
    return refused(checked, but_of=but_of).select(c.names(c.REJECTS))


def refused(checked: DataFrame, *, but_of: Collection[int]) -> DataFrame:
    """The same with all that was checked, and their `reasons` apart."""
    mine = without(checked, but_of).where(F.col("reason_codes") != "")
    return mine.withColumn("reasons", F.split("reason_codes", REASON_SEPARATOR))


def without(rows: DataFrame, deliveries: Collection[int]) -> DataFrame:
    """Rows but for those of some deliveries.

    Mostly there are none, and Spark is told the same in each batch: what it compiled for the one before serves again.
    """
    return rows.where(~F.col("delivery_id").isin(*deliveries)) if deliveries else rows


def under_heirs(rows: DataFrame, heirs: Mapping[int, int]) -> DataFrame:
    """The same facts or rejects as rows of the deliveries that inherit them: old delivery id to new."""
    heir = F.coalesce(*(F.when(F.col("delivery_id") == old, F.lit(new)) for old, new in heirs.items()))
    return rows.withColumn("delivery_id", heir.cast("BIGINT"))


def per_fate(checked: DataFrame) -> DataFrame:
    """Rows and money per delivery, file reason and row reasons, of facts by whom sold, as `contract.columns.TALLIES`.

    Closing rows are a fate of their own: with the rows that the file had, and none here.
    """
    is_fact = F.col("reason_codes") == ""
    sellers = (
        F.when(is_fact, F.col(name)).alias(name) for name in ("store_id", "sales_person_id", "sales_person_name")
    )
    fates = checked.groupBy("delivery_id", "file_reason", "reason_codes", "sales_month", *sellers).agg(
        F.count("line_number").alias("rows"),
        F.sum(c.TOTAL_COST).alias("amount"),
        F.max("rows_in_file").alias("rows_in_file"),
    )
    return fates.select(c.names(c.TALLIES))


def per_reason(checked: DataFrame, *, but_of: Collection[int], most_keys: int = c.MOST_UNKNOWN_KEYS) -> DataFrame:
    """Refused rows per delivery and reason with the first one's text, as `contract.columns.REJECT_TALLIES`.

    Args:
        checked: rows with their reason codes.
        but_of: deliveries whose rows do not count.
        most_keys: how many unknown keys to name for each delivery and reason.
    """
    told = refused(checked, but_of=but_of).withColumn("reason", F.explode("reasons"))
    per_key = (
        told.withColumn("unknown_key", unknown_key(F.col("reason")))
        .groupBy("delivery_id", "reason", "unknown_key")
        .agg(
            F.count(F.lit(1)).alias("rows"),
            F.min("line_number").alias("line"),
            F.min_by(F.substring("raw", 1, c.LONGEST_SAMPLE), "line_number").alias("sample"),
        )
    )
    turn = F.row_number().over(Window.partitionBy("delivery_id", "reason").orderBy("line"))
    is_key = (F.char_length("unknown_key") <= c.LONGEST_DIMENSION_KEY) & (F.col("turn") <= most_keys)
    tallies = (
        per_key.withColumn("turn", turn)
        .groupBy("delivery_id", "reason")
        .agg(
            F.sum("rows").alias("rows"),
            F.min_by("sample", "line").alias("sample"),
            F.map_from_entries(F.collect_list(F.when(is_key, F.struct("unknown_key", "rows")))).alias("unknown_keys"),
        )
    )
    return tallies.select(c.names(c.REJECT_TALLIES))


def unknown_key(reason: Column) -> Column:
    """The key that a row was refused for, as text; null for a reason that is about no dimension."""
    columns = {
        RowReason.UNKNOWN_CUSTOMER: c.CUSTOMER_ID,
        RowReason.UNKNOWN_STORE: c.STORE_ID,
        RowReason.UNKNOWN_PRODUCT: c.PRODUCT_NAME,
        RowReason.UNKNOWN_SALES_PERSON: c.SALES_PERSON_ID,
    }
    return F.coalesce(*(F.when(reason == code, F.col(name).cast("STRING")) for code, name in columns.items()))


def tallied(checked: DataFrame) -> list[Tally]:
    """The rows of `per_fate`: some hundreds for each delivery at most, however many rows it has."""
    tallies: list[Tally] = per_fate(checked).toArrow().to_pylist()
    return tallies


def reports(tallies: Iterable[Tally]) -> dict[int, FileReport]:
    """What reading each delivery showed, by delivery id."""
    fates: dict[int, list[Tally]] = defaultdict(list)
    for tally in tallies:
        fates[tally["delivery_id"]].append(tally)
    return {delivery_id: _report(delivery_id, told) for delivery_id, told in fates.items()}


def sold_of(tallies: Iterable[Tally], *, but_of: Collection[int]) -> list[dict[str, object]]:
    """The facts among tallies, but for those of some deliveries, as `contract.columns.TEAM_CHANGES`."""
    return [
        {
            "store_id": tally["store_id"],
            "sales_month": tally["sales_month"],
            "sales_person_id": tally["sales_person_id"],
            "full_name": tally["sales_person_name"],
            "sales": tally["rows"],
            "total_sales": tally["amount"],
            "deliveries": [tally["delivery_id"]],
        }
        for tally in tallies
        if tally["reason_codes"] == "" and tally["delivery_id"] not in but_of
    ]


def _report(delivery_id: int, fates: Sequence[Tally]) -> FileReport:
    (closing,) = (fate for fate in fates if fate["reason_codes"] is None)
    loaded = [fate for fate in fates if fate["reason_codes"] == ""]
    return FileReport(
        delivery_id=delivery_id,
        reason=closing["file_reason"],
        rows_in_file=closing["rows_in_file"],
        rows_loaded=sum(fate["rows"] for fate in loaded),
        rows_rejected=sum(fate["rows"] for fate in fates if fate["reason_codes"]),
        amount_loaded=sum((fate["amount"] for fate in loaded), Decimal("0.00")),
        sales_months=tuple(sorted({fate["sales_month"] for fate in loaded})),
    )
