"""The stream: Spark asks landing for the next deliveries, again and again, and hands each batch to the corridor."""

import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException, StreamingQueryException
from pyspark.sql import DataFrame
from pyspark.sql.streaming.query import StreamingQuery

from streaming.callback import Batches, BatchReport, ours
from streaming.chores import Chores
from streaming.classes import ClassArchive
from streaming.contract.deliveries import Selection
from streaming.contract.errors import ReaderCrashError
from streaming.contract.places import scratch
from streaming.contract.settings import Settings, Trigger
from streaming.crashes import full_disk_told, is_alive
from streaming.job import recover
from streaming.lake import Lake
from streaming.landing.data_source import landing_shares
from streaming.session import spark_session
from streaming.stamps import require_stamps
from streaming.warehouse.connection import connected
from streaming.warehouse.migrations import require_migrated
from streaming.warehouse.writer import only_writer
from streaming.world import Place, World

if TYPE_CHECKING:
    from pyspark.sql.streaming.readwriter import DataStreamWriter

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
CRASHES_PER_RUN = 10
"""More than this is no matter of a file."""


def run_stream(
    settings: Settings,
    selection: Selection,
    *,
    trigger: Trigger,
    stop: threading.Event,
    announce: Callable[[BatchReport], None],
) -> None:
    """Load what waits in landing (available-now), or all that will ever arrive until `stop` is set (continuous).

    Raises:
        BusyError: another writer holds the environment.
        TillstreamError: the world is broken; whatever was not committed is still waiting.
    """
    require_stamps(settings)
    with only_writer(settings) as writer, full_disk_told(settings):
        _wipe(scratch(settings.environment))
        classes = ClassArchive() if trigger == "available-now" else None
        with spark_session(settings, trigger=trigger, classes=classes) as spark:
            log.info("Spark %s is up, on %s", spark.version, settings.stream.master)
            lake = Lake(spark, settings.storage)
            world = World(spark=spark, settings=settings, writer=writer, lake=lake)

            def tell(report: BatchReport) -> None:
                if classes is not None:
                    classes.note_batch()
                announce(report)

            _outlive_crashes(lambda: flow_through(world, selection, trigger=trigger, stop=stop, announce=tell), world)


@contextmanager
def place_to_look(settings: Settings) -> Iterator[Place]:
    """Spark and the lake for someone who only looks: beside a writer, with scratch files of its own."""
    require_stamps(settings)
    with connected(settings.warehouse) as database:
        require_migrated(database, settings)
    with (
        TemporaryDirectory(prefix="tillstream-plan-") as folder,
        spark_session(settings, trigger="available-now", folder=Path(folder)) as spark,
    ):
        yield Place(spark=spark, settings=settings, lake=Lake(spark, settings.storage))


def _outlive_crashes(flow: Callable[[], None], world: World) -> None:
    """Go on after a file ended its reader: with fewer files at once, until that file stands alone and is given up."""
    for _ in range(CRASHES_PER_RUN):
        try:
            flow()
        except ReaderCrashError as crash:
            if not is_alive(world.spark):
                raise
            log.warning("%s", crash)
        else:
            return
    flow()


def flow_through(
    world: World,
    selection: Selection,
    *,
    trigger: Trigger,
    stop: threading.Event,
    announce: Callable[[BatchReport], None],
) -> None:
    """The same in a world that is there already.

    The checkpoint lives no longer than the query: where landing stands is in the ledger, so there is none to lose.
    """
    with (
        ThreadPoolExecutor(1, thread_name_prefix="beside") as beside,
        TemporaryDirectory(prefix="checkpoint-", dir=_there(scratch(world.settings.environment))) as checkpoint,
    ):
        recovered = beside.submit(recover, world)  # while Spark starts the query, which takes seconds too
        batches = Batches(world, announce, recovered)
        shares = landing_shares(world.spark, world.settings, selection)
        chores = Chores(world, batches.held) if trigger == "continuous" else None
        query = _start(shares, batches, checkpoint=Path(checkpoint), trigger=trigger, settings=world.settings)
        _wait(query, batches, stop, chores)
        recovered.result()


def _start(
    shares: DataFrame, batches: Batches, *, checkpoint: Path, trigger: Trigger, settings: Settings
) -> StreamingQuery:
    writer: DataStreamWriter = shares.writeStream.queryName("ingest").option("checkpointLocation", checkpoint.as_uri())
    if trigger == "available-now":
        writer = writer.trigger(availableNow=True)
    else:
        writer = writer.trigger(processingTime=f"{int(settings.stream.poll_seconds * 1000)} milliseconds")
    return writer.foreachBatch(batches).start()


def _wait(query: StreamingQuery, batches: Batches, stop: threading.Event, chores: Chores | None) -> None:
    """Until the query ends by itself, or is told to between two batches; chores are done between batches too."""
    try:
        while not query.awaitTermination(LOOK_SECONDS):  # type: ignore[arg-type]  # seconds may be a fraction
            if stop.is_set():
                with batches.between:
                    log.info("stopping between two batches")
                    query.stop()
            elif chores is not None and batches.has_begun:
                _tidy(query, chores)
    except StreamingQueryException as error:
        raise batches.failure or ours(error) from error
    except (Py4JError, ConnectionError) as error:
        raise batches.jvm_gone(error) from error


def _tidy(query: StreamingQuery, chores: Chores) -> None:
    try:
        chores.look()
    except Exception:
        with suppress(Py4JError, PySparkException, ConnectionError):  # a JVM that died has stopped already
            query.stop()
        raise


def _wipe(folder: Path) -> None:
    """What a writer before us left there is of no use to anyone."""
    shutil.rmtree(folder, ignore_errors=True)
    _there(folder)


def _there(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
