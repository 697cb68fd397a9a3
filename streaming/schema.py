"""Spark's form of the contract's columns."""

from pyspark.sql.types import StructType

from streaming.contract.columns import Columns, ddl


def schema_of(columns: Columns) -> StructType:
    """The columns as a Spark schema; needs a running session."""
    schema = StructType.fromDDL(ddl(columns))
    if not isinstance(schema, StructType):
        raise TypeError(f"not a list of columns: {columns}")
    return schema
