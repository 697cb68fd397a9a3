"""From facts to the two marts: what customers bought, what salespeople sold, how they rank, what they earned."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from streaming.contract import columns as c

INCENTIVE_RATE = "0.01"
STORE_MONTH = ("store_id", "sales_month")


def changes(added: DataFrame, removed: DataFrame | None) -> DataFrame:
    """Facts with a `sign`: 1 for those that a batch adds, -1 for those that its corrections take away."""
    plus = added.withColumn("sign", F.lit(1))
    if removed is None:
        return plus
    return plus.unionByName(removed.withColumn("sign", F.lit(-1)))


def per_customer_month(changed: DataFrame) -> DataFrame:
    """Purchases and money per customer and month, as `contract.columns.CUSTOMER_CHANGES`.

    A customer whose name has changed since stands in two rows, one for each name.
    """
    totals = changed.groupBy("customer_id", "sales_month", F.col("customer_name").alias("full_name")).agg(
        F.sum("sign").alias("purchases"), signed_money().alias("total_purchases")
    )
    return totals.select(c.names(c.CUSTOMER_CHANGES))


def per_sales_person_month(changed: DataFrame) -> DataFrame:
    """Sales and money per store, month and salesperson, as `contract.columns.TEAM_CHANGES`."""
    totals = changed.groupBy(
        "store_id", "sales_month", "sales_person_id", F.col("sales_person_name").alias("full_name")
    ).agg(
        F.sum("sign").alias("sales"),
        signed_money().alias("total_sales"),
        F.collect_set("delivery_id").alias("deliveries"),
    )
    return totals.select(c.names(c.TEAM_CHANGES))


def signed_money() -> Column:
    """The sum of what was paid, less what is taken away."""
    return F.sum(F.col("sign") * F.col(c.TOTAL_COST)).cast(c.MONEY_TOTAL)


def ranked(standing: DataFrame, change: DataFrame) -> DataFrame:
    """The sales-team mart of the touched stores and months, as `contract.columns.TEAM_MART`.

    Args:
        standing: the mart's totals of those stores and months so far, whole, as `TEAM_TOTALS`.
        change: what the batch adds and takes away, as `TEAM_TOTALS`.
    """
    return (
        per_person(standing, change)
        .where(F.col("sales") > 0)
        .withColumn("sales_rank", rank_in_store_month())
        .withColumn("incentive", incentive(F.col("total_sales"), F.col("sales_rank")))
        .select(c.names(c.TEAM_MART))
    )


def per_person(standing: DataFrame, change: DataFrame) -> DataFrame:
    """One row per store, month and salesperson, under the newest name."""
    both = standing.withColumn("is_new", F.lit(0)).unionByName(
        change.select(c.names(c.TEAM_TOTALS)).withColumn("is_new", F.when(F.col("sales") > 0, 2).otherwise(-1))
    )
    return both.groupBy(*STORE_MONTH, "sales_person_id").agg(
        F.max_by("full_name", "is_new").alias("full_name"),
        F.sum("sales").alias("sales"),
        F.sum("total_sales").cast(c.MONEY_TOTAL).alias("total_sales"),
    )


def rank_in_store_month() -> Column:
    """SQL RANK by money within store and month: equals share a rank."""
    best_first = Window.partitionBy(*STORE_MONTH).orderBy(F.col("total_sales").desc())
    return F.rank().over(best_first)


def incentive(total: Column, rank: Column) -> Column:
    """1 % of the total for everyone ranked first, to the cent half up; 0 for the rest."""
    earned = F.round(total * F.lit(INCENTIVE_RATE).cast("DECIMAL(3,2)"), 2)
    return F.when(rank == 1, earned).otherwise(F.lit(0)).cast(c.MONEY_TOTAL)
