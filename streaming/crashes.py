"""Processes that end in the middle, and disks that fill: told in words, and counted where a file is to blame."""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from streaming.contract.errors import ReaderCrashError, ServiceAwayError
from streaming.contract.places import scratch
from streaming.contract.settings import Settings
from streaming.warehouse.connection import connected, execute, transaction

log = logging.getLogger(__name__)

WORKER_GONE = re.compile(r"Python worker exited unexpectedly|Python worker failed|MemoryError")
DISK_FULL = re.compile(r"No space left on device|DiskErrorException|Disk quota exceeded")


def reading_note(environment: str) -> Path:
    """Where the source notes, before a batch is read, the ids of the deliveries in it."""
    return scratch(environment) / "reading.json"


def crash_of(failure: BaseException, settings: Settings) -> ServiceAwayError | None:
    """The failure as the end of a process, None if it is none.

    It is counted in the ledger for all deliveries that were being read, once however many threads tell of it.
    """
    is_jvm_gone = _is_jvm_gone(failure)
    if not is_jvm_gone and not _is_worker_gone(failure):
        return None
    ended = f"Spark's JVM (stream.driver_memory = {settings.stream.driver_memory})" if is_jvm_gone else "the reader"
    ids = _take_note(settings.environment)
    if not ids:
        return ServiceAwayError(f"{ended} ended in the middle: {failure}") if is_jvm_gone else None
    with connected(settings.warehouse) as database, transaction(database):
        execute(database, "deliveries/note_crash", delivery_ids=ids)
    return ReaderCrashError(f"reading one of {len(ids)} files ended {ended}; it is tried again with fewer at once")


def is_alive(spark: SparkSession) -> bool:
    """True when Spark's JVM still answers."""
    try:
        return not spark.sparkContext._jsc.sc().isStopped()  # noqa: SLF001  pyspark's only way to ask
    except (Py4JError, ConnectionError, AttributeError):
        return False


@contextmanager
def full_disk_told(settings: Settings) -> Iterator[None]:
    """Raise a ServiceAwayError in place of what Python, Spark or S3A say when there is no room for scratch files."""
    try:
        yield
    except Exception as failure:
        if DISK_FULL.search(str(failure)):
            raise ServiceAwayError(
                f"no space left on the disk that holds {scratch(settings.environment)}: make room, then run again"
            ) from failure
        raise


def _is_jvm_gone(failure: BaseException) -> bool:
    """True when the JVM went away or does not listen any more; an exception that it throws is an answer."""
    return isinstance(failure, Py4JNetworkError | ConnectionError)


def _is_worker_gone(failure: BaseException) -> bool:
    """True when a Python worker went away; what a reader says in words is no crash."""
    return isinstance(failure, Py4JError | PySparkException) and bool(WORKER_GONE.search(str(failure)))


def _take_note(environment: str) -> tuple[int, ...]:
    """The ids of what was being read, for the first who asks."""
    note = reading_note(environment)
    try:
        taken = note.rename(note.with_suffix(".taken"))
        return tuple(json.loads(taken.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()
