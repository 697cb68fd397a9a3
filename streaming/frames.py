"""From rows of MySQL to DataFrames."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from streaming.contract.columns import DIMENSION_COLUMNS
from streaming.enrichment import Dimensions, held_by_tasks, known
from streaming.schema import ROWS_AT_ONCE, frame_of
from streaming.warehouse.connection import Database, Row
from streaming.warehouse.dimensions import (
    DIMENSIONS,
    LARGE,
    DimensionName,
    fingerprint,
    read_dimension,
    rows_of_keys,
)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an Arrow table as mappings, made as they are asked for, as often as they are asked for."""

    table: pa.Table

    def __iter__(self) -> Iterator[Mapping[str, object]]:
        """Row by row, a few thousand in memory."""
        for batch in self.table.to_batches(ROWS_AT_ONCE):
            yield from batch.to_pylist()


@dataclass(slots=True)
class Snapshots:
    """The four dimensions as they are whenever one asks.

    Of a large one only those rows are read whose keys one asks for. Another one is read whole, and again only if
    MySQL's sums over it differ.
    """

    _kept: dict[DimensionName, tuple[Row, DataFrame]] = field(default_factory=dict)

    def now(self, typed: DataFrame, database: Database, *, large: Collection[DimensionName]) -> Dimensions:
        """All four.

        Args:
            typed: sales with the dimensions' keys.
            database: where the dimensions are.
            large: those of which only the keys of these sales are read.
        """
        return Dimensions(
            **{
                name: _of_keys(name, database, typed) if name in large else self._whole(name, database, typed)
                for name in DIMENSIONS
            }
        )

    def _whole(self, name: DimensionName, database: Database, typed: DataFrame) -> DataFrame:
        sums = fingerprint(database, name)
        kept = self._kept.pop(name, None)
        if kept is None or kept[0] != sums:
            rows = frame_of(typed.sparkSession, read_dimension(database, name), DIMENSION_COLUMNS[name])
            kept = sums, held_by_tasks(known(rows, name))
            if fingerprint(database, name) != sums:  # it changed meanwhile: nobody knows to which sums the rows belong
                return kept[1]
        self._kept[name] = kept
        return kept[1]


def _of_keys(name: DimensionName, database: Database, typed: DataFrame) -> DataFrame:
    """The rows that the sales name: few enough for each task to hold, or else sorted beside the sales."""
    columns = DIMENSION_COLUMNS[name]
    key, _ = columns[0]
    keys = typed.select(key).where(F.col(key).isNotNull()).distinct().toArrow().column(0).to_pylist()
    rows = known(frame_of(typed.sparkSession, rows_of_keys(database, name, keys), columns), name)
    return held_by_tasks(rows) if len(keys) <= LARGE else rows
