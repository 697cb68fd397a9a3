"""Rows as they leave enrichment: whole ones from a few values."""

import pyarrow as pa

from streaming.contract.arrow import table_of
from streaming.contract.columns import CHECKED
from tests.landed import SOLD, Values


def checked(*rows: Values) -> pa.Table:
    """A fact each, but for the values given."""
    fact = {
        "delivery_id": 1,
        "line_number": 2,
        **SOLD,
        "customer_name": "Ada Byron",
        "sales_person_name": "Grace Hopper",
        "reason_codes": "",
    }
    return table_of([{**fact, **row} for row in rows], CHECKED)


def closing_of(delivery_id: int, *, rows: int, reason: str | None = None) -> Values:
    """The values of a closing row."""
    no_sale = dict.fromkeys((*SOLD, "line_number", "customer_name", "sales_person_name", "reason_codes"))
    return {**no_sale, "delivery_id": delivery_id, "rows_in_file": rows, "file_reason": reason}


def refused(delivery_id: int, line_number: int, codes: str) -> Values:
    """The values of a refused row."""
    return {
        "delivery_id": delivery_id,
        "line_number": line_number,
        "reason_codes": codes,
        "sales_month": None,
        "raw": f"line {line_number}",
    }


def values_of(table: pa.Table | pa.RecordBatch, *names: str) -> list[tuple[object, ...]]:
    """The rows of a table as sorted tuples of these columns."""
    return sorted((tuple(row[name] for name in names) for row in table.to_pylist()), key=str)


def batches_of(table: pa.Table, rows: int) -> list[pa.RecordBatch]:
    """The table so many rows at a time."""
    batches: list[pa.RecordBatch] = table.combine_chunks().to_batches(rows)
    return batches
