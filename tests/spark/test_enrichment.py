"""What the dimensions add to a sale, and what becomes of keys they do not know."""

import pytest
from pyspark.sql import SparkSession

from streaming.contract.columns import CHECKED, DIMENSION_COLUMNS, names
from streaming.enrichment import Dimensions, as_checked, join_dimensions, known
from streaming.schema import frame_of
from tests.landed import Values, closing, landed
from tests.spark.rows import typed, values_of

KNOWN: dict[str, Values] = {
    "customers": {"customer_id": 7, "customer_name": "Ada Byron", "customer_pincode": "11111"},
    "stores": {"store_id": 1, "store_address": "High Street 1", "store_pincode": "22222", "store_manager_id": 3},
    "products": {"product_name": "Rye flour", "product_id": 9, "list_price": None},
    "sales_team": {"sales_person_id": 3, "sales_person_name": "Grace Hopper", "sales_person_store_id": 1},
}


def dimensions(spark: SparkSession, *, without: str = "") -> Dimensions:
    frames = {
        name: known(frame_of(spark, [] if name == without else [row], DIMENSION_COLUMNS[name]), name)
        for name, row in KNOWN.items()
    }
    return Dimensions(**frames)


def test_a_known_sale_becomes_a_fact_with_what_the_dimensions_know(spark: SparkSession) -> None:
    rows = typed(spark, landed({}))
    joined = rows.transform(join_dimensions, dimensions(spark)).transform(as_checked)
    assert joined.columns == names(CHECKED)
    (row,) = joined.collect()
    assert (row.reason_codes, row.sales_month, row.raw) == ("", "2026-03", None)
    assert (row.customer_name, row.store_manager_id, row.product_id, row.sales_person_name) == (
        "Ada Byron",
        3,
        9,
        "Grace Hopper",
    )


@pytest.mark.parametrize(
    ("dimension", "reason"),
    [
        ("customers", "unknown_customer"),
        ("stores", "unknown_store"),
        ("products", "unknown_product"),
        ("sales_team", "unknown_sales_person"),
    ],
)
def test_an_unknown_key_refuses_the_sale_and_keeps_its_text(spark: SparkSession, dimension: str, reason: str) -> None:
    rows = typed(spark, landed({}))
    joined = rows.transform(join_dimensions, dimensions(spark, without=dimension)).transform(as_checked)
    assert values_of(joined, "reason_codes", "sales_month", "raw") == [(reason, None, "as it stood")]


def test_keys_are_asked_only_of_rows_without_other_reasons(spark: SparkSession) -> None:
    rows = typed(spark, landed({"quantity": "0", "customer_id": "8"}))
    joined = rows.transform(join_dimensions, dimensions(spark)).transform(as_checked)
    (row,) = joined.collect()
    assert row.reason_codes == "out_of_range:quantity total_mismatch"


def test_product_names_differ_by_letter_case(spark: SparkSession) -> None:
    rows = typed(spark, landed({"product_name": "rye flour"}, {"product_name": "Rye flour"}))
    joined = rows.transform(join_dimensions, dimensions(spark)).transform(as_checked)
    assert values_of(joined, "reason_codes") == [("",), ("unknown_product",)]


def test_a_closing_row_passes_untouched(spark: SparkSession) -> None:
    rows = typed(spark, closing(rows_in_file=5, file_reason="not_csv"))
    joined = rows.transform(join_dimensions, dimensions(spark)).transform(as_checked)
    assert values_of(joined, "reason_codes", "rows_in_file", "file_reason") == [(None, 5, "not_csv")]
