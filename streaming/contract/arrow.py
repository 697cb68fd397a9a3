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
_ARRAY = re.compile(r"ARRAY<(.+)>")


def arrow_type(kind: str) -> pa.DataType:
    """The Arrow type of a SQL type.

    Raises:
        KeyError: it is none that rows are made of.
    """
    if decimal := _DECIMAL.fullmatch(kind):
        return pa.decimal128(*map(int, decimal.groups()))
    if array := _ARRAY.fullmatch(kind):
        return pa.list_(arrow_type(array[1]))
    return _KINDS[kind]


def arrow_schema(columns: Columns) -> pa.Schema:
    """The columns as an Arrow schema."""
    return pa.schema([(name, arrow_type(kind)) for name, kind in columns])


AS_LANDED = arrow_schema(LANDED)
AS_TYPED = arrow_schema(TYPED)
