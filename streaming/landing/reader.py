"""Spark's questions about landing, in its words: what the planner and a task answer stands in modules of their own.

They are imported where they are asked: Spark has five processes that know this class, two of which ask.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql.datasource import DataSourceStreamReader, InputPartition
from pyspark.sql.streaming.datasource import ReadAllAvailable, ReadLimit, ReadMaxFiles, SupportsTriggerAvailableNow

from streaming.contract.columns import ERRANDS
from streaming.contract.deliveries import Selection, Share
from streaming.contract.faults import fault_point
from streaming.contract.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

    from streaming.landing.planner import Planner

log = logging.getLogger(__name__)

OFFSET = "delivery_id"


@dataclass(frozen=True, slots=True)
class ShareOfOneTask(InputPartition):
    """The part of a batch that one Spark task reads."""

    share: Share


class LandingReader(DataSourceStreamReader, SupportsTriggerAvailableNow):
    """Plans batches beside the driver; travels to executors without any settings."""

    def __init__(self, *, settings: Settings, selection: Selection, tasks: int) -> None:
        self._settings: Settings | None = settings
        self._files_per_batch = settings.limits.files_per_batch
        self._selection = selection
        self._tasks = tasks
        self._made: Planner | None = None

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_settings": None, "_made": None}

    def initialOffset(self) -> dict[str, int]:  # noqa: N802  Spark's name
        """Before the first delivery; those no longer waiting are passed over."""
        return {OFFSET: 0}

    def getDefaultReadLimit(self) -> ReadLimit:  # noqa: N802  Spark's name
        """Files per batch; bytes per batch are bounded beside it."""
        return ReadMaxFiles(self._files_per_batch)

    def prepareForTriggerAvailableNow(self) -> None:  # noqa: N802  Spark's name
        """Fix the end of a run that drains landing: what is there now."""
        self._planner.fix_end()

    def latestOffset(self, start: dict[str, int], limit: ReadLimit) -> dict[str, int]:  # noqa: N802  Spark's name
        """The end of the next batch: the last of the next waiting deliveries within the limits."""
        files = None if isinstance(limit, ReadAllAvailable) else self._files_per_batch
        files = limit.max_files if isinstance(limit, ReadMaxFiles) else files
        return {OFFSET: self._planner.end_of_batch(after=start[OFFSET], files=files)}

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> Sequence[InputPartition]:
        """The batch's deliveries, shared out by size; what need not be read is mentioned by one task."""
        return [ShareOfOneTask(share) for share in self._planner.shares(after=start[OFFSET], until=end[OFFSET])]

    def commit(self, end: dict[str, int]) -> None:
        """Spark has noted in its checkpoint that the batch is done; the ledger knew it before."""
        log.debug("Spark is done with deliveries up to %d", end[OFFSET])
        fault_point("spark.committed")

    def read(self, partition: InputPartition) -> Iterator["pa.RecordBatch"]:
        """On an executor: the share as it is; the same task reads its files once the driver has said what to do."""
        from streaming.contract.pickled import rows_of  # noqa: PLC0415  see above

        if not isinstance(partition, ShareOfOneTask):
            raise TypeError(f"not a partition of landing: {partition!r}")
        yield rows_of([partition.share], ERRANDS)

    @property
    def _planner(self) -> "Planner":
        from streaming.landing.planner import Planner  # noqa: PLC0415  see above

        if self._made is None:
            if self._settings is None:
                raise RuntimeError("only the driver plans batches")
            self._made = Planner(self._settings, self._selection, tasks=self._tasks)
        return self._made
