"""The lake kept in order: small files written together, files deleted that no version needs. No row changes by it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from delta.tables import DeltaTable
from py4j.protocol import Py4JError

from streaming.bucket import Bucket
from streaming.contract.chores import (
    MEGABYTE,
    ChoreKind,
    Done,
    Extent,
    LakeFile,
    Place,
    TableName,
    extent_of,
    fragmented,
    place_of,
    smallest_bytes,
)
from streaming.contract.errors import ConfigurationError, ServiceAwayError
from streaming.lake_errors import explained
from streaming.world import World

log = logging.getLogger(__name__)

TABLES: tuple[TableName, ...] = ("facts", "rejects")
SHORTEST_KEEP_HOURS = 168
"""Delta's own week: what was read or written so long ago is over."""
LOG = "_delta_log/"
LISTINGS_AT_ONCE = 8
"""Spark's own 10,000 tasks take a minute to list what is listed in a second."""


class Upkeep:
    """The lake of one environment as its writer tidies it, one place at a time.

    Raises, from every method:
        ServiceAwayError: S3 fails, or Spark's JVM ends.
        ConfigurationError: S3 refuses the credentials, or files are to be deleted too early.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        prefixes = world.settings.storage.prefixes
        self._paths = {"facts": world.lake.facts_path, "rejects": world.lake.rejects_path}
        self._prefixes = {"facts": prefixes.facts, "rejects": prefixes.rejects}

    def places(self, kind: ChoreKind) -> list[Place]:
        """Where there is something to do."""
        if kind is ChoreKind.VACUUM:
            return [Place(table) for table in TABLES]
        files = [file for table in TABLES for file in self._files(table)]
        return list(fragmented(files, self._world.settings.maintenance))

    def compact(self, place: Place) -> Done:
        """Write the small files of a place together; readers of older versions keep theirs."""
        limits, path = self._world.settings.maintenance, self._paths[place.table]
        before = self._extent(place)
        with _jvm_awaited(f"compacting {place}"), explained(path):
            self._world.spark.conf.set("spark.databricks.delta.optimize.minFileSize", smallest_bytes(limits))
            self._world.spark.conf.set("spark.databricks.delta.optimize.maxFileSize", limits.target_file_mb * MEGABYTE)
            optimizing = DeltaTable.forPath(self._world.spark, path).optimize()
            (optimizing.where(_condition(place)) if place.is_partition else optimizing).executeCompaction()
        return Done(place=place, before=before, after=self._extent(place))

    def vacuum(self, place: Place, *, keep_hours: int) -> Done:
        """Delete the files that the table let go longer ago than that."""
        if keep_hours < SHORTEST_KEEP_HOURS:
            raise ConfigurationError(
                f"the lake's files are kept for {SHORTEST_KEEP_HOURS} hours at least, not {keep_hours}: "
                "set retention.lake_hours"
            )
        path, before = self._paths[place.table], self._objects(place.table)
        with _jvm_awaited(f"vacuuming {place}"), explained(path):
            self._world.lake.keep_hours(path, keep_hours)
            self._world.spark.conf.set("spark.sql.sources.parallelPartitionDiscovery.parallelism", LISTINGS_AT_ONCE)
            DeltaTable.forPath(self._world.spark, path).vacuum()
        return Done(place=place, before=before, after=self._objects(place.table))

    def _extent(self, place: Place) -> Extent:
        return extent_of(file for file in self._files(place.table) if file.place == place)

    def _files(self, table: TableName) -> Iterator[LakeFile]:
        path = self._paths[table]
        with _jvm_awaited(f"looking at {table}"), explained(path):
            rows = self._world.lake.files(path).collect()
        for row in rows:
            of = dict(row.partitionValues)
            yield LakeFile(place_of(table, of.get("sales_month"), of.get("store_id")), int(row["size"]))

    def _objects(self, table: TableName) -> Extent:
        """What lies there, also of older versions."""
        prefix = self._prefixes[table]
        listing = Bucket(self._world.settings.storage).listing(prefix)
        sizes = [each.size_bytes for each in listing if not each.object_key.startswith(prefix + LOG)]
        return Extent(len(sizes), sum(sizes))


def _condition(place: Place) -> str:
    return f"sales_month = '{place.sales_month}' AND store_id = {place.store_id}"


@contextmanager
def _jvm_awaited(what: str) -> Iterator[None]:
    """A JVM that ends here ends by no file that a store sent, so none is blamed for it."""
    try:
        yield
    except (Py4JError, ConnectionError) as error:
        raise ServiceAwayError(f"Spark's JVM ended while {what}: {error}") from error
