"""The contract's columns in Spark, and rows under them, made or kept."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import pyarrow as pa
from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from streaming.contract.arrow import arrow_schema
from streaming.contract.chunks import chunks_of
from streaming.contract.columns import Columns, ddl

ROWS_AT_ONCE = 5_000


def schema_of(columns: Columns) -> StructType:
    """The columns as a Spark schema; needs a running session."""
    schema = StructType.fromDDL(ddl(columns))
    if not isinstance(schema, StructType):
        raise TypeError(f"not a list of columns: {columns}")
    return schema


def frame_of(spark: SparkSession, rows: Iterable[Mapping[str, object]], columns: Columns) -> DataFrame:
    """The rows as a DataFrame with these columns, by Arrow: Spark starts no Python for it."""
    schema = arrow_schema(columns)
    nothing = pa.RecordBatch.from_pylist([], schema=schema)
    some = [pa.RecordBatch.from_pylist(list(chunk), schema=schema) for chunk in chunks_of(rows, ROWS_AT_ONCE)]
    frame: DataFrame = spark.createDataFrame(pa.Table.from_batches([nothing, *some], schema=schema), schema_of(columns))
    return frame


@contextmanager
def persisted(rows: DataFrame) -> Iterator[None]:
    """Keep rows that are computed once and used several times, on disk what memory cannot hold."""
    rows.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        yield
    finally:
        rows.unpersist()
