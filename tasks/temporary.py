"""What dead runs leave behind: shuffle and checkpoint files on disk, uploads that nobody will complete."""

import logging
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp

from prefect import task
from prefect.cache_policies import NO_CACHE

from streaming.bucket import Bucket, GoneError, explained
from streaming.contract.errors import BusyError
from streaming.contract.places import scratch
from streaming.contract.settings import EnvironmentName, read_settings
from streaming.warehouse.writer import only_writer

log = logging.getLogger(__name__)

SET_ASIDE = ".dead-"


@task(name="delete scratch files", task_run_name="scratch-{environment}", cache_policy=NO_CACHE)
def delete_scratch(environment: EnvironmentName) -> int:
    """Delete the scratch folders of dead runs, none while a writer is at work; returns how many.

    The writer's lock is held for no longer than it takes to set them aside: a stream may want to start.
    """
    settings = read_settings(environment)
    place = scratch(environment)
    try:
        with only_writer(settings):
            _set_aside(place)
    except BusyError as busy:
        log.info("scratch files stay: %s", busy)
    return _delete_set_aside(place)


@task(name="abort old uploads", task_run_name="uploads-{environment}", cache_policy=NO_CACHE)
def abort_old_uploads(environment: EnvironmentName) -> int:
    """End multipart uploads older than `retention.upload_hours`, which frees their parts; returns how many."""
    settings = read_settings(environment)
    bucket, name = Bucket(settings.storage.for_archiver()), settings.storage.bucket
    old = list(_uploads_before(bucket, datetime.now(UTC) - timedelta(hours=settings.retention.upload_hours)))
    for key, upload_id in old:
        try:
            with explained(bucket.storage):
                bucket.client.abort_multipart_upload(Bucket=name, Key=key, UploadId=upload_id)
        except GoneError:
            log.debug("upload of %s ended meanwhile", key)
    log.info("aborted %d old uploads", len(old))
    return len(old)


def _set_aside(place: Path) -> None:
    """Give the folder another name, or empty it where it is a file system of its own."""
    if not place.is_dir():
        return
    try:
        place.rename(mkdtemp(prefix=f"{place.name}{SET_ASIDE}", dir=place.parent))
    except OSError:
        for each in place.iterdir():
            _delete(each)


def _delete_set_aside(place: Path) -> int:
    """Also what an earlier clean-up died over."""
    folders = [*place.parent.glob(f"{place.name}{SET_ASIDE}*")]
    found = sum(len(list(folder.iterdir())) for folder in folders)
    for folder in folders:
        _delete(folder)
    log.info("deleted %d scratch folders and files of %s", found, place.name)
    return found


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _uploads_before(bucket: Bucket, moment: datetime) -> Iterator[tuple[str, str]]:
    pages = bucket.client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket.storage.bucket)
    with explained(bucket.storage):
        for page in pages:
            for upload in page.get("Uploads", []):
                if upload["Initiated"] < moment:
                    yield upload["Key"], upload["UploadId"]
