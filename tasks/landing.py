"""What waits in landing: recorded in the ledger, counted, and awaited."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass

from prefect import task
from prefect.cache_policies import NO_CACHE

from streaming.bucket import Bucket
from streaming.contract.deliveries import Selection, Status
from streaming.contract.errors import BusyError
from streaming.contract.settings import EnvironmentName, Settings, read_settings
from streaming.discovery import Discovery
from streaming.warehouse.connection import Row, connected, fetch
from streaming.warehouse.ledger import PAGE, newest_id, waiting

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 900
"""So long may the running stream settle nothing of what is awaited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """How many of the awaited deliveries got a status, and the rows in them."""

    status: str
    deliveries: int
    rows_loaded: int
    rows_rejected: int


def has_loaded(fates: Iterable[Fate]) -> bool:
    """True when some of them count in lake and marts now."""
    return any(fate.status == Status.PROCESSED for fate in fates)


@task(name="record arrivals", task_run_name="arrivals-{environment}", cache_policy=NO_CACHE)
def record_landing(environment: EnvironmentName) -> int:
    """Enter what lies in landing into the ledger, in the order it was put; returns how many were new."""
    settings = read_settings(environment)
    look = Discovery(Bucket(settings.storage), settings).look()
    log.info("%d files lie in landing, %d of them are new to the ledger", look.found, look.entered)
    if look.held:
        log.info("%d of them are held before it, as the table held_arrivals says", look.held)
    return look.entered


@task(name="select deliveries", task_run_name="selected-{environment}", cache_policy=NO_CACHE)
def select_waiting(environment: EnvironmentName, selection: Selection) -> list[int]:
    """Ids of the waiting deliveries that the selection takes."""
    ids = _selected(read_settings(environment), selection)
    log.info("%d waiting deliveries are selected", len(ids))
    return ids


@task(name="await the stream", task_run_name="await-{environment}", cache_policy=NO_CACHE)
def await_verdicts(environment: EnvironmentName, delivery_ids: list[int], selection: Selection) -> None:
    """Wait until the running stream has settled these deliveries.

    Raises:
        BusyError: it settled none of them for a quarter of an hour.
    """
    settings = read_settings(environment)
    left, since = len(delivery_ids), time.monotonic()
    log.info("the running stream takes the %d selected deliveries: waiting for it", left)
    while still := set(delivery_ids) & set(_selected(settings, selection)):
        if len(still) < left:
            log.info("the running stream has %d selected deliveries to go", len(still))
            left, since = len(still), time.monotonic()
        if time.monotonic() - since > PATIENCE_SECONDS:
            raise BusyError(f"{left} deliveries still wait: the running stream settles none; look at its log")
        time.sleep(LOOK_SECONDS)


@task(name="tell what was settled", task_run_name="settled-{environment}", cache_policy=NO_CACHE)
def fates_of(environment: EnvironmentName, delivery_ids: list[int]) -> list[Fate]:
    """What became of these deliveries, by status."""
    rows: list[Row] = []
    with connected(read_settings(environment).warehouse) as database:
        for start in range(0, len(delivery_ids), PAGE):
            page = tuple(delivery_ids[start : start + PAGE])
            rows += fetch(database, "deliveries/fates", delivery_ids=page)
    fates = _summed(rows)
    log.info("settled: %s", ", ".join(f"{fate.deliveries} {fate.status}" for fate in fates) or "nothing")
    return fates


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far the stream is behind: deliveries that wait, and the seconds for which the oldest of them has."""

    deliveries: int
    seconds: int


def lag_of(environment: EnvironmentName) -> Lag:
    """What of the ledger still waits."""
    with connected(read_settings(environment).warehouse) as database:
        (row,) = fetch(database, "deliveries/lag")
    return Lag(deliveries=int(str(row["deliveries"])), seconds=int(str(row["seconds"])))


def _summed(rows: Iterable[Row]) -> list[Fate]:
    sums: dict[str, list[int]] = {}
    for row in rows:
        before = sums.setdefault(str(row["status"]), [0, 0, 0])
        counts = [int(str(row[name])) for name in ("deliveries", "rows_loaded", "rows_rejected")]
        sums[str(row["status"])] = [a + b for a, b in zip(before, counts, strict=True)]
    return [
        Fate(status=status, deliveries=count, rows_loaded=loaded, rows_rejected=rejected)
        for status, (count, loaded, rejected) in sorted(sums.items())
    ]


def _selected(settings: Settings, selection: Selection) -> list[int]:
    prefix = settings.storage.prefixes.landing
    with connected(settings.warehouse) as database:
        until = newest_id(database)
        return [d.delivery_id for d in waiting(database, after=0, until=until, selection=selection, prefix=prefix)]
