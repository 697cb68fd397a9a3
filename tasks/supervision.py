"""Keeping the stream up: its words into the run, its death survived, its end reported."""

import logging
import time
from collections import deque
from dataclasses import dataclass, field

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from streaming.contract.errors import BusyError
from tasks.door import Door, Orders
from tasks.landing import count_waiting
from tasks.patience import Ending, pause_after
from tasks.progress import ProgressBar, publish_batches, unless_away
from tasks.tales import BatchTale, error_of, reason_in, told

log = logging.getLogger(__name__)

BATCHES_SHOWN = 1_000


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

    def __str__(self) -> str:
        return (
            f"{self.batches} batches, {self.deliveries} deliveries, {self.rows_read:,} rows read, "
            f"{self.rows_loaded:,} loaded, {self.rows_rejected:,} rejected"
        )


@task(name="stream", task_run_name="stream-{orders.environment}", cache_policy=NO_CACHE)
def keep_streaming(orders: Orders) -> StreamRun:
    """Run the door until it is done, opening it again when it dies of what may pass.

    Another writer in the environment is no failure: the run ends at once and names it.

    Raises:
        TillstreamError: what the door died of, when nobody but a person can mend it or it kept dying.
    """
    supervisor = Supervisor(orders)
    try:
        supervisor.outlive_deaths()
    except BusyError as busy:
        supervisor.run.busy = str(busy)
    finally:
        publish_batches(orders.environment, supervisor.run.newest)
    log.info("the stream is done: %s", supervisor.run.busy or supervisor.run)
    return supervisor.run


class Supervisor:
    """Opens the door, listens to it, and opens it again."""

    def __init__(self, orders: Orders) -> None:
        self.run = StreamRun()
        self._orders = orders
        self._bar = ProgressBar(f"ingest-{orders.environment}", "deliveries")

    def outlive_deaths(self) -> None:
        """One life of the door after another, until one ends well or there is no hope."""
        deaths = 0
        while (ending := self._one_life()).exit_code != 0:
            deaths = 1 if ending.is_healthy else deaths + 1
            error = error_of(ending.exit_code, ending.reason)
            pause = pause_after(ending, deaths=deaths)
            if pause is None:
                raise error
            log.warning("the stream died, %d in a row: %s; again in %d s", deaths, error, pause)
            time.sleep(pause)
        self._show()

    def _one_life(self) -> Ending:
        """Open the door and hear its last word, also when a signal ends this run; nothing of it is left."""
        door = Door.opened(self._orders)
        try:
            log.info("opened the stream as process %d, trigger %s", door.pid, self._orders.trigger)
            reason = self._listen(door)
        finally:
            door.close()
            self._listen(door)
        return Ending(exit_code=door.exit_code or 0, seconds=door.seconds, reason=reason)

    def _listen(self, door: Door) -> str | None:
        """Pass on all that the door says until it ends; its reason, if it fails with one."""
        run_log = get_run_logger()
        reason = None
        for line in door.lines():
            reason = reason_in(line) or reason
            tale = told(line)
            if isinstance(tale, BatchTale):
                self._note(tale)
            elif tale is not None:
                run_log.log(tale.level, "%s", tale.text)
        return reason

    def _note(self, batch: BatchTale) -> None:
        self.run.add(batch)
        if self._bar.is_due:
            self._show()

    def _show(self) -> None:
        """Deliveries settled by this run, of those and the ones that still wait."""
        with unless_away():
            settled = self.run.deliveries
            self._bar.show(settled, settled + count_waiting(self._orders.environment))
