"""What both marts add up, also where a correction takes sales away."""

from decimal import Decimal

from pyspark.sql import DataFrame, SparkSession

from streaming.contract.columns import FACTS, names
from streaming.marts import added, per_customer_month, per_sales_person_month, removed
from tests.landed import Values
from tests.spark.rows import checked, values_of


def facts(spark: SparkSession, *rows: Values) -> DataFrame:
    return checked(spark, *rows).select(names(FACTS))


def test_purchases_are_summed_per_customer_and_month(spark: SparkSession) -> None:
    sales = facts(spark, {}, {"total_cost": Decimal("0.01")}, {"sales_month": "2026-04"}, {"customer_id": 8})
    assert values_of(per_customer_month(added(sales)), "customer_id", "sales_month", "total_purchases") == [
        (7, "2026-03", Decimal("10.01")),
        (7, "2026-04", Decimal("10.00")),
        (8, "2026-03", Decimal("10.00")),
    ]


def test_what_a_correction_removes_counts_against_what_it_adds(spark: SparkSession) -> None:
    corrected = added(facts(spark, {"total_cost": Decimal("4.00")}))
    changed = corrected.unionByName(removed(facts(spark, {}, {"customer_id": 8})))
    assert values_of(per_customer_month(changed), "customer_id", "purchases", "total_purchases") == [
        (7, 0, Decimal("-6.00")),
        (8, -1, Decimal("-10.00")),
    ]


def test_an_empty_batch_changes_nothing(spark: SparkSession) -> None:
    changed = added(facts(spark))
    assert per_customer_month(changed).collect() == []
    assert per_sales_person_month(changed).collect() == []
