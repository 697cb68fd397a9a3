"""Facts, rejects and the report on each delivery."""

from decimal import Decimal

from pyspark.sql import SparkSession

from streaming.contract.settlements import FileReport
from streaming.facts import only_facts, only_rejects, per_reason, reports, sold_of, tallied
from tests.landed import Values
from tests.spark.rows import checked, values_of


def closing_of(delivery_id: int, *, rows: int, reason: str | None = None) -> Values:
    no_sale = dict.fromkeys(("line_number", "total_cost", "sales_month", "reason_codes"))
    return {**no_sale, "delivery_id": delivery_id, "rows_in_file": rows, "file_reason": reason}


def refused(delivery_id: int, line_number: int, codes: str) -> Values:
    return {
        "delivery_id": delivery_id,
        "line_number": line_number,
        "reason_codes": codes,
        "sales_month": None,
        "raw": f"line {line_number}",
    }


def test_facts_are_the_rows_without_reasons_of_deliveries_that_load(spark: SparkSession) -> None:
    rows = checked(spark, {"line_number": 2}, refused(1, 3, "missing:price"), {"delivery_id": 2}, closing_of(1, rows=2))
    assert values_of(only_facts(rows, but_of=[2]), "delivery_id", "line_number") == [(1, 2)]
    assert values_of(only_facts(rows, but_of=[]), "delivery_id", "line_number") == [(1, 2), (2, 2)]


def test_rejects_carry_all_reasons_and_their_text(spark: SparkSession) -> None:
    rows = checked(spark, {}, refused(1, 3, "missing:price total_mismatch"), refused(2, 2, "malformed_row"))
    assert values_of(only_rejects(rows, but_of=[2]), "delivery_id", "line_number", "reasons", "raw") == [
        (1, 3, ["missing:price", "total_mismatch"], "line 3")
    ]


def test_a_report_counts_rows_and_money_by_what_became_of_them(spark: SparkSession) -> None:
    rows = checked(
        spark,
        {"total_cost": Decimal("10.00")},
        {"line_number": 3, "total_cost": Decimal("0.05"), "sales_month": "2026-02"},
        refused(1, 4, "missing:price"),
        refused(1, 5, "missing:price total_mismatch"),
        closing_of(1, rows=4),
        closing_of(2, rows=0, reason="not_csv"),
    )
    assert reports(tallied(rows)) == {
        1: FileReport(
            delivery_id=1,
            rows_in_file=4,
            rows_loaded=2,
            rows_rejected=2,
            amount_loaded=Decimal("10.05"),
            sales_months=("2026-02", "2026-03"),
        ),
        2: FileReport(delivery_id=2, reason="not_csv"),
    }


def test_an_empty_batch_reports_nothing(spark: SparkSession) -> None:
    assert reports(tallied(checked(spark))) == {}


def test_what_salespeople_sold_is_told_by_delivery_but_for_those_left_out(spark: SparkSession) -> None:
    elsewhere = {"store_id": 2, "sales_person_id": 4, "sales_person_name": "Ada Byron"}
    rows = checked(spark, {}, {"line_number": 3}, refused(1, 4, "missing:price"), elsewhere, {"delivery_id": 2})
    told = sorted(sold_of(tallied(rows), but_of={2}), key=str)
    assert told == [
        {
            "store_id": 1,
            "sales_month": "2026-03",
            "sales_person_id": 3,
            "full_name": "Grace Hopper",
            "sales": 2,
            "total_sales": Decimal("20.00"),
            "deliveries": [1],
        },
        {
            "store_id": 2,
            "sales_month": "2026-03",
            "sales_person_id": 4,
            "full_name": "Ada Byron",
            "sales": 1,
            "total_sales": Decimal("10.00"),
            "deliveries": [1],
        },
    ]


def test_rejects_are_counted_by_reason_with_the_first_as_a_sample(spark: SparkSession) -> None:
    rows = checked(spark, refused(1, 9, "missing:price"), refused(1, 4, "missing:price total_mismatch"))
    assert values_of(per_reason(rows, but_of=[]), "delivery_id", "reason", "rows", "sample") == [
        (1, "missing:price", 2, "line 4"),
        (1, "total_mismatch", 1, "line 4"),
    ]


def test_no_more_unknown_keys_are_named_than_may_be(spark: SparkSession) -> None:
    strangers = [{**refused(1, line, "unknown_customer"), "customer_id": 100 + line} for line in (5, 2, 9, 3, 12)]
    again = {**refused(1, 11, "unknown_customer"), "customer_id": 102}
    rows = checked(spark, *strangers, again)
    ((tally),) = per_reason(rows, but_of=[], most_keys=3).collect()
    assert (tally["rows"], tally.sample, tally.unknown_keys) == (6, "line 2", {"102": 2, "103": 1, "105": 1})
