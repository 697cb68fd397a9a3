"""What Spark calls with each micro-batch: one at a time, none before recovery, the first failure kept as it was."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from streaming.contract import errors
from streaming.contract.errors import TillstreamError
from streaming.contract.faults import fault_point
from streaming.crashes import crash_of
from streaming.job import load_batch
from streaming.lake_errors import is_from_s3, lake_error
from streaming.warehouse.batches import BatchSums
from streaming.world import World

OURS = re.compile(r"(?:streaming\.contract\.errors\.)?(\w+Error): ([^\n]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """One committed batch; seconds of wall time."""

    sums: BatchSums
    seconds: float


class Batches:
    """Hands batches to the corridor one at a time, none before recovery, and keeps the first failure as it was."""

    def __init__(self, world: World, announce: Callable[[BatchReport], None], recovered: Future[None]) -> None:
        """The world is theirs once it has recovered."""
        self._world = world
        self._announce = announce
        self._recovered = recovered
        self.between = threading.Lock()
        self.failure: BaseException | None = None

    def __call__(self, shares: DataFrame, _spark_batch: int) -> None:
        """Spark's callback; its batch number means nothing here, as it starts anew with each checkpoint."""
        with self.between:
            if self.failure is not None:
                raise RuntimeError("the stream has failed") from self.failure
            try:
                self._recovered.result()
                started = time.monotonic()
                sums = load_batch(shares, self._world)
            except BaseException as failure:
                self.failure = crash_of(failure, self._world.settings) or ours(failure)
                raise RuntimeError("the batch failed") from failure
            if sums is not None:
                self._announce(BatchReport(sums=sums, seconds=round(time.monotonic() - started, 3)))
            fault_point("spark.before")

    @property
    def has_begun(self) -> bool:
        """True when recovery is over, so that anything may be written."""
        return self._recovered.done()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Something else is done to the lake meanwhile; after a failure in it no batch is begun any more."""
        with self.between:
            try:
                self._recovered.result()
                yield
            except BaseException as failure:
                self.failure = failure
                raise

    def jvm_gone(self, error: Exception) -> BaseException:
        """What the callback made of it, if it runs, else the same here."""
        with self.between:
            return self.failure or crash_of(error, self._world.settings) or error


def ours(error: BaseException) -> BaseException:
    """The project's error that a Python worker raised or that S3 is the cause of, else the error itself."""
    told = str(error) if isinstance(error, PySparkException | Py4JJavaError) else ""
    for name, text in OURS.findall(told):
        kind = getattr(errors, name, None)
        if isinstance(kind, type) and issubclass(kind, TillstreamError):
            return kind(text.strip())
    return lake_error(told, "on S3") if told and is_from_s3(told) else error
