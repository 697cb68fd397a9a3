"""Rows as reading yields them: whole ones from a few values."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pyarrow as pa

from streaming.contract.arrow import AS_LANDED

GOOD = {
    "customer_id": "7",
    "store_id": "1",
    "product_name": "Rye flour",
    "sales_date": "2026-03-14",
    "sales_person_id": "3",
    "price": "2.50",
    "quantity": "4",
    "total_cost": "10.00",
}
SOLD = {
    "customer_id": 7,
    "store_id": 1,
    "product_name": "Rye flour",
    "sales_date": date(2026, 3, 14),
    "sales_person_id": 3,
    "price": Decimal("2.50"),
    "quantity": 4,
    "total_cost": Decimal("10.00"),
    "sales_month": "2026-03",
}
"""What `GOOD` says, typed."""
TODAY = date(2026, 11, 24)
Values = Mapping[str, object]


def landed(*rows: Values) -> pa.RecordBatch:
    """A good sale each, but for the values given."""
    defaults = {"delivery_id": 1, "line_number": 2, "raw": "as it stood", "malformed": False, **GOOD}
    return pa.RecordBatch.from_pylist([{**defaults, **row} for row in rows], schema=AS_LANDED)


def closing(**values: object) -> pa.RecordBatch:
    """A closing row."""
    row = {"delivery_id": 1, "malformed": False, "rows_in_file": 0, **values}
    return pa.RecordBatch.from_pylist([row], schema=AS_LANDED)
