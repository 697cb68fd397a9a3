"""Which of the checked rows become facts, which rejects, and how many of each a delivery brought."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from streaming.contract import columns as c
from streaming.contract.reasons import REASON_SEPARATOR, RowReason
from streaming.contract.settlements import FileReport


def only_facts(checked: DataFrame, deliveries: Collection[int]) -> DataFrame:
    """The accepted sales of these deliveries, as `contract.columns.FACTS`."""
    is_fact = F.col("reason_codes") == ""
    return checked.where(is_fact & F.col("delivery_id").isin(*deliveries)).select(c.names(c.FACTS))


def only_rejects(checked: DataFrame, deliveries: Collection[int]) -> DataFrame:
    """The refused rows of these deliveries, as `contract.columns.REJECTS`."""
    return refused(checked, deliveries).select(c.names(c.REJECTS))


def refused(checked: DataFrame, deliveries: Collection[int]) -> DataFrame:
    """The checked rows of these deliveries that were refused, with their `reasons` apart."""
    is_refused = F.col("reason_codes") != ""
    mine = checked.where(is_refused & F.col("delivery_id").isin(*deliveries))
    return mine.withColumn("reasons", F.split("reason_codes", REASON_SEPARATOR))


def under_heirs(rows: DataFrame, heirs: Mapping[int, int]) -> DataFrame:
    """The same facts or rejects as rows of the deliveries that inherit them: old delivery id to new."""
    heir = F.coalesce(*(F.when(F.col("delivery_id") == old, F.lit(new)) for old, new in heirs.items()))
    return rows.withColumn("delivery_id", heir.cast("BIGINT"))


def per_fate(checked: DataFrame) -> DataFrame:
    """Rows and money per delivery, file reason, row reasons and month, as `contract.columns.TALLIES`.

    Closing rows are a fate of their own: with the rows that the file had, and none here.
    """
    fates = checked.groupBy("delivery_id", "file_reason", "reason_codes", "sales_month").agg(
        F.count("line_number").alias("rows"),
        F.sum(c.TOTAL_COST).alias("amount"),
        F.max("rows_in_file").alias("rows_in_file"),
    )
    return fates.select(c.names(c.TALLIES))


def per_reason(checked: DataFrame, deliveries: Collection[int], *, most_keys: int = c.MOST_UNKNOWN_KEYS) -> DataFrame:
    """Refused rows per delivery and reason with the first one's text, as `contract.columns.REJECT_TALLIES`.

    Args:
        checked: rows with their reason codes.
        deliveries: whose rows to count.
        most_keys: how many unknown keys to name for each delivery and reason.
    """
    told = refused(checked, deliveries).withColumn("reason", F.explode("reasons"))
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


def reports(tallies: Iterable[Row]) -> dict[int, FileReport]:
    """What reading each delivery showed, from the rows of `per_fate`, by delivery id."""
    fates: dict[int, list[Row]] = defaultdict(list)
    for tally in tallies:
        fates[tally.delivery_id].append(tally)
    return {delivery_id: _report(delivery_id, told) for delivery_id, told in fates.items()}


def _report(delivery_id: int, fates: Iterable[Row]) -> FileReport:
    (closing,) = (fate for fate in fates if fate.reason_codes is None)
    loaded = [fate for fate in fates if fate.reason_codes == ""]
    return FileReport(
        delivery_id=delivery_id,
        reason=closing.file_reason,
        rows_in_file=closing.rows_in_file,
        rows_loaded=sum(fate.rows for fate in loaded),
        rows_rejected=sum(fate.rows for fate in fates if fate.reason_codes),
        amount_loaded=sum((fate.amount for fate in loaded), Decimal("0.00")),
        sales_months=tuple(sorted(fate.sales_month for fate in loaded)),
    )
