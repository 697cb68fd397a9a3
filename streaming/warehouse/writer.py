"""One writer per environment: a MySQL lock held by a connection of its own, and an epoch every transaction checks.

The lock keeps a second writer out; it dies with its connection. The epoch fences the first one out when it was
merely asleep: whoever takes the lock raises the epoch, and a transaction under an older epoch does not commit.
"""

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from streaming.contract.errors import BusyError, ServiceAwayError
from streaming.contract.settings import Settings
from streaming.warehouse.connection import Database, connected, execute, fetch, transaction
from streaming.warehouse.migrations import require_migrated

log = logging.getLogger(__name__)

LOCK_PATIENCE_SECONDS = 1
"""So long a clean-up may hold the lock; a writer keeps it."""


@dataclass(frozen=True, slots=True)
class Writer:
    """The right to write to one environment, as long as the epoch stands."""

    epoch: int

    def must_still_hold(self, database: Database) -> None:
        """Lock the epoch row for this transaction.

        Raises:
            BusyError: another writer has taken over.
        """
        (row,) = fetch(database, "locks/lock_writer")
        if row["epoch"] != self.epoch:
            raise BusyError(
                f"another writer took over (epoch {row['epoch']}, ours was {self.epoch}): nothing committed"
            )


@contextmanager
def only_writer(settings: Settings) -> Iterator[Writer]:
    """Hold the environment's lock, raise its epoch.

    Raises:
        BusyError: another writer holds it, or took over meanwhile.
    """
    with connected(settings.warehouse) as database:
        require_migrated(database, settings)
        _take_lock(database, settings)
        with transaction(database):
            execute(database, "locks/take_writer", holder=f"{socket.gethostname()} pid {os.getpid()}")
            (row,) = fetch(database, "locks/lock_writer")
        writer = Writer(int(str(row["epoch"])))
        log.info("writer of %s, epoch %d", settings.environment, writer.epoch)
        with _takeovers_told(settings, writer):
            yield writer


@contextmanager
def still_writing(settings: Settings, writer: Writer) -> Iterator[None]:
    """Keep the epoch as it is while something is done that no transaction covers.

    Raises:
        BusyError: another writer has taken over.
    """
    with connected(settings.warehouse) as database, transaction(database):
        writer.must_still_hold(database)
        yield


@contextmanager
def _takeovers_told(settings: Settings, writer: Writer) -> Iterator[None]:
    """Whatever fails after a takeover fails because of it: the successor wipes scratch files and fences the lake."""
    try:
        yield
    except Exception:
        with suppress(ServiceAwayError), still_writing(settings, writer):
            log.debug("no other writer has taken over: it fails by itself")
        raise


def lock_name(settings: Settings) -> str:
    """The name of the environment's lock; the server knows one of each name, whatever the database."""
    return f"tillstream.{settings.warehouse.database}"


def _take_lock(database: Database, settings: Settings) -> None:
    with database.cursor() as cursor:
        cursor.execute("SET SESSION wait_timeout = 31536000")
        cursor.execute("SELECT GET_LOCK(%s, %s) AS taken", (lock_name(settings), LOCK_PATIENCE_SECONDS))
        row = cursor.fetchone()
    if row is None or row["taken"] is None:
        raise ServiceAwayError("MySQL could not say whether the writer's lock is free")
    if row["taken"] != 1:
        raise BusyError(f"{settings.environment} is busy: {_holder(database)} is writing")


def _holder(database: Database) -> str:
    rows = fetch(database, "locks/holder")
    return f"{rows[0]['holder']} (since {rows[0]['taken_at']} UTC)" if rows and rows[0]["holder"] else "another writer"
