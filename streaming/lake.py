"""The lake: two Delta tables on S3, facts and rejects. One writer; every batch can be taken back until it commits."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession

from streaming.bucket import Bucket
from streaming.contract import columns as c
from streaming.contract.chores import LAKE_WRITER
from streaming.contract.deliveries import Counted
from streaming.contract.errors import ContractError, TillstreamError
from streaming.contract.readings import Change, LaidFile, StandingFile
from streaming.contract.sections import Storage
from streaming.lake_errors import explained
from streaming.schema import frame_of, schema_of
from streaming.table_log import TableLog

log = logging.getLogger(__name__)

ROWS_PER_TASK = 50_000
KEPT_FOR = "delta.deletedFileRetentionDuration"
SKIPPED_BY = "delta.dataSkippingStatsColumns"
"""Of which columns Delta notes the range in each file, so that a query may pass over it: noting all takes long."""


@dataclass(frozen=True, slots=True)
class LakeVersions:
    """Where the two tables stand: Delta versions, growing by one with each write."""

    facts: int
    rejects: int


class Lake:
    """The facts and rejects of one environment.

    Raises, from every method:
        ServiceAwayError: S3 fails, also after retries.
        ConfigurationError: S3 refuses the credentials.
        ContractError: where a batch is added that is not newer than all that the lake knows.
    """

    def __init__(self, spark: SparkSession, storage: Storage) -> None:
        self._spark = spark
        self._storage = storage
        self.facts_path = f"s3a://{storage.bucket}/{storage.prefixes.facts.rstrip('/')}"
        self.rejects_path = f"s3a://{storage.bucket}/{storage.prefixes.rejects.rstrip('/')}"
        self._logs = {path: TableLog(spark, path) for path in (self.facts_path, self.rejects_path)}

    def create(self) -> None:
        """Make the tables unless they are there; one that is there must be the one that is meant.

        Raises:
            ContractError: a table has other columns.
        """
        for path, columns, partitions, ranged in (
            (self.facts_path, c.FACTS, c.FACTS_PARTITIONS, c.FACTS_RANGED),
            (self.rejects_path, c.REJECTS, (), c.REJECTS_RANGED),
        ):
            table, schema = self._log(path), schema_of(columns)
            table.update()  # before this writer there may have been another
            if table.version() < 0:
                table.create(schema, partitions=partitions, settings={SKIPPED_BY: ",".join(ranged)})
            else:
                table.must_have(schema, partitions=partitions)

    def versions(self) -> LakeVersions:
        """The newest versions of both tables."""
        return LakeVersions(facts=self._version(self.facts_path), rejects=self._version(self.rejects_path))

    def restore(self, versions: LakeVersions) -> None:
        """Take back whatever was written after these versions."""
        now = self.versions()
        for path, wanted, found in (
            (self.facts_path, versions.facts, now.facts),
            (self.rejects_path, versions.rejects, now.rejects),
        ):
            if wanted != found:
                log.info("taking %s back from version %d to %d", path, found, wanted)
                with explained(path):
                    DeltaTable.forPath(self._spark, path).restoreToVersion(wanted)

    def facts_with(self, deliveries: Collection[Counted], *, at: LakeVersions) -> list[StandingFile]:
        """The files that may hold facts of deliveries that counted at these versions."""
        ids = [counted.delivery.delivery_id for counted in deliveries]
        months = {month for counted in deliveries for month in counted.sales_months}
        return self._log(self.facts_path).holding(ids, version=at.facts, months=months)

    def rejects_with(self, deliveries: Collection[Counted], *, at: LakeVersions) -> list[StandingFile]:
        """The files that may hold rejects of deliveries that counted at these versions."""
        ids = [counted.delivery.delivery_id for counted in deliveries]
        return self._log(self.rejects_path).holding(ids, version=at.rejects)

    def all_facts(self, *, at: LakeVersions) -> DataFrame:
        """Every fact at these versions, as `contract.columns.FACTS`; none where there is no table yet."""
        return self._rows_or_none(self.facts_path, at.facts, c.FACTS)

    def all_rejects(self, *, at: LakeVersions) -> DataFrame:
        """Every reject at these versions, as `contract.columns.REJECTS`; none where there is no table yet."""
        return self._rows_or_none(self.rejects_path, at.rejects, c.REJECTS)

    def fence(self, batch_id: int) -> None:
        """Keep a stalled writer of this batch, or of any before it, from writing after all when it wakes up."""
        for path in (self.facts_path, self.rejects_path):
            self._log(path).take(Change(added=()), batch_id=batch_id)

    def take_facts(self, change: Change, *, batch_id: int) -> None:
        """Have the files that were laid for a batch be facts from now on, in place of others."""
        self._take(self.facts_path, change, batch_id=batch_id)

    def take_rejects(self, change: Change, *, batch_id: int) -> None:
        """Have the files that were laid for a batch be rejects from now on, in place of others."""
        self._take(self.rejects_path, change, batch_id=batch_id)

    def clear(self, *, facts: Sequence[LaidFile], rejects: Sequence[LaidFile]) -> None:
        """Delete files that were laid for nothing; what cannot be deleted now, `maintain` will."""
        prefixes = self._storage.prefixes
        keys = [f"{prefixes.facts}{file.path}" for file in facts]
        keys += [f"{prefixes.rejects}{file.path}" for file in rejects]
        try:
            Bucket(self._storage).drop(keys)
        except TillstreamError as error:
            log.warning("%d files that nothing refers to stay in the lake's folders for now: %s", len(keys), error)

    def add_facts(self, facts: DataFrame, *, batch_id: int, rows: int, replacing: Collection[int]) -> None:
        """Append facts that Spark has; in the same commit, drop those of the deliveries that they replace.

        Args:
            facts: what to append.
            batch_id: whose they are.
            rows: how many, or about.
            replacing: deliveries whose facts are dropped.
        """
        tasks = min(self._spark.sparkContext.defaultParallelism, 1 + rows // ROWS_PER_TASK)
        spread = facts.coalesce(1) if tasks == 1 else facts.repartition(tasks, *c.FACTS_PARTITIONS)
        self._add(spread, self.facts_path, batch_id=batch_id, replacing=replacing)

    def add_rejects(self, rejects: DataFrame, *, batch_id: int, replacing: Collection[int]) -> None:
        """Append rejects that Spark has; in the same commit, drop those of the deliveries that they replace."""
        self._add(rejects.coalesce(1), self.rejects_path, batch_id=batch_id, replacing=replacing)

    def _rows_or_none(self, path: str, version: int, columns: c.Columns) -> DataFrame:
        if version < 0:
            return frame_of(self._spark, (), columns)
        return self._rows(path, version).select(c.names(columns))

    def _rows(self, path: str, version: int) -> DataFrame:
        with explained(path):
            return self._spark.read.format("delta").option("versionAsOf", version).load(path)

    def _take(self, path: str, change: Change, *, batch_id: int) -> None:
        if not self._log(path).take(change, batch_id=batch_id):
            raise _not_taken(path, batch_id)

    def _add(self, rows: DataFrame, path: str, *, batch_id: int, replacing: Collection[int]) -> None:
        """Write, and see that it had an effect: Delta takes no batch that is not newer than all it has seen."""
        before = self._version(path)
        writer = rows.write.format("delta").mode("append")
        writer = writer.option("txnAppId", LAKE_WRITER).option("txnVersion", batch_id)
        if replacing:
            ids = ", ".join(str(int(delivery_id)) for delivery_id in sorted(replacing))
            writer = writer.mode("overwrite").option("replaceWhere", f"delivery_id IN ({ids})")
        with explained(path):
            writer.save(path)
        if self._version(path) <= before:
            raise _not_taken(path, batch_id)

    def files(self, path: str) -> DataFrame:
        """The files of a table's newest version, without a look into any: their `partitionValues` and `size`."""
        return self._log(path).files()

    def keep_hours(self, path: str, hours: int) -> None:
        """Have Delta keep the files that a table lets go for so long; it asks the table, not the one who vacuums."""
        with explained(path):
            table = DeltaTable.forPath(self._spark, path)
            (detail,) = table.detail().collect()
            wanted = f"interval {hours} hours"
            if detail["properties"].get(KEPT_FOR) != wanted:
                self._spark.sql(f"ALTER TABLE delta.`{path}` SET TBLPROPERTIES ('{KEPT_FOR}' = '{wanted}')")

    def _version(self, path: str) -> int:
        return self._log(path).version()

    def _log(self, path: str) -> TableLog:
        return self._logs[path]


def _not_taken(path: str, batch_id: int) -> ContractError:
    """As when MySQL was restored from a backup and counts batches anew."""
    return ContractError(
        f"lake {path} did not take batch {batch_id}, as it knows a newer one: is the database an old backup? "
        "docs/operators.md says how to restore it"
    )
