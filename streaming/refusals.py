"""Why rows were refused: counted as they come, each reason with its first row as a sample and the keys it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from streaming.contract import columns as c
from streaming.contract.reasons import REASON_SEPARATOR, RowReason

KEYS = {
    RowReason.UNKNOWN_CUSTOMER: c.CUSTOMER_ID,
    RowReason.UNKNOWN_STORE: c.STORE_ID,
    RowReason.UNKNOWN_PRODUCT: c.PRODUCT_NAME,
    RowReason.UNKNOWN_SALES_PERSON: c.SALES_PERSON_ID,
}
"""The reasons that are about a dimension, and the column of its key."""


@dataclass(slots=True)
class _Refused:
    sample: str
    rows: int = 0
    keys: dict[str, int] = field(default_factory=dict)
    """The first unknown keys, also those too long to be told."""


class Refusals:
    """The refused rows of some deliveries per reason, in memory that does not grow with their number."""

    def __init__(self, *, most_keys: int = c.MOST_UNKNOWN_KEYS) -> None:
        """As many unknown keys are told for each delivery and reason."""
        self._most_keys = most_keys
        self._refused: dict[tuple[int, str], _Refused] = {}

    def add(self, refused: pa.Table) -> None:
        """Refused rows with all that was checked, those of a delivery in the order of their lines."""
        if not refused.num_rows:
            return
        per_key = per_reason_and_key(refused)
        for row in per_key.to_pylist():
            told = self._refused.setdefault((row["delivery_id"], row["reason"]), _Refused(row["raw_first"]))
            told.rows += row["line_number_count"]
            key = row["unknown_key"]
            if key is not None and (key in told.keys or len(told.keys) < self._most_keys):
                told.keys[key] = told.keys.get(key, 0) + row["line_number_count"]

    def tallies(self) -> list[Mapping[str, object]]:
        """As `contract.columns.REJECT_TALLIES`."""
        return [
            {
                "delivery_id": delivery_id,
                "reason": reason,
                "rows": told.rows,
                "sample": told.sample,
                "unknown_keys": [(k, rows) for k, rows in told.keys.items() if len(k) <= c.LONGEST_DIMENSION_KEY],
            }
            for (delivery_id, reason), told in self._refused.items()
        ]


def per_reason_and_key(refused: pa.Table) -> pa.Table:
    """Refused rows counted per delivery, reason and unknown key, by the first one's line, with how its text begins."""
    rows = refused.combine_chunks()
    reasons = pc.split_pattern(rows.column("reason_codes"), REASON_SEPARATOR).combine_chunks()
    of_row, reason = pc.list_parent_indices(reasons), pc.list_flatten(reasons)
    told = pa.table(
        {
            **{name: rows.column(name).take(of_row) for name in ("delivery_id", "line_number", "raw")},
            "reason": reason,
            "unknown_key": _unknown_keys(rows.take(of_row), reason),
        }
    )
    groups = told.group_by(["delivery_id", "reason", "unknown_key"], use_threads=False).aggregate(
        [("line_number", "count"), ("line_number", "min"), ("raw", "first")]
    )
    sample = pc.utf8_slice_codeunits(groups.column("raw_first"), 0, c.LONGEST_SAMPLE)
    return groups.set_column(groups.schema.get_field_index("raw_first"), "raw_first", sample).sort_by("line_number_min")


def _unknown_keys(rows: pa.Table, reason: pa.Array) -> pa.Array:
    """The key that a row was refused for, as text; null for a reason that is about no dimension."""
    keys = pa.nulls(len(reason), pa.string())
    for code, name in KEYS.items():
        keys = pc.if_else(pc.equal(reason, code), rows.column(name).cast(pa.string()), keys)
    return keys
