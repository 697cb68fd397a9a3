"""An environment from nothing: bucket, prefixes, tables, rights, stamps, blocks. Each step names what it had to add."""

import logging
from collections.abc import Iterator

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.settings import PREFECT_API_URL

from streaming.bucket import Bucket, GoneError, explained
from streaming.contract.settings import EnvironmentName, Settings, read_settings
from streaming.stamps import stamp
from streaming.warehouse.grants import grant_to_writer
from streaming.warehouse.migrations import migrate
from tasks.blocks import register

log = logging.getLogger(__name__)


@task(name="make the bucket", task_run_name="bucket-{environment}", cache_policy=NO_CACHE)
def make_bucket(environment: EnvironmentName) -> list[str]:
    """The bucket and a folder marker for each prefix; returns what was made now."""
    return _told("bucket and prefixes", list(_made(read_settings(environment))))


@task(name="migrate the tables", task_run_name="tables-{environment}", cache_policy=NO_CACHE)
def make_tables(environment: EnvironmentName) -> list[str]:
    """The numbered migrations that the database lacks; returns what was applied now."""
    return _told("tables", [f"migration {name}" for name in migrate(read_settings(environment))])


@task(name="grant rights", task_run_name="rights-{environment}", cache_policy=NO_CACHE)
def grant_rights(environment: EnvironmentName) -> list[str]:
    """The least rights under which the stream can work; returns what was granted now."""
    return _told("rights of the writer", [f"right on {each}" for each in grant_to_writer(read_settings(environment))])


@task(name="stamp bucket and database", task_run_name="stamps-{environment}", cache_policy=NO_CACHE)
def stamp_places(environment: EnvironmentName) -> list[str]:
    """Have bucket and database say whose they are; returns what was stamped now."""
    return _told("stamps", [f"stamp on {what}" for what in stamp(read_settings(environment))])


@task(name="register the blocks", task_run_name="blocks-{environment}", cache_policy=NO_CACHE)
def register_blocks(environment: EnvironmentName) -> list[str]:
    """The environment as blocks on Prefect's server, for the runs of its workers; returns what was new or changed.

    Without a server that stays, as for a flow run alone, there is nobody to read them.
    """
    if PREFECT_API_URL.value() is None:
        log.info("blocks: no Prefect server is set, none is registered")
        return []
    return _told("blocks", register(read_settings(environment)))


def _made(settings: Settings) -> Iterator[str]:
    bucket = Bucket(settings.storage)
    if bucket.create():
        yield f"bucket {settings.storage.bucket}"
    for prefix in settings.storage.prefixes.model_dump().values():
        if not _is_there(bucket, prefix):
            bucket.put(prefix, b"")
            yield f"prefix {prefix}"


def _is_there(bucket: Bucket, key: str) -> bool:
    try:
        with explained(bucket.storage):
            bucket.client.head_object(Bucket=bucket.storage.bucket, Key=key)
    except GoneError:
        return False
    return True


def _told(what: str, new: list[str]) -> list[str]:
    log.info("%s: %s", what, "; ".join(f"new {each}" for each in new) if new else "nothing new")
    return new
