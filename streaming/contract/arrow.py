"""The contract's columns as Arrow sees them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from streaming.contract.chunks import chunks_of
from streaming.contract.columns import CHECKED, LANDED, TYPED, Columns

_KINDS = {
    "BIGINT": pa.int64(),
    "INT": pa.int32(),
    "STRING": pa.string(),
    "BINARY": pa.binary(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_ARRAY = re.compile(r"ARRAY<(.+)>")
ROWS_AT_ONCE = 5_000


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
AS_CHECKED = arrow_schema(CHECKED)


def table_of(rows: Iterable[Mapping[str, object]], columns: Columns) -> pa.Table:
    """Rows as an Arrow table with these columns, made some thousand rows at a time."""
    schema = arrow_schema(columns)
    nothing = pa.RecordBatch.from_pylist([], schema=schema)
    some = [pa.RecordBatch.from_pylist(list(chunk), schema=schema) for chunk in chunks_of(rows, ROWS_AT_ONCE)]
    return pa.Table.from_batches([nothing, *some], schema=schema)


def as_columns(table: pa.Table, columns: Columns) -> pa.Table:
    """The table's columns that have these names, in this order and as these types."""
    schema = arrow_schema(columns)
    return table.select(schema.names).cast(schema)


def summed(
    tables: Iterable[pa.Table], columns: Columns, *, by: Sequence[str], greatest: Sequence[str] = ()
) -> pa.Table:
    """Tables with these columns as one that has a row for each value of `by`.

    Of the columns in `greatest` it has the greatest value, of all others the sum.
    """
    others = [name for name, _ in columns if name not in by]
    kinds = {name: "max" if name in greatest else "sum" for name in others}
    rows = pa.concat_tables([table_of((), columns), *tables])
    sums = rows.group_by(list(by), use_threads=False).aggregate(list(kinds.items()))
    return as_columns(sums.rename_columns({f"{name}_{kind}": name for name, kind in kinds.items()}), columns)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an Arrow table as mappings, made as they are asked for, as often as they are asked for."""

    table: pa.Table

    def __iter__(self) -> Iterator[Mapping[str, object]]:
        """Row by row, a few thousand in memory."""
        for batch in self.table.to_batches(ROWS_AT_ONCE):
            yield from batch.to_pylist()
