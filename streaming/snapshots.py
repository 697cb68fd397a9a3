"""The four dimensions as they are whenever a batch asks, from MySQL."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from streaming.contract.arrow import table_of
from streaming.contract.columns import DIMENSION_COLUMNS
from streaming.contract.settings import Settings
from streaming.enrichment import Dimensions
from streaming.warehouse.connection import Database, Row, connected
from streaming.warehouse.dimensions import (
    DIMENSIONS,
    DimensionName,
    fingerprint,
    is_large,
    read_dimension,
    rows_of_keys,
)

KeysOf = Callable[[Sequence[str]], Mapping[str, Sequence[object]]]
"""The values that columns of a batch have."""


@dataclass(slots=True)
class Snapshots:
    """Of a large dimension only those rows are read whose keys a batch names.

    Another one is read whole, and again only if MySQL's sums over it differ.
    """

    _kept: dict[DimensionName, tuple[Row, pa.RecordBatch]] = field(default_factory=dict)

    def now(self, settings: Settings, keys_of: KeysOf) -> Dimensions:
        """All four.

        Args:
            settings: where the dimensions are.
            keys_of: the batch's keys, if any dimension is large; its files are read for it.
        """
        with connected(settings.warehouse) as database:
            large = [name for name in DIMENSIONS if is_large(database, name)]
            keys = keys_of([key_of(name) for name in large]) if large else {}
            return Dimensions(
                **{
                    name: _held(name, rows_of_keys(database, name, keys[key_of(name)]))
                    if name in large
                    else self._whole(name, database)
                    for name in DIMENSIONS
                }
            )

    def _whole(self, name: DimensionName, database: Database) -> pa.RecordBatch:
        sums = fingerprint(database, name)
        kept = self._kept.pop(name, None)
        if kept is None or kept[0] != sums:
            kept = sums, _held(name, read_dimension(database, name))
            if fingerprint(database, name) != sums:  # it changed meanwhile: nobody knows to which sums the rows belong
                return kept[1]
        self._kept[name] = kept
        return kept[1]


def key_of(name: DimensionName) -> str:
    """The column of a dimension by which sales name its rows."""
    (key, _), *_ = DIMENSION_COLUMNS[name]
    return key


def _held(name: DimensionName, rows: Iterable[Row]) -> pa.RecordBatch:
    table = table_of(rows, DIMENSION_COLUMNS[name])
    return pa.RecordBatch.from_arrays([column.combine_chunks() for column in table.columns], schema=table.schema)
