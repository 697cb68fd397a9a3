"""What every batch needs beside its rows."""

from dataclasses import dataclass, field

from pyspark.sql import SparkSession

from streaming.contract.settings import Settings
from streaming.lake import Lake
from streaming.snapshots import Snapshots
from streaming.warehouse.writer import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Enough to look: Spark, the settings, the lake."""

    spark: SparkSession
    settings: Settings
    lake: Lake


@dataclass(frozen=True, slots=True, kw_only=True)
class World(Place):
    """Enough to write: the right to do so as well."""

    writer: Writer
    dimensions: Snapshots = field(default_factory=Snapshots)
