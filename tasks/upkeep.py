"""The lake's upkeep: asked for here, done by the one who writes to the lake, awaited and told."""

import logging
import time
from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE

from streaming.contract.chores import ChoreKind, fragmented
from streaming.contract.errors import BusyError, ServiceAwayError
from streaming.contract.settings import EnvironmentName, read_settings
from streaming.warehouse.chores import ChoreEnd, ends_of, pieces_of, request_chore
from streaming.warehouse.connection import connected
from streaming.warehouse.proofs import is_unwritten
from tasks.door import Orders
from tasks.progress import publish_table
from tasks.reconcile.lake import Table
from tasks.supervision import keep_streaming

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 900
"""So long may the running stream do nothing of what is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragment:
    """A place of the lake that is worth compacting, and what lies there now."""

    place: str
    files: int
    size_bytes: int


@task(name="tell what is fragmented", task_run_name="fragments-{environment}", cache_policy=NO_CACHE)
def tell_fragments(environment: EnvironmentName) -> list[Fragment]:
    """Which partitions of the lake would be compacted, the worst first; nothing is changed."""
    settings = read_settings(environment)
    prefixes = settings.storage.prefixes
    files = [
        *Table(settings.storage, prefixes.facts).files("facts"),
        *Table(settings.storage, prefixes.rejects).files("rejects"),
    ]
    found = [
        Fragment(place=str(place), files=there.files, size_bytes=there.size_bytes)
        for place, there in fragmented(files, settings.maintenance).items()
    ]
    for each in found:
        log.info("would compact %s: %d files, %d bytes", each.place, each.files, each.size_bytes)
    log.info("%d places of the lake are worth compacting", len(found))
    rows = [{"place": each.place, "files": each.files, "bytes": each.size_bytes} for each in found]
    publish_table(rows, key=f"fragments-{environment}", description="What would be compacted")
    return found


@task(name="ask for chores", task_run_name="chores-{environment}", cache_policy=NO_CACHE)
def request_chores(environment: EnvironmentName, kinds: list[ChoreKind]) -> list[int]:
    """Ask the writer for these chores; returns their ids, also of those that somebody has asked for already."""
    settings = read_settings(environment)
    keep = {ChoreKind.VACUUM: settings.retention.lake_hours}
    with connected(settings.warehouse) as database:
        ids = [request_chore(database, kind, keep_hours=keep.get(kind)) for kind in kinds]
    log.info("chores asked for: %s", ", ".join(f"{i} {kind}" for i, kind in zip(ids, kinds, strict=True)) or "none")
    return ids


def see_done(environment: EnvironmentName, chore_ids: list[int], *, wait: bool) -> None:
    """Have the chores done: by a writer opened for them, or by the stream that runs.

    Raises:
        BusyError: whoever writes does none of them for a quarter of an hour.
        TillstreamError: what the writer died of.
    """
    while _left(environment, chore_ids):
        run = keep_streaming(Orders(environment=environment, trigger="available_now", chores=True))
        if not run.busy or not wait:
            return
        await_chores(environment, chore_ids)


@task(name="await the chores", task_run_name="await-chores-{environment}", cache_policy=NO_CACHE)
def await_chores(environment: EnvironmentName, chore_ids: list[int]) -> None:
    """Wait until the running stream has done these chores, or nobody writes any more who could.

    Raises:
        BusyError: it did nothing of them for a quarter of an hour.
    """
    settings = read_settings(environment)
    done, since = -1, time.monotonic()
    log.info("another writer is at work, and does the chores if it is a stream that goes on: waiting for it")
    while _left(environment, chore_ids):
        with connected(settings.warehouse) as database:
            if is_unwritten(database, settings):
                return
            now = len(pieces_of(database, chore_ids))
        if now != done:
            done, since = now, time.monotonic()
        if time.monotonic() - since > PATIENCE_SECONDS:
            raise BusyError("the chores are still open: whoever writes does none of them; look at its log")
        time.sleep(LOOK_SECONDS)


@task(name="tell the chores", task_run_name="told-chores-{environment}", cache_policy=NO_CACHE)
def tell_chores(environment: EnvironmentName, chore_ids: list[int]) -> list[ChoreEnd]:
    """What became of the chores: a line each, and their pieces as a table artifact.

    Raises:
        ServiceAwayError: one was given up.
    """
    with connected(read_settings(environment).warehouse) as database:
        ends, pieces = ends_of(database, chore_ids), pieces_of(database, chore_ids)
    kinds = {end.chore_id: end.kind for end in ends}
    rows = [
        {
            "chore": str(kinds[piece.chore_id]),
            "place": piece.place,
            "files before": piece.before.files,
            "files after": piece.after.files,
            "bytes before": piece.before.size_bytes,
            "bytes after": piece.after.size_bytes,
        }
        for piece in pieces
    ]
    publish_table(rows, key=f"chores-{environment}", description="What was done to the lake")
    for end in ends:
        log.info("chore %d, %s: %s", end.chore_id, end.kind, end.outcome if end.is_finished else "still to be done")
    for end in ends:
        if end.is_failed:
            raise ServiceAwayError(f"chore {end.chore_id}, {end.kind}: {end.outcome}")
    return ends


def _left(environment: EnvironmentName, chore_ids: list[int]) -> list[int]:
    with connected(read_settings(environment).warehouse) as database:
        return [end.chore_id for end in ends_of(database, chore_ids) if not end.is_finished]
