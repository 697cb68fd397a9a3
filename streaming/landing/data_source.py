"""The `landing` format: Spark is told of deliveries, the ledger says which.

An offset is the highest delivery id of a batch. Everything else that matters is in the ledger, so a lost
checkpoint loses nothing, and a file put again under its key is simply another delivery.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.datasource import DataSource
from pyspark.sql.types import StructType

from streaming.contract.columns import ERRANDS, ddl
from streaming.contract.deliveries import Selection
from streaming.contract.logs import set_up_logging
from streaming.contract.ranges import ids_of, ranges_of
from streaming.contract.settings import Settings, read_settings

if TYPE_CHECKING:
    from streaming.landing.reader import LandingReader


def landing_shares(spark: SparkSession, settings: Settings, selection: Selection) -> DataFrame:
    """The stream of what arrives in an environment's landing prefix: shares of deliveries, a row for each task."""
    spark.dataSource.register(LandingDataSource)
    stream = (
        spark.readStream.format(LandingDataSource.name())
        .option("environment", settings.environment)
        .option("tasks", str(spark.sparkContext.defaultParallelism))
        .option("key_pattern", selection.key_pattern)
    )
    for name, moment in (
        ("arrived_from", selection.arrived_from),
        ("arrived_until", selection.arrived_until),
    ):
        stream = stream.option(name, moment.isoformat()) if moment else stream
    if selection.delivery_ids is not None:
        stream = stream.option("deliveries", ranges_of(selection.delivery_ids))
    return stream.load()


class LandingDataSource(DataSource):
    """Options: environment, tasks, key_pattern, arrived_from, arrived_until, deliveries. Secrets are none of them."""

    @classmethod
    def name(cls) -> str:
        """The format's name."""
        return "landing"

    def schema(self) -> str:
        """The columns of `contract.columns.ERRANDS`."""
        return ddl(ERRANDS)

    def streamReader(self, schema: StructType) -> "LandingReader":  # noqa: ARG002, N802  Spark's names
        """The reader; it takes its settings from the environment file, in a process of its own beside the driver."""
        from streaming.landing.reader import LandingReader  # noqa: PLC0415  a process that asks the schema needs none

        settings = read_settings(self.options["environment"])
        set_up_logging(settings.environment)
        return LandingReader(
            settings=settings,
            selection=_selection(self.options),
            tasks=int(self.options.get("tasks", "1")),
        )


def _selection(options: Mapping[str, str]) -> Selection:
    return Selection(
        key_pattern=options.get("key_pattern", "*"),
        arrived_from=_moment(options.get("arrived_from")),
        arrived_until=_moment(options.get("arrived_until")),
        delivery_ids=frozenset(ids_of(options["deliveries"])) if "deliveries" in options else None,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
