"""What the dimensions know about a sale, and which sales speak of someone or something they do not know."""

from dataclasses import dataclass
from functools import lru_cache

from pyspark import SparkContext
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from streaming.contract import columns as c
from streaming.contract.reasons import REASON_SEPARATOR, RowReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions:
    """One snapshot of the four dimension tables, each as `known`."""

    customers: DataFrame
    stores: DataFrame
    products: DataFrame
    sales_team: DataFrame


def join_dimensions(typed: DataFrame, dimensions: Dimensions) -> DataFrame:
    """Add what the dimensions know; a row with an unknown key stays, and gets a reason code for each."""
    joined = (
        typed.join(dimensions.customers, on=c.CUSTOMER_ID, how="left")
        .join(dimensions.stores, on=c.STORE_ID, how="left")
        .join(dimensions.products, on=c.PRODUCT_NAME, how="left")
        .join(dimensions.sales_team, on=c.SALES_PERSON_ID, how="left")
    )
    return joined.withColumn("reason_codes", reasons_with_unknown_keys(typed.sparkSession.sparkContext))


def known(dimension: DataFrame, name: str) -> DataFrame:
    """A dimension (`contract.columns.DIMENSION_COLUMNS`), marked so that a match is seen."""
    return dimension.withColumn(f"knows_{name}", F.lit(col=True))


def held_by_tasks(dimension: DataFrame) -> DataFrame:
    """A dimension small enough for every task to hold it: sales are then joined where they are."""
    return F.broadcast(dimension)


@lru_cache(maxsize=2)
def reasons_with_unknown_keys(_spark: SparkContext) -> Column:
    """The reason codes so far; where there are none, those of the keys without a row, "" when all have one."""
    unknown_keys = F.concat_ws(
        REASON_SEPARATOR,
        reason_unless_known("customers", RowReason.UNKNOWN_CUSTOMER),
        reason_unless_known("stores", RowReason.UNKNOWN_STORE),
        reason_unless_known("products", RowReason.UNKNOWN_PRODUCT),
        reason_unless_known("sales_team", RowReason.UNKNOWN_SALES_PERSON),
    )
    return F.when(F.col("reason_codes") == "", unknown_keys).otherwise(F.col("reason_codes"))


def reason_unless_known(name: str, reason: RowReason) -> Column:
    """The reason where the dimension has no row, null where it has."""
    return F.when(F.col(f"knows_{name}").isNull(), F.lit(reason))


def as_checked(joined: DataFrame) -> DataFrame:
    """Every landed row with its fate, as `contract.columns.CHECKED`: what all later rooms work on."""
    return joined.select(*_checked(joined.sparkSession.sparkContext))


@lru_cache(maxsize=2)
def _checked(_spark: SparkContext) -> tuple[Column, ...]:
    is_fact = F.col("reason_codes") == ""
    told = {
        "sales_month": F.when(is_fact, F.col("sales_month")),
        "raw": F.when(~is_fact, F.col("raw")),
    }
    return tuple(told.get(name, F.col(name)).alias(name) for name in c.names(c.CHECKED))
