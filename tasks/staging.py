"""The staging statuses: what nothing else would settle any more, and a table of where everything stands."""

import logging
from collections.abc import Iterable, Iterator

from prefect import task
from prefect.cache_policies import NO_CACHE

from streaming.bucket import Bucket
from streaming.contract.settings import EnvironmentName, Settings, read_settings
from streaming.warehouse.connection import connected
from streaming.warehouse.holds import Hold, holds
from streaming.warehouse.staging import let_go_of, standing
from tasks.progress import publish_table
from tasks.reconcile.looking import seen_objects

log = logging.getLogger(__name__)


@task(name="let go of held arrivals", task_run_name="holds-{environment}", cache_policy=NO_CACHE)
def settle_holds(environment: EnvironmentName) -> int:
    """Forget arrivals held before the ledger that are not there any more, or that no gate holds; returns how many."""
    forgotten = forget_holds(read_settings(environment))
    log.info("let go of %d held arrivals that nothing would have settled", forgotten)
    return forgotten


def forget_holds(settings: Settings) -> int:
    """The same; the gate itself does it only while a stream looks at landing with the gate set up."""
    with connected(settings.warehouse) as database:
        held = holds(database)
    dead = held if settings.gate.is_open else list(_gone(settings, held))
    with connected(settings.warehouse) as database:
        return let_go_of(database, [hold.hold_id for hold in dead])


@task(name="tell the staging statuses", task_run_name="staging-{environment}", cache_policy=NO_CACHE)
def tell_staging(environment: EnvironmentName) -> None:
    """How many deliveries have each status, and where their files are, as a table artifact."""
    with connected(read_settings(environment).warehouse) as database:
        rows = [{name: str(value) for name, value in row.items()} for row in standing(database)]
    for row in rows:
        log.info("staging: %s", ", ".join(f"{name} {value}" for name, value in row.items()))
    publish_table(rows, key=f"staging-{environment}", description="Deliveries by status, and where their files are")


def _gone(settings: Settings, held: Iterable[Hold]) -> Iterator[Hold]:
    by_key = {hold.version[0]: hold for hold in held}
    there = seen_objects(Bucket(settings.storage), by_key.keys())
    for hold in held:
        found = there.get(hold.version[0])
        if found is None or (found.etag, found.size_bytes) != hold.version[1:]:
            yield hold
