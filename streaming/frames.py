"""From rows of MySQL to DataFrames."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from streaming.contract.columns import DIMENSION_COLUMNS, Columns
from streaming.contract.settings import Settings
from streaming.enrichment import Dimensions
from streaming.schema import schema_of
from streaming.warehouse.connection import connected
from streaming.warehouse.dimensions import DIMENSIONS, read_dimension

ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an Arrow table as mappings, made as they are asked for, as often as they are asked for."""

    table: pa.Table

    def __iter__(self) -> Iterator[Mapping[str, object]]:
        """Row by row, a few thousand in memory."""
        for batch in self.table.to_batches(ROWS_AT_ONCE):
            yield from batch.to_pylist()


def frame_of(spark: SparkSession, rows: Sequence[Mapping[str, object]], columns: Columns) -> DataFrame:
    """The rows as a DataFrame with these columns."""
    schema = schema_of(columns)
    table = pa.Table.from_pylist(list(rows), schema=to_arrow_schema(schema))
    return frame_of_table(spark, table)


def frame_of_table(spark: SparkSession, table: pa.Table) -> DataFrame:
    """An Arrow table as a DataFrame."""
    frame: DataFrame = spark.createDataFrame(table)
    return frame


def snapshot_of_dimensions(spark: SparkSession, settings: Settings) -> Dimensions:
    """The four dimensions as they are now, read within one connection."""
    with connected(settings.warehouse) as database:
        rows = {name: read_dimension(database, name) for name in DIMENSIONS}
    return Dimensions(**{name: frame_of(spark, rows[name], DIMENSION_COLUMNS[name]) for name in DIMENSIONS})
