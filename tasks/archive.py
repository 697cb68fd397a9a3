"""Files to their place of rest: the plan from the ledger, then one careful move after another."""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from streaming.bucket import Bucket, ChangedError, GoneError
from streaming.contract.errors import ServiceAwayError, TillstreamError
from streaming.contract.faults import fault_point
from streaming.contract.logs import logging_about
from streaming.contract.settings import EnvironmentName, Settings, read_settings
from streaming.warehouse.archiving import newest_delivery_of, note_gone
from streaming.warehouse.connection import Database, connected
from streaming.warehouse.ledger import note_archived, resting_in_landing
from tasks.resting import Move, to_archive

log = logging.getLogger(__name__)

MOVES_AT_ONCE = 8
RETRY_SECONDS = (5.0, 30.0)


Outcome = str | TillstreamError | None
"""Where a file rests; the error that kept it in landing; None if it was gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What a clean-up did: how many files it moved, how many were gone, and what failed."""

    moved: int = 0
    gone: int = 0
    failures: tuple[str, ...] = ()


def _is_transient(_task: Task[..., object], _run: TaskRun, state: State[object]) -> bool:
    return isinstance(state.result(raise_on_failure=False), ServiceAwayError)  # type: ignore[call-overload,unused-ignore]  # sync here, as this is no flow


@task(
    name="archive",
    task_run_name="archive-{environment}",
    cache_policy=NO_CACHE,
    retries=len(RETRY_SECONDS),
    retry_delay_seconds=list(RETRY_SECONDS),
    retry_condition_fn=_is_transient,
)
def archive_settled(environment: EnvironmentName) -> Archived:
    """Move each settled file out of landing; the others go on when one fails, and the failed are tried again.

    Raises:
        ServiceAwayError: some could not be moved; the message counts them and names the first.
    """
    done = archive(read_settings(environment))
    log.info("archived %d files, %d were gone from landing before", done.moved, done.gone)
    if done.failures:
        raise ServiceAwayError(
            f"{len(done.failures)} files stay in landing for the next clean-up; first: {done.failures[0]}"
        )
    return done


def archive(settings: Settings) -> Archived:
    """Move what rests in landing under a final verdict, and note in the ledger where each file is."""
    bucket = Bucket(settings.storage.for_archiver())
    with connected(settings.warehouse) as database:
        deliveries = [resting.delivery for resting in resting_in_landing(database)]
        newest = newest_delivery_of(database, {delivery.object_key for delivery in deliveries})
        moves = to_archive(deliveries, newest=newest, prefixes=settings.storage.prefixes)
        outcomes = _all_at_work(moves, lambda move: carry_out(bucket, move))
        return _noted(database, zip(moves, outcomes, strict=True))


def carry_out(bucket: Bucket, move: Move) -> str | None:
    """Copy, verify, delete; safe to repeat after dying anywhere. Returns the key where the file rests.

    None means that its bytes left landing before they were archived. A copy found under the key is ours and
    whole: S3 shows an object only when all of it is there.
    """
    delivery = move.delivery
    if move.is_overwritten:
        return _earlier_copy(bucket, move)
    fault_point("archive.before")
    try:
        bucket.copy(delivery.object_key, etag=delivery.etag, to=move.to)
    except (GoneError, ChangedError):
        return _earlier_copy(bucket, move)
    fault_point("archive.copied")
    try:
        bucket.delete(delivery.object_key, etag=delivery.etag)
    except ChangedError:
        log.info("%s was overwritten while it was archived: the new file stays", delivery.object_key)
    fault_point("archive.deleted")
    return move.to


def _earlier_copy(bucket: Bucket, move: Move) -> str | None:
    try:
        found = bucket.seen(move.to)
    except GoneError:
        return None
    return move.to if found.size_bytes == move.delivery.size_bytes else None


def _all_at_work(moves: list[Move], work: Callable[[Move], str | None]) -> Iterator[Outcome]:
    def attempt(move: Move) -> Outcome:
        try:
            return work(move)
        except TillstreamError as error:
            return error

    with ThreadPoolExecutor(MOVES_AT_ONCE, thread_name_prefix="archive") as pool:
        yield from pool.map(attempt, moves)


def _noted(database: Database, outcomes: Iterable[tuple[Move, Outcome]]) -> Archived:
    moved, gone, failures = 0, 0, list[str]()
    for move, outcome in outcomes:
        with logging_about(delivery=move.delivery.delivery_id):
            if isinstance(outcome, TillstreamError):
                log.error("%s stays in landing: %s", move.delivery.object_key, outcome)
                failures.append(f"{move.delivery.object_key}: {outcome}")
            elif outcome is None:
                log.warning("%s was overwritten or deleted before it was archived", move.delivery.object_key)
                note_gone(database, delivery_id=move.delivery.delivery_id)
                gone += 1
            else:
                note_archived(database, delivery_id=move.delivery.delivery_id, archived_key=outcome)
                fault_point("archive.noted")
                moved += 1
    return Archived(moved=moved, gone=gone, failures=tuple(failures))
