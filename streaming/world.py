"""What every batch needs beside its rows."""

from dataclasses import dataclass

from pyspark.sql import SparkSession

from streaming.contract.settings import Settings
from streaming.lake import Lake
from streaming.warehouse.writer import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Spark, the settings, the right to write, and the lake."""

    spark: SparkSession
    settings: Settings
    writer: Writer
    lake: Lake
