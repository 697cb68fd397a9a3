"""From rows of MySQL to DataFrames."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from streaming.contract.columns import DIMENSION_COLUMNS
from streaming.contract.settings import Settings
from streaming.enrichment import Dimensions, known
from streaming.schema import frame_of
from streaming.warehouse.connection import Database, Row, connected
from streaming.warehouse.dimensions import DIMENSIONS, DimensionName, fingerprint, read_dimension

ROWS_AT_ONCE = 5_000


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
    """The four dimensions as they are whenever one asks; a table is read again only if MySQL's sums over it differ."""

    _kept: dict[DimensionName, tuple[Row, DataFrame]] = field(default_factory=dict)

    def now(self, spark: SparkSession, settings: Settings) -> Dimensions:
        """All four, read within one connection."""
        with connected(settings.warehouse) as database:
            return Dimensions(**{name: self._frame(name, database, spark) for name in DIMENSIONS})

    def _frame(self, name: DimensionName, database: Database, spark: SparkSession) -> DataFrame:
        sums = fingerprint(database, name)
        kept = self._kept.pop(name, None)
        if kept is None or kept[0] != sums:
            rows = frame_of(spark, read_dimension(database, name), DIMENSION_COLUMNS[name])
            kept = sums, known(rows, name)
            if fingerprint(database, name) != sums:  # it changed meanwhile: nobody knows to which sums the rows belong
                return kept[1]
        self._kept[name] = kept
        return kept[1]
