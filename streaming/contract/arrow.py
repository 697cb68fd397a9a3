"""The contract's columns as Arrow sees them."""

import re

import pyarrow as pa

from streaming.contract.columns import LANDED, TYPED, Columns

_KINDS = {
    "BIGINT": pa.int64(),
    "INT": pa.int32(),
    "STRING": pa.string(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


def arrow_type(kind: str) -> pa.DataType:
    """The Arrow type of a plain SQL type.

    Raises:
        KeyError: it is none that a row of a file needs.
    """
    if decimal := _DECIMAL.fullmatch(kind):
        return pa.decimal128(*map(int, decimal.groups()))
    return _KINDS[kind]


def arrow_schema(columns: Columns) -> pa.Schema:
    """Columns of plain types as an Arrow schema."""
    return pa.schema([(name, arrow_type(kind)) for name, kind in columns])


AS_LANDED = arrow_schema(LANDED)
AS_TYPED = arrow_schema(TYPED)
