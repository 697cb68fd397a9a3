"""The two marts: sums, names, ranks and incentives, also where a correction takes sales away."""

from decimal import Decimal

from pyspark.sql import DataFrame, SparkSession

from streaming.contract.columns import FACTS, TEAM_TOTALS, names
from streaming.frames import frame_of
from streaming.marts import changes, per_customer_month, per_sales_person_month, ranked
from tests.spark.rows import Values, checked, values_of

RANKED = ("store_id", "sales_month", "sales_person_id", "sales", "total_sales", "sales_rank", "incentive")


def facts(spark: SparkSession, *rows: Values) -> DataFrame:
    return checked(spark, *rows).select(names(FACTS))


def team(spark: SparkSession, *rows: tuple[int, str, int, str, int, str]) -> DataFrame:
    named = (dict(zip(names(TEAM_TOTALS), row, strict=True)) for row in rows)
    return frame_of(spark, [{**row, "total_sales": Decimal(str(row["total_sales"]))} for row in named], TEAM_TOTALS)


def test_purchases_are_summed_per_customer_and_month(spark: SparkSession) -> None:
    added = facts(spark, {}, {"total_cost": Decimal("0.01")}, {"sales_month": "2026-04"}, {"customer_id": 8})
    assert values_of(per_customer_month(changes(added, None)), "customer_id", "sales_month", "total_purchases") == [
        (7, "2026-03", Decimal("10.01")),
        (7, "2026-04", Decimal("10.00")),
        (8, "2026-03", Decimal("10.00")),
    ]


def test_what_a_correction_removes_counts_against_what_it_adds(spark: SparkSession) -> None:
    changed = changes(facts(spark, {"total_cost": Decimal("4.00")}), facts(spark, {}, {"customer_id": 8}))
    assert values_of(per_customer_month(changed), "customer_id", "purchases", "total_purchases") == [
        (7, 0, Decimal("-6.00")),
        (8, -1, Decimal("-10.00")),
    ]


def test_an_empty_batch_changes_nothing(spark: SparkSession) -> None:
    changed = changes(facts(spark), None)
    assert per_customer_month(changed).collect() == []
    assert ranked(team(spark), per_sales_person_month(changed)).collect() == []


def test_the_best_of_a_store_and_month_earns_one_percent_half_up(spark: SparkSession) -> None:
    change = team(spark, (1, "2026-03", 1, "A", 1, "150.50"), (1, "2026-03", 2, "B", 1, "150.49"))
    assert values_of(ranked(team(spark), change), *RANKED) == [
        (1, "2026-03", 1, 1, Decimal("150.50"), 1, Decimal("1.51")),
        (1, "2026-03", 2, 1, Decimal("150.49"), 2, Decimal("0.00")),
    ]


def test_equals_share_the_first_rank_and_both_earn(spark: SparkSession) -> None:
    change = team(
        spark, (1, "2026-03", 1, "A", 1, "9.00"), (1, "2026-03", 2, "B", 3, "9.00"), (1, "2026-03", 3, "C", 1, "8.00")
    )
    assert values_of(ranked(team(spark), change), "sales_person_id", "sales_rank", "incentive") == [
        (1, 1, Decimal("0.09")),
        (2, 1, Decimal("0.09")),
        (3, 3, Decimal("0.00")),
    ]


def test_stores_and_months_are_ranked_apart(spark: SparkSession) -> None:
    change = team(
        spark, (1, "2026-03", 1, "A", 1, "9.00"), (1, "2026-04", 2, "B", 1, "1.00"), (2, "2026-03", 3, "C", 1, "2.00")
    )
    assert values_of(ranked(team(spark), change), "sales_person_id", "sales_rank") == [(1, 1), (2, 1), (3, 1)]


def test_a_late_sale_can_move_the_incentive(spark: SparkSession) -> None:
    standing = team(spark, (1, "2026-03", 1, "A", 4, "100.00"), (1, "2026-03", 2, "B", 3, "90.00"))
    late = team(spark, (1, "2026-03", 2, "B", 1, "20.00"))
    assert values_of(ranked(standing, late), *RANKED) == [
        (1, "2026-03", 1, 4, Decimal("100.00"), 2, Decimal("0.00")),
        (1, "2026-03", 2, 4, Decimal("110.00"), 1, Decimal("1.10")),
    ]


def test_someone_whose_sales_were_all_taken_away_leaves_the_mart(spark: SparkSession) -> None:
    standing = team(spark, (1, "2026-03", 1, "A", 1, "5.00"))
    assert ranked(standing, team(spark, (1, "2026-03", 1, "A", -1, "-5.00"))).collect() == []


def test_the_newest_name_is_kept(spark: SparkSession) -> None:
    standing = team(spark, (1, "2026-03", 1, "Maiden", 1, "5.00"))
    new = team(spark, (1, "2026-03", 1, "Married", 1, "5.00"), (1, "2026-03", 1, "Maiden", -1, "-5.00"))
    assert values_of(ranked(standing, new), "full_name", "sales") == [("Married", 1)]
