"""Files that are kept no longer than the retailer wants: noted in the ledger first, then deleted."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE

from streaming.bucket import Bucket, ChangedError, GoneError
from streaming.contract.errors import ServiceAwayError, TillstreamError
from streaming.contract.settings import EnvironmentName, Settings, read_settings
from streaming.warehouse.connection import connected
from streaming.warehouse.staging import Expired, expire, expired_files, note_deleted
from tasks.resting import reason_key

log = logging.getLogger(__name__)

DELETES_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """What a run did: deliveries whose files expired, files deleted, and what failed."""

    expired: int = 0
    deleted: int = 0
    failures: tuple[str, ...] = ()


@task(name="delete expired files", task_run_name="expired-{environment}", cache_policy=NO_CACHE)
def delete_expired(environment: EnvironmentName) -> int:
    """Delete files of archive and quarantine that are older than the retention; returns how many. Facts stay.

    Raises:
        ServiceAwayError: some could not be deleted; the next run does it.
    """
    done = apply_retention(read_settings(environment))
    log.info("%d files expired, %d deleted", done.expired, done.deleted)
    if done.failures:
        raise ServiceAwayError(f"{len(done.failures)} expired files are still there; first: {done.failures[0]}")
    return done.deleted


def apply_retention(settings: Settings) -> Expiry:
    """Expire what is old enough, and delete what has expired; whoever dies in between leaves it to the next run."""
    prefixes, retention = settings.storage.prefixes, settings.retention
    kept = {prefixes.archive: retention.archive_days, prefixes.quarantine: retention.quarantine_days}
    bucket = Bucket(settings.storage.for_archiver())
    with connected(settings.warehouse) as database:
        expired = sum(expire(database, prefix, days=days) for prefix, days in kept.items() if days is not None)
        files = expired_files(database)
        failures = []
        with ThreadPoolExecutor(DELETES_AT_ONCE, thread_name_prefix="expired") as pool:
            for file, failure in zip(files, pool.map(lambda each: _deleted(bucket, each), files), strict=True):
                if failure is None:
                    note_deleted(database, file.delivery_id)
                else:
                    failures.append(f"{file.rests_at}: {failure}")
    return Expiry(expired=expired, deleted=len(files) - len(failures), failures=tuple(failures))


def _deleted(bucket: Bucket, file: Expired) -> str | None:
    """Delete the reason beside the file, then the file, if they are there; what failed, if anything did."""
    try:
        for key in (reason_key(file.rests_at, file.delivery_id, bucket.storage.prefixes), file.rests_at):
            _delete(bucket, key)
    except (TillstreamError, ChangedError) as error:
        return str(error)
    return None


def _delete(bucket: Bucket, key: str) -> None:
    try:
        bucket.delete(key, etag=bucket.seen(key).etag)
    except GoneError:
        log.debug("%s was deleted already", key)
