"""The contract's columns in Spark, and rows under them."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import StructType

from streaming.contract.columns import Columns, ddl


def schema_of(columns: Columns) -> StructType:
    """The columns as a Spark schema; needs a running session."""
    schema = StructType.fromDDL(ddl(columns))
    if not isinstance(schema, StructType):
        raise TypeError(f"not a list of columns: {columns}")
    return schema


def frame_of(spark: SparkSession, rows: Sequence[Mapping[str, object]], columns: Columns) -> DataFrame:
    """The rows as a DataFrame with these columns, by Arrow: Spark starts no Python for it."""
    table = pa.Table.from_pylist(list(rows), schema=to_arrow_schema(schema_of(columns)))
    frame: DataFrame = spark.createDataFrame(table, schema_of(columns))
    return frame
