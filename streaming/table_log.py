"""Delta's log of one table, as the JVM keeps it: what pyspark has no way to."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import DataType, StructType

from streaming.contract.chores import LAKE_WRITER
from streaming.contract.errors import ContractError, ServiceAwayError
from streaming.contract.readings import LaidFile
from streaming.lake_actions import actions_of, metadata_of
from streaming.lake_errors import explained

if TYPE_CHECKING:
    from py4j.java_gateway import JavaObject, JVMView


class TableLog:
    """The log of the table at a path, whether or not there is one yet.

    Raises, from every method:
        ServiceAwayError: S3 fails, also after retries, or the JVM is gone.
        ConfigurationError: S3 refuses the credentials.
    """

    def __init__(self, spark: SparkSession, path: str) -> None:
        self._spark = spark
        self._path = path

    def version(self) -> int:
        """The newest version, -1 where there is no table yet; nothing of the past is read for it."""
        with explained(self._path):
            return int(self._snapshot().version())

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
        if _types(found) != _types(columns) or parts != ",".join(partitions):
            raise ContractError(
                f"lake {self._path} has other columns than this version writes: {found.simpleString()}, in folders by "
                f"{parts or 'nothing'}; docs/how-to-add.md says how a table gets a column"
            )

    def take(self, files: Sequence[LaidFile], *, batch_id: int) -> bool:
        """Commit a batch's files as they lie there; in the same commit, note that the batch has been taken.

        False where the log knows this batch or a newer one already: nothing is committed then.
        """
        with explained(self._path):
            transaction = self._log().startTransaction()
            if _newest_batch(transaction) >= batch_id:
                return False
            self._commit(transaction, actions_of(files, batch_id=batch_id, now=time.time()))
            return True

    def _commit(self, transaction: "JavaObject", lines: Iterable[str]) -> None:
        """Told as Spark's own append: of a manual update Delta would reckon the whole state anew."""
        jvm, actions = self._jvm, self._jvm.java.util.ArrayList()
        for line in lines:
            actions.add(self._action(line))
        append, unsaid = jvm.org.apache.spark.sql.SaveMode.Append, jvm.scala.Option.empty()
        appending = jvm.org.apache.spark.sql.delta.DeltaOperations.Write(append, *[unsaid] * 8)
        transaction.commit(jvm.scala.jdk.javaapi.CollectionConverters.asScala(actions).toSeq(), appending)

    def _action(self, line: str) -> "JavaObject":
        return self._jvm.org.apache.spark.sql.delta.actions.Action.fromJson(line)

    def _snapshot(self) -> "JavaObject":
        return self._log().unsafeVolatileSnapshot()

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
