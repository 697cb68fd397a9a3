"""What the dimensions add to a sale, and what becomes of keys they do not know."""

import pyarrow as pa
import pytest

from streaming.contract.arrow import table_of
from streaming.contract.columns import CHECKED, DIMENSION_COLUMNS, names
from streaming.enrichment import Dimensions, join_dimensions
from streaming.validation import with_checks
from tests.checked import values_of
from tests.landed import TODAY, Values, closing, landed

KNOWN: dict[str, list[Values]] = {
    "customers": [
        {"customer_id": 6, "customer_name": "Ada Lovelace", "customer_pincode": "00000"},
        {"customer_id": 7, "customer_name": "Ada Byron", "customer_pincode": "11111"},
    ],
    "stores": [{"store_id": 1, "store_address": "High Street 1", "store_pincode": "22222", "store_manager_id": 3}],
    "products": [{"product_name": "Rye flour", "product_id": 9, "list_price": None}],
    "sales_team": [{"sales_person_id": 3, "sales_person_name": "Grace Hopper", "sales_person_store_id": 1}],
}


def joined(rows: pa.RecordBatch, *, without: str = "") -> pa.RecordBatch:
    """Landed rows after their checks, where one of the dimensions is empty."""
    tables = {
        name: table_of(() if name == without else known, DIMENSION_COLUMNS[name]) for name, known in KNOWN.items()
    }
    dimensions = {name: table.combine_chunks().to_batches() for name, table in tables.items()}
    empty = {name: pa.RecordBatch.from_pylist([], schema=table.schema) for name, table in tables.items()}
    snapshot = Dimensions(**{name: batches[0] if batches else empty[name] for name, batches in dimensions.items()})
    return join_dimensions(with_checks(rows, today=TODAY), snapshot)


def test_a_known_sale_becomes_a_fact_with_what_the_dimensions_know() -> None:
    rows = joined(landed({}))
    assert rows.schema.names == names(CHECKED)
    (row,) = rows.to_pylist()
    assert (row["reason_codes"], row["sales_month"], row["raw"]) == ("", "2026-03", None)
    assert {row["customer_name"], row["store_manager_id"], row["product_id"], row["sales_person_name"]} == {
        "Ada Byron",
        3,
        9,
        "Grace Hopper",
    }


@pytest.mark.parametrize(
    ("dimension", "reason"),
    [
        ("customers", "unknown_customer"),
        ("stores", "unknown_store"),
        ("products", "unknown_product"),
        ("sales_team", "unknown_sales_person"),
    ],
)
def test_an_unknown_key_refuses_the_sale_and_keeps_its_text(dimension: str, reason: str) -> None:
    rows = joined(landed({}), without=dimension)
    assert values_of(rows, "reason_codes", "sales_month", "raw") == [(reason, None, "as it stood")]


def test_a_sale_gets_a_reason_for_each_unknown_key() -> None:
    rows = joined(landed({"customer_id": "8", "product_name": "Oats"}))
    assert values_of(rows, "reason_codes") == [("unknown_customer unknown_product",)]


def test_keys_are_asked_only_of_rows_without_other_reasons() -> None:
    rows = joined(landed({"quantity": "0", "customer_id": "8"}))
    assert values_of(rows, "reason_codes") == [("out_of_range:quantity total_mismatch",)]


def test_product_names_differ_by_letter_case() -> None:
    rows = joined(landed({"product_name": "rye flour"}, {"product_name": "Rye flour"}))
    assert values_of(rows, "reason_codes") == [("",), ("unknown_product",)]


def test_a_closing_row_passes_untouched() -> None:
    rows = joined(closing(rows_in_file=5, file_reason="not_csv"))
    assert values_of(rows, "reason_codes", "rows_in_file", "file_reason") == [(None, 5, "not_csv")]
