"""The contract's columns in Spark, and rows under them, made or kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from streaming.contract.arrow import table_of
from streaming.contract.columns import Columns, ddl


def schema_of(columns: Columns) -> StructType:
    """The columns as a Spark schema; needs a running session."""
    schema = StructType.fromDDL(ddl(columns))
    if not isinstance(schema, StructType):
        raise TypeError(f"not a list of columns: {columns}")
    return schema


def frame_of(spark: SparkSession, rows: Iterable[Mapping[str, object]], columns: Columns) -> DataFrame:
    """The rows as a DataFrame with these columns, by Arrow: Spark starts no Python for it."""
    frame: DataFrame = spark.createDataFrame(table_of(rows, columns), schema_of(columns))
    return frame


def mapped(rows: DataFrame, work: Callable[[pa.Table], pa.Table], columns: Columns) -> DataFrame:
    """What Arrow makes of Spark's rows, some thousand of them at once, with these columns."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from work(pa.Table.from_batches([batch])).to_batches()

    return rows.mapInArrow(run, schema_of(columns))


@contextmanager
def persisted(rows: DataFrame) -> Iterator[None]:
    """Keep rows that are computed once and used several times, on disk what memory cannot hold."""
    rows.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        yield
    finally:
        rows.unpersist()
