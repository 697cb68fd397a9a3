"""Delta's log of one table, as the JVM keeps it: what pyspark has no way to."""

import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StructType

from streaming.contract.chores import LAKE_WRITER
from streaming.contract.errors import ContractError, ServiceAwayError
from streaming.contract.readings import Change, StandingFile
from streaming.lake_actions import actions_of, metadata_of
from streaming.lake_errors import explained
from streaming.standing_files import StandingFiles

if TYPE_CHECKING:
    from py4j.java_gateway import JavaObject, JVMView


ENDS = ("minValues", "maxValues")
PLAIN = {"delta.columnMapping.mode": "none", "delta.enableDeletionVectors": "false"}
"""Settings by which a table's files are what they seem."""


class TableLog:
    """The log of the table at a path, whether or not there is one yet.

    Raises, from every method:
        ServiceAwayError: S3 fails, also after retries, or the JVM is gone.
        ConfigurationError: S3 refuses the credentials.
    """

    def __init__(self, spark: SparkSession, path: str) -> None:
        self._spark = spark
        self._path = path
        self._standing = StandingFiles(self._files_at)

    def version(self) -> int:
        """The newest version that this JVM has seen or made, -1 where there is no table yet."""
        with explained(self._path):
            return int(self._snapshot().version())

    def update(self) -> None:
        """Look for versions that others have made since this JVM looked last."""
        with explained(self._path):
            nothing = self._jvm.scala.Option.empty()
            self._log().update(False, nothing, nothing)  # noqa: FBT003  Scala's

    def files(self) -> DataFrame:
        """The files of the newest version, without a look into any: their `partitionValues` and `size`."""
        with explained(self._path):
            return DataFrame(self._snapshot().allFiles().toDF(), self._spark).select("partitionValues", "size")

    def create(self, columns: StructType, *, partitions: Sequence[str], settings: Mapping[str, str]) -> None:
        """Make the table, without a file: also where someone died while making it, and left the folder of its log."""
        with explained(self._path):
            transaction = self._log().startTransaction()
            line = metadata_of(columns.json(), partitions=partitions, settings=settings, now=time.time())
            transaction.updateMetadataForNewTable(self._action(line))
            self._commit(transaction, ())

    def must_have(self, columns: StructType, *, partitions: Sequence[str]) -> None:
        """See that the table is the one that is meant, whatever made it: what is laid into it is not looked at.

        Raises:
            ContractError: it has other columns.
        """
        with explained(self._path):
            metadata = self._snapshot().metadata()
            found = StructType.fromJson(json.loads(metadata.schemaString()))
            parts = metadata.partitionColumns().mkString(",")
            settings = {name: metadata.configuration().get(name) for name in PLAIN}
            settings = {name: said.get() for name, said in settings.items() if said.isDefined()}
        if _types(found) != _types(columns) or parts != ",".join(partitions):
            raise ContractError(
                f"lake {self._path} has other columns than this version writes: {found.simpleString()}, in folders by "
                f"{parts or 'nothing'}; docs/how-to-add.md says how a table gets a column"
            )
        for name, value in PLAIN.items():
            if settings.get(name, value) != value:
                raise ContractError(
                    f"lake {self._path} has {name} = {settings[name]}: its files are not what they seem"
                )

    def holding(
        self, deliveries: Collection[int], *, version: int, months: Collection[str] | None = None
    ) -> list[StandingFile]:
        """The files of a version that may hold rows of these deliveries, by what the log says of them.

        Args:
            deliveries: their ids.
            version: of the table.
            months: the only ones in which these rows can be, None where the table knows no months.
        """
        ids = sorted(deliveries)
        return [file for file in self._standing.at(version) if file.may_hold(ids, months=months)]

    def _files_at(self, version: int) -> list[StandingFile]:
        low, high = (F.get_json_object("stats", f"$.{end}.delivery_id").cast("BIGINT") for end in ENDS)
        with explained(self._path):
            files = DataFrame(self._snapshot_at(version).allFiles().toDF(), self._spark)
            rows = files.select("path", "partitionValues", "size", low.alias("low"), high.alias("high")).collect()
        return [
            StandingFile(
                log_path=row.path,
                partition=dict(row.partitionValues),
                size_bytes=row.size,
                deliveries=None if row.low is None or row.high is None else (row.low, row.high),
            )
            for row in rows
        ]

    def take(self, change: Change, *, batch_id: int) -> bool:
        """Commit a batch's files as they lie there; in the same commit, note that the batch has been taken.

        False where the log knows this batch or a newer one already: nothing is committed then.
        """
        with explained(self._path):
            transaction = self._log().startTransaction()
            if _newest_batch(transaction) >= batch_id:
                return False
            version = self._commit(transaction, actions_of(change, batch_id=batch_id, now=time.time()))
        self._standing.changed(version, change)
        return True

    def _commit(self, transaction: "JavaObject", lines: Iterable[str]) -> int:
        """The new version, told as Spark's own append: of a manual update Delta would reckon the whole state anew."""
        jvm, actions = self._jvm, self._jvm.java.util.ArrayList()
        for line in lines:
            actions.add(self._action(line))
        append, unsaid = jvm.org.apache.spark.sql.SaveMode.Append, jvm.scala.Option.empty()
        appending = jvm.org.apache.spark.sql.delta.DeltaOperations.Write(append, *[unsaid] * 8)
        return int(transaction.commit(jvm.scala.jdk.javaapi.CollectionConverters.asScala(actions).toSeq(), appending))

    def _action(self, line: str) -> "JavaObject":
        return self._jvm.org.apache.spark.sql.delta.actions.Action.fromJson(line)

    def _snapshot(self) -> "JavaObject":
        return self._log().unsafeVolatileSnapshot()

    def _snapshot_at(self, version: int) -> "JavaObject":
        snapshot, nothing = self._snapshot(), self._jvm.scala.Option.empty()
        if int(snapshot.version()) == version:
            return snapshot
        return self._log().getSnapshotAt(version, nothing, nothing, False)  # noqa: FBT003  Scala's

    def _log(self) -> "JavaObject":
        session, sql = self._spark._jsparkSession, self._jvm.org.apache.spark.sql  # noqa: SLF001  see above
        sql.classic.SparkSession.setActiveSession(session)  # Delta asks for it in this very thread of the JVM
        return sql.delta.DeltaLog.forTable(session, self._path)

    @property
    def _jvm(self) -> "JVMView":
        jvm = self._spark.sparkContext._jvm  # noqa: SLF001  see above
        if jvm is None:
            raise ServiceAwayError("Spark's JVM is gone")
        return jvm


def _newest_batch(transaction: "JavaObject") -> int:
    """The newest batch that the log knows, -1 where it knows none; a writer that notes another meanwhile is a conflict.

    The version's checksum has it, if there is one: for `txnVersion` Delta reckons the table's whole state.
    """
    checksum = transaction.snapshot().checksumOpt()
    known = checksum.get().setTransactions() if checksum.isDefined() else checksum
    if not known.isDefined():
        return int(transaction.txnVersion(LAKE_WRITER))
    transaction.readTxn().addOne(LAKE_WRITER)  # what `txnVersion` does as well
    batches = (known.get().apply(number) for number in range(known.get().size()))
    return max((int(batch.version()) for batch in batches if batch.appId() == LAKE_WRITER), default=-1)


def _types(columns: StructType) -> Mapping[str, DataType]:
    return {field.name: field.dataType for field in columns}
