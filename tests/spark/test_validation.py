"""Each rule that a row can break by itself: what passes, what does not, and what a null or empty text is."""

from datetime import date
from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from streaming.contract.columns import MANDATORY
from streaming.validation import with_checks
from tests.spark.rows import TODAY, closing, landed


def reasons_of(spark: SparkSession, **values: object) -> list[str]:
    (row,) = landed(spark, values).transform(with_checks, today=TODAY).collect()
    return [code for code in row.reason_codes.split(" ") if code]


def test_a_good_row_has_no_reasons_and_typed_values(spark: SparkSession) -> None:
    (row,) = (
        landed(spark, {"price": "2.5", "additional_columns": '{"till":"1"}'})
        .transform(with_checks, today=TODAY)
        .collect()
    )
    assert row.reason_codes == ""
    assert (row.customer_id, row.quantity, row.product_name) == (7, 4, "Rye flour")
    assert (row.price, row.total_cost, row.sales_date) == (Decimal("2.50"), Decimal("10.00"), date(2026, 3, 14))
    assert row.additional_columns == '{"till":"1"}'


@pytest.mark.parametrize("column", MANDATORY)
def test_an_empty_value_is_missing(spark: SparkSession, column: str) -> None:
    assert reasons_of(spark, **{column: ""}) == [f"missing:{column}"]


@pytest.mark.parametrize("column", MANDATORY)
def test_a_value_that_is_not_there_at_all_counts_as_broken(spark: SparkSession, column: str) -> None:
    assert reasons_of(spark, **{column: None}) == [f"bad_type:{column}"]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("customer_id", "12a"),
        ("customer_id", "1234567890123456789"),
        ("customer_id", "+5"),
        ("customer_id", "1.0"),
        ("store_id", "one"),
        ("sales_person_id", "0x1F"),
        ("sales_date", "14/03/2026"),
        ("sales_date", "2026-02-31"),
        ("sales_date", "2026-3-14"),
        ("sales_date", "2026-03-14T10:00:00"),
        ("sales_date", "0000-01-01"),
        ("price", "1,50"),
        ("price", "1.505"),
        ("price", "1e2"),
        ("price", "NaN"),
        ("price", "Infinity"),
        ("price", "€2.50"),
        ("price", "12345678901"),
        ("quantity", "1.5"),
        ("quantity", "1234567890"),
        ("total_cost", "ten"),
        ("total_cost", "12345678901234567"),
        ("total_cost", "10.\n00"),
    ],
)
def test_a_text_that_is_no_value_of_the_column_is_a_bad_type(spark: SparkSession, column: str, text: str) -> None:
    assert reasons_of(spark, **{column: text}) == [f"bad_type:{column}"]


@pytest.mark.parametrize(
    ("column", "text"),
    [("quantity", "0"), ("quantity", "-1"), ("sales_date", "1999-12-31"), ("sales_date", "2026-11-26")],
)
def test_a_value_that_no_till_prints_is_out_of_range(spark: SparkSession, column: str, text: str) -> None:
    assert f"out_of_range:{column}" in reasons_of(spark, **{column: text})


def test_a_negative_price_is_out_of_range(spark: SparkSession) -> None:
    assert reasons_of(spark, price="-2.50", total_cost="-10.00") == ["out_of_range:price"]


@pytest.mark.parametrize("day", ["2000-01-01", "2026-11-24", "2026-11-25"])
def test_the_first_day_and_the_day_ahead_are_in_range(spark: SparkSession, day: str) -> None:
    assert reasons_of(spark, sales_date=day) == []


@pytest.mark.parametrize(("total", "expected"), [("10.01", []), ("9.99", []), ("10.02", ["total_mismatch"])])
def test_a_total_may_differ_by_a_cent(spark: SparkSession, total: str, expected: list[str]) -> None:
    assert reasons_of(spark, total_cost=total) == expected


def test_a_total_is_not_judged_when_one_of_its_parts_has_no_value(spark: SparkSession) -> None:
    assert reasons_of(spark, price="", total_cost="99.00") == ["missing:price"]


def test_a_row_lists_all_its_reasons_in_the_order_of_the_contract(spark: SparkSession) -> None:
    broken = {"customer_id": "x", "sales_date": "", "quantity": "-4", "price": "2.50", "total_cost": "11.00"}
    assert reasons_of(spark, **broken) == [
        "bad_type:customer_id",
        "missing:sales_date",
        "out_of_range:quantity",
        "total_mismatch",
    ]


def test_a_malformed_row_has_that_reason_and_no_other(spark: SparkSession) -> None:
    nothing = dict.fromkeys(MANDATORY)
    assert reasons_of(spark, malformed=True, **nothing) == ["malformed_row"]


def test_a_closing_row_is_no_row_and_has_null_reasons(spark: SparkSession) -> None:
    (row,) = closing(spark, rows_in_file=3).transform(with_checks, today=TODAY).collect()
    assert (row.reason_codes, row.rows_in_file, row.line_number) == (None, 3, None)
