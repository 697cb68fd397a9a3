"""Keeping the stream up: its words into the run, its death survived, its end reported."""

import logging
import time
from collections import deque
from dataclasses import dataclass, field
from math import inf

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from streaming.contract.errors import BusyError, ServiceAwayError, TillstreamError
from streaming.contract.settings import read_settings
from tasks.door import Door, Orders
from tasks.events import Happening, tell
from tasks.noticing import tell_of_batch
from tasks.patience import Ending, pause_after
from tasks.progress import call_run, publish_batches, unless_away
from tasks.standing import StreamProgress
from tasks.surroundings import is_run_of_worker, take_environment
from tasks.tales import BatchTale, LookTale, error_of, reason_in, told
from tasks.watchdog import Watchdog

log = logging.getLogger(__name__)

BATCHES_SHOWN = 1_000
STALLED = "it made no progress and was closed"


@dataclass(slots=True)
class StreamRun:
    """What a run of the stream did, over all lives of the door; `busy` says who writes in its place, if so."""

    batches: int = 0
    deliveries: int = 0
    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    busy: str | None = None
    newest: deque[BatchTale] = field(default_factory=lambda: deque(maxlen=BATCHES_SHOWN))

    def add(self, batch: BatchTale) -> None:
        """Count one more batch."""
        self.batches += 1
        self.deliveries += batch.deliveries
        self.rows_read += batch.rows_read
        self.rows_loaded += batch.rows_loaded
        self.rows_rejected += batch.rows_rejected
        self.newest.append(batch)

    @property
    def in_short(self) -> str:
        """For a name."""
        if self.busy:
            return "another writer is at work"
        return f"{self.batches} batches, {self.deliveries} deliveries, {self.rows_rejected:,} rows rejected"

    def __str__(self) -> str:
        return (
            f"{self.batches} batches, {self.deliveries} deliveries, {self.rows_read:,} rows read, "
            f"{self.rows_loaded:,} loaded, {self.rows_rejected:,} rejected"
        )


@task(name="stream", task_run_name="stream-{orders.environment}", cache_policy=NO_CACHE)
def keep_streaming(orders: Orders) -> StreamRun:
    """Run the door until it is done, opening it again when it dies of what may pass.

    Another writer in the environment is no failure: the run ends at once and names it, unless it is the worker's
    continuous one, which stands by.

    Raises:
        TillstreamError: what the door died of, when nobody but a person can mend it or it kept dying.
    """
    supervisor = Supervisor(orders)
    try:
        supervisor.outlive_deaths()
    except BusyError as busy:
        supervisor.run.busy = str(busy)
    except TillstreamError as error:
        tell("stream.failed", orders.environment, reason=error, exit_code=error.exit_code)
        raise
    finally:
        publish_batches(orders.environment, supervisor.run.newest)
        call_run(supervisor.run.in_short)
    log.info("the stream is done: %s", supervisor.run.busy or supervisor.run)
    return supervisor.run


class Supervisor:
    """Opens the door, listens to it, and opens it again."""

    def __init__(self, orders: Orders) -> None:
        self.run = StreamRun()
        self._orders = orders
        self._progress = StreamProgress(orders.environment)

    def outlive_deaths(self) -> None:
        """One life of the door after another, until one ends well or there is no hope."""
        deaths, stands_by = 0, is_run_of_worker() and self._orders.trigger == "continuous"
        while not (ending := self._one_life()).is_done:
            deaths = 1 if ending.is_healthy else deaths + 1
            error = ServiceAwayError(STALLED) if ending.was_stalled else error_of(ending.exit_code, ending.reason)
            pause = pause_after(ending, deaths=deaths, stands_by=stands_by)
            if pause is None:
                raise error
            log.warning("the stream died, %d in a row: %s; again in %d s", deaths, error, pause)
            happening: Happening = "stream.stalled" if ending.was_stalled else "stream.died"
            tell(happening, self._orders.environment, reason=error, deaths=deaths)
            self._progress.show(self.run.deliveries, self.run.newest, note=f"down: {error}")
            time.sleep(pause)
        self._progress.show(self.run.deliveries, self.run.newest, is_last=True)

    def _one_life(self) -> Ending:
        """Open the door and hear its last word, also when a signal ends this run; nothing of it is left."""
        self._renew()
        door = Door.opened(self._orders)
        settings = read_settings(self._orders.environment)
        patience = settings.operations.stall_seconds if self._orders.is_stream else inf
        with Watchdog(door, patience_seconds=patience) as watchdog:
            try:
                log.info("opened the stream as process %d, trigger %s", door.pid, self._orders.trigger)
                reason = self._listen(door, watchdog)
            finally:
                door.close()
                self._listen(door, watchdog)
        return Ending(
            exit_code=door.exit_code or 0, seconds=door.seconds, reason=reason, was_stalled=watchdog.has_bitten
        )

    def _renew(self) -> None:
        """Take the environment as its block has it now: a password may be another one since the last life."""
        if is_run_of_worker():
            with unless_away():
                take_environment(self._orders.environment)

    def _listen(self, door: Door, watchdog: Watchdog) -> str | None:
        """Pass on all that the door says until it ends; its reason, if it fails with one."""
        run_log = get_run_logger()
        reason = None
        for line in door.lines():
            reason = reason_in(line) or reason
            tale = told(line)
            if isinstance(tale, BatchTale | LookTale):
                watchdog.sign()
                self._note(tale)
            elif tale is not None:
                run_log.log(tale.level, "%s", tale.text)
        return reason

    def _note(self, tale: BatchTale | LookTale) -> None:
        if isinstance(tale, BatchTale):
            self.run.add(tale)
            with unless_away():
                tell_of_batch(read_settings(self._orders.environment), tale.batch_id)
        self._progress.show(self.run.deliveries, self.run.newest)
