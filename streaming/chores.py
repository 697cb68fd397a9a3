"""Chores: the lake is tidied by the one who writes to it, between two batches, one place at a time."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from streaming.bucket import Bucket
from streaming.contract.chores import ChoreKind, Done, Place
from streaming.contract.errors import BusyError, ServiceAwayError, TillstreamError
from streaming.contract.settings import Settings
from streaming.job import recover
from streaming.lake import Lake
from streaming.session import spark_session
from streaming.upkeep import Upkeep
from streaming.warehouse.chores import Chore, finish, note_done, note_failure, note_try, open_chores
from streaming.warehouse.connection import connected
from streaming.warehouse.writer import only_writer, still_writing
from streaming.world import World

log = logging.getLogger(__name__)

CHORE_LOOK_SECONDS = 5.0

Hold = Callable[[], AbstractContextManager[None]]
"""Keeps batches out as long as it is held."""


def run_chores(settings: Settings, *, stop: threading.Event) -> None:
    """Do the chores that are asked for, where no stream does them, and end.

    Raises:
        BusyError: another writer holds the environment, and does them if it is a stream that goes on.
        TillstreamError: the world is broken; what was not done stays asked for.
    """
    with only_writer(settings) as writer, TemporaryDirectory(prefix="tillstream-chores-") as folder:
        Bucket(settings.storage).must_exist()
        with spark_session(settings, trigger="available-now", folder=Path(folder)) as spark:
            world = World(spark=spark, settings=settings, writer=writer, lake=Lake(spark, settings.storage))
            recover(world)
            Chores(world).do_all(stop)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is left of a chore that has begun."""

    chore: Chore
    places: deque[Place]


class Chores:
    """Does what was asked for, piece by piece, for whoever may write.

    Raises, from every method:
        BusyError: another writer has taken over.
        ServiceAwayError: S3, MySQL or the JVM fails; the chore stays open for the next writer.
    """

    def __init__(self, world: World, hold: Hold = nullcontext) -> None:
        self._world = world
        self._hold = hold
        self._upkeep = Upkeep(world)
        self._plan: Plan | None = None
        self._looked_at = float("-inf")

    def do_all(self, stop: threading.Event) -> None:
        """One piece after another until nothing is asked for any more, or until told to stop."""
        while not stop.is_set() and self.do_a_piece():
            continue

    def look(self) -> None:
        """Do the next piece of what has begun; else find out, now and then, whether anything is asked for."""
        if self._plan is not None or self._is_asked():
            self.do_a_piece()

    def do_a_piece(self) -> bool:
        """One place of the lake, or the end of a chore; False when there is nothing to do."""
        plan = self._plan = self._plan or self._begun()
        if plan is None:
            return False
        if plan.places:
            self._do(plan.chore, plan.places[0])
            plan.places.popleft()
        else:
            self._finish(plan.chore)
            self._plan = None
        return True

    def _is_asked(self) -> bool:
        """A look that MySQL does not answer is no reason to end: the next batch, or the next look, tells."""
        if time.monotonic() - self._looked_at < CHORE_LOOK_SECONDS:
            return False
        self._looked_at = time.monotonic()
        try:
            return bool(self._open())
        except ServiceAwayError as away:
            log.debug("no look at the chores: %s", away)
            return False

    def _open(self) -> list[Chore]:
        with connected(self._world.settings.warehouse) as database:
            return open_chores(database)

    def _begun(self) -> Plan | None:
        """The oldest open chore; nothing is left to do of one that failed too often."""
        for chore in self._open():
            return Plan(chore=chore, places=deque(() if chore.is_hopeless else self._places(chore)))
        return None

    def _places(self, chore: Chore) -> list[Place]:
        with self._working(chore):
            with connected(self._world.settings.warehouse) as database:
                note_try(database, chore)
            places = self._upkeep.places(chore.kind)
        log.info("chore %d, %s: %d places", chore.chore_id, chore.kind, len(places))
        return places

    def _do(self, chore: Chore, place: Place) -> None:
        with self._working(chore):
            done = self._done(chore, place)
            with connected(self._world.settings.warehouse) as database:
                note_done(database, chore, done)
        log.info("chore %d, %s, %s: %s, now %s", chore.chore_id, chore.kind, place, done.before, done.after)

    def _done(self, chore: Chore, place: Place) -> Done:
        if chore.kind is ChoreKind.COMPACT:
            return self._upkeep.compact(place)
        return self._upkeep.vacuum(place, keep_hours=chore.keep_hours or self._world.settings.retention.lake_hours)

    def _finish(self, chore: Chore) -> None:
        settings = self._world.settings
        with still_writing(settings, self._world.writer), connected(settings.warehouse) as database:
            outcome = finish(database, chore)
        log.log(
            logging.ERROR if chore.is_hopeless else logging.INFO,
            "chore %d, %s: %s",
            chore.chore_id,
            chore.kind,
            outcome,
        )

    @contextmanager
    def _working(self, chore: Chore) -> Iterator[None]:
        """No batch meanwhile, and no other writer; what it fails of is kept for whoever gives the chore up.

        Whatever that is, the stream may go on without the chore: it is for a person to mend only once it is given up.
        """
        settings = self._world.settings
        with self._hold():
            try:
                with still_writing(settings, self._world.writer):
                    yield
            except TillstreamError as failure:
                note_failure(settings, chore, failure)
                if isinstance(failure, BusyError):
                    raise
                raise ServiceAwayError(f"chore {chore.chore_id}, {chore.kind}: {failure}") from failure
