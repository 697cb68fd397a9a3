"""Files that end the process that reads them: who was being read, and how often that went wrong."""

import json
import logging
import re
from pathlib import Path

from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from streaming.contract.errors import ReaderCrashError
from streaming.contract.places import scratch
from streaming.contract.settings import Settings
from streaming.warehouse.connection import connected, execute, transaction

log = logging.getLogger(__name__)

WORKER_GONE = re.compile(r"Python worker exited unexpectedly|Python worker failed|MemoryError")


def reading_note(environment: str) -> Path:
    """Where the source notes, before a batch is read, the ids of the deliveries in it."""
    return scratch(environment) / "reading.json"


def crash_of(failure: BaseException, settings: Settings) -> ReaderCrashError | None:
    """The failure as a crash of the reader, counted in the ledger for all that was being read; None if it is none."""
    if not _is_crash(failure):
        return None
    ids = _being_read(settings.environment)
    if not ids:
        return None
    with connected(settings.warehouse) as database, transaction(database):
        execute(database, "deliveries/note_crash", delivery_ids=ids)
    return ReaderCrashError(f"reading one of {len(ids)} files ended the reader; it is tried again with fewer at once")


def is_alive(spark: SparkSession) -> bool:
    """True when Spark's JVM still answers."""
    try:
        return not spark.sparkContext._jsc.sc().isStopped()  # noqa: SLF001  pyspark's only way to ask
    except (Py4JError, ConnectionError, AttributeError):
        return False


def _is_crash(failure: BaseException) -> bool:
    """True when a Python worker or the whole JVM went away; what a reader says in words is no crash."""
    if isinstance(failure, Py4JNetworkError | ConnectionRefusedError):
        return True
    return isinstance(failure, Py4JError | PySparkException) and bool(WORKER_GONE.search(str(failure)))


def _being_read(environment: str) -> tuple[int, ...]:
    try:
        return tuple(json.loads(reading_note(environment).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()
