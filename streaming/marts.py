"""From facts to what the two marts add up: what customers bought, what salespeople sold."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from streaming.contract import columns as c


def added(facts: DataFrame) -> DataFrame:
    """Facts that a batch adds, with a `sign` of 1."""
    return facts.withColumn("sign", F.lit(1))


def removed(facts: DataFrame) -> DataFrame:
    """Facts that its corrections take away, with a `sign` of -1."""
    return facts.withColumn("sign", F.lit(-1))


def per_customer_month(changed: DataFrame) -> DataFrame:
    """Purchases and money of facts with a `sign` per customer and month, as `contract.columns.CUSTOMER_CHANGES`.

    A customer whose name has changed since stands in two rows, one for each name.
    """
    totals = changed.groupBy("customer_id", "sales_month", F.col("customer_name").alias("full_name")).agg(
        F.sum("sign").alias("purchases"), signed_money().alias("total_purchases")
    )
    return totals.select(c.names(c.CUSTOMER_CHANGES))


def per_sales_person_month(changed: DataFrame) -> DataFrame:
    """Sales and money of facts with a `sign` per store, month and salesperson, as `contract.columns.TEAM_CHANGES`."""
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
