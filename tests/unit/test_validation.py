"""Each rule that a row can break by itself: what passes, what does not, and what a null or empty text is."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.contract.columns import MANDATORY, WHITE_SPACE
from streaming.validation import with_checks
from tests.landed import GOOD, SOLD, TODAY, closing, landed
from tests.oracle.rules import faults


def checked(rows: pa.RecordBatch) -> list[dict[str, object]]:
    told: list[dict[str, object]] = with_checks(rows, today=TODAY).to_pylist()
    return told


def reasons_of(**values: object) -> list[str]:
    (row,) = checked(landed(values))
    return [code for code in str(row["reason_codes"]).split(" ") if code]


def test_a_good_row_has_no_reasons_and_typed_values() -> None:
    (row,) = checked(landed({"price": "2.5", "additional_columns": '{"till":"1"}'}))
    assert row == {
        "delivery_id": 1,
        "line_number": 2,
        **SOLD,
        "additional_columns": '{"till":"1"}',
        "reason_codes": "",
        "raw": "as it stood",
        "rows_in_file": None,
        "file_reason": None,
    }


@pytest.mark.parametrize("column", MANDATORY)
def test_an_empty_value_is_missing(column: str) -> None:
    assert reasons_of(**{column: ""}) == [f"missing:{column}"]


@pytest.mark.parametrize("column", MANDATORY)
def test_a_value_that_is_not_there_at_all_counts_as_broken(column: str) -> None:
    assert reasons_of(**{column: None}) == [f"bad_type:{column}"]


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
def test_a_text_that_is_no_value_of_the_column_is_a_bad_type(column: str, text: str) -> None:
    assert reasons_of(**{column: text}) == [f"bad_type:{column}"]


@pytest.mark.parametrize(
    ("column", "text"),
    [("quantity", "0"), ("quantity", "-1"), ("sales_date", "1999-12-31"), ("sales_date", "2026-11-26")],
)
def test_a_value_that_no_till_prints_is_out_of_range(column: str, text: str) -> None:
    assert f"out_of_range:{column}" in reasons_of(**{column: text})


def test_a_negative_price_is_out_of_range() -> None:
    assert reasons_of(price="-2.50", total_cost="-10.00") == ["out_of_range:price"]


@pytest.mark.parametrize("day", ["2000-01-01", "2026-11-24", "2026-11-25"])
def test_the_first_day_and_the_day_ahead_are_in_range(day: str) -> None:
    assert reasons_of(sales_date=day) == []


@pytest.mark.parametrize(("total", "expected"), [("10.01", []), ("9.99", []), ("10.02", ["total_mismatch"])])
def test_a_total_may_differ_by_a_cent(total: str, expected: list[str]) -> None:
    assert reasons_of(total_cost=total) == expected


def test_a_total_is_not_judged_when_one_of_its_parts_has_no_value() -> None:
    assert reasons_of(price="", total_cost="99.00") == ["missing:price"]


def test_a_row_lists_all_its_reasons_in_the_order_of_the_contract() -> None:
    broken = {"customer_id": "x", "sales_date": "", "quantity": "-4", "price": "2.50", "total_cost": "11.00"}
    assert reasons_of(**broken) == [
        "bad_type:customer_id",
        "missing:sales_date",
        "out_of_range:quantity",
        "total_mismatch",
    ]


digits = st.text("0123456789", min_size=1, max_size=19)
numbers = st.one_of(st.integers(-5, 50).map(str), digits, st.decimals(-9, 99, places=2).map(str), st.just("-0"))
days = st.one_of(
    st.dates(date(1999, 12, 30), date(2026, 11, 27)).map(date.isoformat), st.sampled_from(["2026-02-29", "2024-02-29"])
)
rubbish = st.text("0123456789-+.eE, \n\u0662\u2028é", max_size=12).map(lambda text: text.strip(WHITE_SPACE))
values = {
    name: st.one_of(days if name == "sales_date" else numbers, rubbish) for name in MANDATORY if name != "product_name"
}
rows = st.fixed_dictionaries({}, optional={**values, "product_name": rubbish})


@given(rows=st.lists(rows, min_size=1, max_size=30))
def test_rows_at_once_are_judged_as_the_oracle_judges_each(rows: list[dict[str, str]]) -> None:
    told = checked(landed(*rows))
    for row, found in zip(rows, told, strict=True):
        expected = faults({**GOOD, **row}, TODAY)
        assert str(found["reason_codes"]).split() == expected
        if not expected:
            assert found["total_cost"] == Decimal(row.get("total_cost", GOOD["total_cost"]))
            assert str(found["sales_date"]) == row.get("sales_date", GOOD["sales_date"])


def test_a_malformed_row_has_that_reason_and_no_other() -> None:
    nothing = dict.fromkeys(MANDATORY)
    assert reasons_of(malformed=True, **nothing) == ["malformed_row"]


def test_a_closing_row_is_no_row_and_has_null_reasons() -> None:
    (row,) = checked(closing(rows_in_file=3))
    assert (row["reason_codes"], row["rows_in_file"], row["line_number"]) == (None, 3, None)
