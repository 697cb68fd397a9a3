"""What the dimensions know about a sale, and which sales speak of someone or something they do not know."""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from streaming.contract import columns as c
from streaming.contract.reasons import REASON_SEPARATOR, RowReason

MONTH = "yyyy-MM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions:
    """One snapshot of the four dimension tables, with the columns of `contract.columns.DIMENSION_COLUMNS`."""

    customers: DataFrame
    stores: DataFrame
    products: DataFrame
    sales_team: DataFrame


def join_dimensions(checked: DataFrame, dimensions: Dimensions) -> DataFrame:
    """Add what the dimensions know; a row with an unknown key stays, and gets a reason code for each."""
    joined = (
        checked.join(known(dimensions.customers, "customer"), on=c.CUSTOMER_ID, how="left")
        .join(known(dimensions.stores, "store"), on=c.STORE_ID, how="left")
        .join(known(dimensions.products, "product"), on=c.PRODUCT_NAME, how="left")
        .join(known(dimensions.sales_team, "sales_person"), on=c.SALES_PERSON_ID, how="left")
    )
    return joined.withColumn(
        "reason_codes", F.when(F.col("reason_codes") == "", unknown_keys()).otherwise(F.col("reason_codes"))
    )


def known(dimension: DataFrame, what: str) -> DataFrame:
    """The dimension, small enough for every task to hold, with a mark that a sale found its row."""
    return F.broadcast(dimension.withColumn(f"knows_{what}", F.lit(col=True)))


def unknown_keys() -> Column:
    """Reason codes of the keys without a row, "" when all have one."""
    return F.concat_ws(
        REASON_SEPARATOR,
        reason_unless_known("customer", RowReason.UNKNOWN_CUSTOMER),
        reason_unless_known("store", RowReason.UNKNOWN_STORE),
        reason_unless_known("product", RowReason.UNKNOWN_PRODUCT),
        reason_unless_known("sales_person", RowReason.UNKNOWN_SALES_PERSON),
    )


def reason_unless_known(what: str, reason: RowReason) -> Column:
    """The reason where no row was found, null where one was."""
    return F.when(F.col(f"knows_{what}").isNull(), F.lit(reason))


def as_checked(joined: DataFrame) -> DataFrame:
    """Every landed row with its fate, as `contract.columns.CHECKED`: what all later rooms work on."""
    is_fact = F.col("reason_codes") == ""
    rows = joined.withColumns(
        {
            "sales_month": F.when(is_fact, F.date_format(c.SALES_DATE, MONTH)),
            "raw": F.when(~is_fact, F.col("raw")),
        }
    )
    return rows.select(c.names(c.CHECKED))
