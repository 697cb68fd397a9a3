"""The lake: two Delta tables on S3, facts and rejects. One writer; every batch can be taken back until it commits."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from streaming.contract import columns as c
from streaming.contract.chores import LAKE_WRITER
from streaming.contract.deliveries import Counted
from streaming.contract.errors import ContractError, ServiceAwayError
from streaming.contract.sections import Storage
from streaming.lake_errors import explained
from streaming.schema import frame_of, schema_of

if TYPE_CHECKING:
    from py4j.java_gateway import JavaObject

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
    """

    def __init__(self, spark: SparkSession, storage: Storage) -> None:
        self._spark = spark
        self.facts_path = f"s3a://{storage.bucket}/{storage.prefixes.facts.rstrip('/')}"
        self.rejects_path = f"s3a://{storage.bucket}/{storage.prefixes.rejects.rstrip('/')}"

    def create(self) -> None:
        """Make the tables unless they are there, also where someone died while making them.

        Delta's builder takes the folder of a log without entries for a broken table, and would refuse for ever.
        """
        for path, columns, partitions, skipped_by in (
            (self.facts_path, c.FACTS, c.FACTS_PARTITIONS, ("delivery_id", c.SALES_DATE)),
            (self.rejects_path, c.REJECTS, (), ("delivery_id",)),
        ):
            with explained(path):
                if self._version(path) < 0:
                    nothing = frame_of(self._spark, (), columns)
                    writer = nothing.write.format("delta").mode("append").partitionBy(*partitions)
                    writer.option(SKIPPED_BY, ",".join(skipped_by)).save(path)
                else:  # whatever made it, it must be the table that is meant
                    builder = DeltaTable.createIfNotExists(self._spark).location(path).addColumns(schema_of(columns))
                    (builder.partitionedBy(*partitions) if partitions else builder).execute()

    def versions(self) -> LakeVersions:
        """The newest versions of both tables."""
        return LakeVersions(facts=self._version(self.facts_path), rejects=self._version(self.rejects_path))

    def look_ahead(self) -> None:
        """Have Delta reckon now what the next write asks the log first: which batch was the last to be taken."""
        for path in (self.facts_path, self.rejects_path):
            with explained(path):
                self._snapshot(path).transactions()

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

    def facts_of(self, deliveries: Collection[Counted], *, at: LakeVersions) -> DataFrame:
        """The facts of deliveries that counted at these versions, as `contract.columns.FACTS`.

        Without a version Delta would read whatever is newest when the rows are asked for.
        """
        ids = [counted.delivery.delivery_id for counted in deliveries]
        months = sorted({month for counted in deliveries for month in counted.sales_months})
        mine = F.col("sales_month").isin(*months) & F.col("delivery_id").isin(*ids)
        return self._rows(self.facts_path, at.facts).where(mine).select(c.names(c.FACTS))

    def rejects_of(self, deliveries: Collection[Counted], *, at: LakeVersions) -> DataFrame:
        """The rejects of deliveries that counted at these versions, as `contract.columns.REJECTS`."""
        ids = [counted.delivery.delivery_id for counted in deliveries]
        rejects = self._rows(self.rejects_path, at.rejects)
        return rejects.where(F.col("delivery_id").isin(*ids)).select(c.names(c.REJECTS))

    def all_facts(self, *, at: LakeVersions) -> DataFrame:
        """Every fact at these versions, as `contract.columns.FACTS`; none where there is no table yet."""
        return self._rows_or_none(self.facts_path, at.facts, c.FACTS)

    def all_rejects(self, *, at: LakeVersions) -> DataFrame:
        """Every reject at these versions, as `contract.columns.REJECTS`; none where there is no table yet."""
        return self._rows_or_none(self.rejects_path, at.rejects, c.REJECTS)

    def fence(self, batch_id: int) -> None:
        """Keep a stalled writer of this batch, or of any before it, from writing after all when it wakes up."""
        for path, columns in ((self.facts_path, c.FACTS), (self.rejects_path, c.REJECTS)):
            self._write(frame_of(self._spark, (), columns), path, batch_id=batch_id, replaced=None)

    def add_facts(
        self,
        facts: DataFrame,
        *,
        batch_id: int,
        rows: int,
        replacing: Collection[int],
        of: Collection[tuple[str, int]] | None = None,
    ) -> None:
        """Append a batch's facts; in the same commit, drop those of the deliveries that it replaces.

        Args:
            facts: what to append.
            batch_id: whose they are.
            rows: how many, or about.
            replacing: deliveries whose facts are dropped.
            of: the months and stores of the dropped facts, all of them: no other is looked into. None if unknown.
        """
        tasks = min(self._spark.sparkContext.defaultParallelism, 1 + rows // ROWS_PER_TASK)
        spread = facts.coalesce(1) if tasks == 1 else facts.repartition(tasks, *c.FACTS_PARTITIONS)
        self._add(spread, self.facts_path, batch_id=batch_id, replaced=_rows_of(replacing, of))

    def add_rejects(self, rejects: DataFrame, *, batch_id: int, replacing: Collection[int]) -> None:
        """Append a batch's rejects; in the same commit, drop those of the deliveries that it replaces."""
        self._add(rejects.coalesce(1), self.rejects_path, batch_id=batch_id, replaced=_rows_of(replacing))

    def _rows_or_none(self, path: str, version: int, columns: c.Columns) -> DataFrame:
        if version < 0:
            return frame_of(self._spark, (), columns)
        return self._rows(path, version).select(c.names(columns))

    def _rows(self, path: str, version: int) -> DataFrame:
        with explained(path):
            return self._spark.read.format("delta").option("versionAsOf", version).load(path)

    def _add(self, rows: DataFrame, path: str, *, batch_id: int, replaced: str | None) -> None:
        """Write, and see that it had an effect: Delta takes no batch that is not newer than all it has seen.

        Raises:
            ContractError: it had none, as when MySQL was restored from a backup and counts batches anew.
        """
        before = self._version(path)
        self._write(rows, path, batch_id=batch_id, replaced=replaced)
        if self._version(path) <= before:
            raise ContractError(
                f"lake {path} did not take batch {batch_id}, as it knows a newer one: is the database an old backup? "
                "docs/operators.md says how to restore it"
            )

    def _write(self, rows: DataFrame, path: str, *, batch_id: int, replaced: str | None) -> None:
        writer = rows.write.format("delta").mode("append")
        writer = writer.option("txnAppId", LAKE_WRITER).option("txnVersion", batch_id)
        if replaced is not None:
            writer = writer.mode("overwrite").option("replaceWhere", replaced)
        with explained(path):
            writer.save(path)

    def files(self, path: str) -> DataFrame:
        """The files of a table's newest version, without a look into any: their `partitionValues` and `size`."""
        with explained(path):
            return DataFrame(self._snapshot(path).allFiles().toDF(), self._spark).select("partitionValues", "size")

    def keep_hours(self, path: str, hours: int) -> None:
        """Have Delta keep the files that a table lets go for so long; it asks the table, not the one who vacuums."""
        with explained(path):
            table = DeltaTable.forPath(self._spark, path)
            (detail,) = table.detail().collect()
            wanted = f"interval {hours} hours"
            if detail["properties"].get(KEPT_FOR) != wanted:
                self._spark.sql(f"ALTER TABLE delta.`{path}` SET TBLPROPERTIES ('{KEPT_FOR}' = '{wanted}')")

    def _version(self, path: str) -> int:
        with explained(path):
            return int(self._snapshot(path).version())

    def _snapshot(self, path: str) -> "JavaObject":
        jvm = self._spark.sparkContext._jvm  # noqa: SLF001  pyspark has no other way to a Delta table's version that reads no history
        if jvm is None:
            raise ServiceAwayError("Spark's JVM is gone")
        delta_log = jvm.org.apache.spark.sql.delta.DeltaLog.forTable(self._spark._jsparkSession, path)  # noqa: SLF001  the same
        return delta_log.unsafeVolatileSnapshot()


def _rows_of(deliveries: Collection[int], places: Collection[tuple[str, int]] | None = None) -> str | None:
    """The rows of deliveries as a condition, None where there are none; by their places Delta opens no other file."""
    if not deliveries or (places is not None and not places):
        return None
    conditions: dict[str, Collection[object]] = {"delivery_id": {int(delivery_id) for delivery_id in deliveries}}
    if places is not None:
        conditions = {"sales_month": {month for month, _ in places}, "store_id": {s for _, s in places}, **conditions}
    return " AND ".join(f"{name} IN ({', '.join(sorted(map(repr, some)))})" for name, some in conditions.items())
