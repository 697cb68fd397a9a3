"""The `landing` format: Spark reads deliveries, the ledger says which.

An offset is the highest delivery id of a batch. Everything else that matters is in the ledger, so a lost
checkpoint loses nothing, and a file put again under its key is simply another delivery.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.streaming.datasource import (
    ReadAllAvailable,
    ReadLimit,
    ReadMaxFiles,
    SupportsTriggerAvailableNow,
)
from pyspark.sql.types import StructType

from streaming.bucket import Bucket
from streaming.contract.columns import TYPED, ddl
from streaming.contract.decisions import to_read
from streaming.contract.deliveries import Delivery, Selection
from streaming.contract.faults import fault_point
from streaming.contract.logs import set_up_logging
from streaming.contract.ranges import ids_of, ranges_of
from streaming.contract.settings import Settings, read_settings
from streaming.crashes import reading_note
from streaming.discovery import Discovery
from streaming.landing.shares import shares_of, typed_rows
from streaming.looks import note_look
from streaming.source.reading import Share
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import (
    counted_with_content,
    newest_id,
    waiting,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from streaming.contract.sections import Limits

log = logging.getLogger(__name__)

OFFSET = "delivery_id"
FEWER_AFTER_A_CRASH = 32


def landing_rows(spark: SparkSession, settings: Settings, selection: Selection) -> DataFrame:
    """The stream of rows that arrive in an environment's landing prefix, with one closing row per delivery."""
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
        """The columns of `contract.columns.TYPED`."""
        return ddl(TYPED)

    def streamReader(self, schema: StructType) -> "LandingReader":  # noqa: ARG002, N802  Spark's names
        """The reader; it takes its settings from the environment file, in a process of its own beside the driver."""
        settings = read_settings(self.options["environment"])
        set_up_logging(settings.environment)
        return LandingReader(
            settings=settings,
            selection=_selection(self.options),
            tasks=int(self.options.get("tasks", "1")),
        )


@dataclass(frozen=True, slots=True)
class ShareOfOneTask(InputPartition):
    """The part of a batch that one Spark task reads, and the day that the batch was planned."""

    share: Share
    today: date


class LandingReader(DataSourceStreamReader, SupportsTriggerAvailableNow):
    """Plans batches in the driver; travels to executors with the bucket and the limits, without the database."""

    def __init__(self, *, settings: Settings, selection: Selection, tasks: int) -> None:
        self._settings: Settings | None = settings
        self._selection = selection
        self._tasks = tasks
        self._bucket = Bucket(settings.storage)
        self._limits: Limits = settings.limits
        self._discovery: Discovery | None = Discovery(self._bucket, settings)
        self._horizon: int | None = None

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_settings": None, "_discovery": None}

    def initialOffset(self) -> dict[str, int]:  # noqa: N802  Spark's name
        """Before the first delivery; those no longer waiting are passed over."""
        return {OFFSET: 0}

    def getDefaultReadLimit(self) -> ReadLimit:  # noqa: N802  Spark's name
        """Files per batch; bytes per batch are bounded beside it."""
        return ReadMaxFiles(self._limits.files_per_batch)

    def prepareForTriggerAvailableNow(self) -> None:  # noqa: N802  Spark's name
        """Fix the end of a run that drains landing: what is there now."""
        self._landing.look()
        with connected(self._here.warehouse) as database:
            self._horizon = newest_id(database)

    def latestOffset(self, start: dict[str, int], limit: ReadLimit) -> dict[str, int]:  # noqa: N802  Spark's name
        """The end of the next batch: the last of the next waiting deliveries within the limits."""
        if self._horizon is None:
            self._landing.look()
        note_look(self._here.environment)
        end = start[OFFSET]
        files, size, crashes = 0, 0, 0
        for delivery in self._waiting(after=end, until=self._horizon):
            files, size, crashes = files + 1, size + delivery.size_bytes, max(crashes, delivery.crashes)
            if files > 1 and self._is_beyond(limit, files=files, size=size, crashes=crashes):
                break
            end = delivery.delivery_id
        return {OFFSET: end}

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> Sequence[InputPartition]:
        """The batch's deliveries, shared out by size; what need not be read is mentioned by one task."""
        deliveries = list(self._waiting(after=start[OFFSET], until=end[OFFSET]))
        with connected(self._here.warehouse) as database:
            counted = counted_with_content(database, deliveries)
        policy, most_crashes = self._here.policy.duplicates, self._limits.crashes_per_file
        reads = to_read(deliveries, counted, policy=policy, most_crashes=most_crashes)
        reading_note(self._here.environment).write_text(json.dumps(sorted(reads)), encoding="utf-8")
        today = datetime.now(UTC).date()
        return [ShareOfOneTask(share, today) for share in shares_of(deliveries, reads, tasks=self._tasks)]

    def commit(self, end: dict[str, int]) -> None:
        """Spark has noted in its checkpoint that the batch is done; the ledger knew it before."""
        log.debug("Spark is done with deliveries up to %d", end[OFFSET])
        fault_point("spark.committed")

    def read(self, partition: InputPartition) -> Iterator["pa.RecordBatch"]:
        """On an executor: the typed rows of each delivery, of the very bytes that were listed, and its closing row."""
        if not isinstance(partition, ShareOfOneTask):
            raise TypeError(f"not a partition of landing: {partition!r}")
        yield from typed_rows(self._bucket, partition.share, limits=self._limits, today=partition.today)

    @property
    def _here(self) -> Settings:
        if self._settings is None:
            raise RuntimeError("only the driver plans batches")
        return self._settings

    @property
    def _landing(self) -> Discovery:
        if self._discovery is None:
            raise RuntimeError("only the driver looks at landing")
        return self._discovery

    def _waiting(self, *, after: int, until: int | None) -> Iterator[Delivery]:
        with connected(self._here.warehouse) as database:
            yield from waiting(
                database,
                after=after,
                until=2**62 if until is None else until,
                selection=self._selection,
                prefix=self._here.storage.prefixes.landing,
            )

    def _is_beyond(self, limit: ReadLimit, *, files: int, size: int, crashes: int) -> bool:
        most = limit.max_files if isinstance(limit, ReadMaxFiles) else self._limits.files_per_batch
        if isinstance(limit, ReadAllAvailable) and not crashes:
            return False
        most = files_after(crashes, most=most, most_crashes=self._limits.crashes_per_file)
        return files > most or size > self._limits.bytes_per_batch


def files_after(crashes: int, *, most: int, most_crashes: int) -> int:
    """How many files a batch may have where one has crashed: ever fewer, and alone at its last chance.

    So a good file is never given up for the sake of a bad one beside it.
    """
    return 1 if crashes >= most_crashes - 1 and crashes else max(1, most // FEWER_AFTER_A_CRASH**crashes)


def _selection(options: Mapping[str, str]) -> Selection:
    return Selection(
        key_pattern=options.get("key_pattern", "*"),
        arrived_from=_moment(options.get("arrived_from")),
        arrived_until=_moment(options.get("arrived_until")),
        delivery_ids=frozenset(ids_of(options["deliveries"])) if "deliveries" in options else None,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
