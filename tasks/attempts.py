"""Further attempts at deliveries: which of them, and their rows in the ledger."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from prefect import task
from prefect.cache_policies import NO_CACHE

from streaming.contract.deliveries import Delivery, Selection, Status
from streaming.contract.settings import EnvironmentName, Settings, read_settings
from streaming.warehouse.attempts import (
    enter_redrives,
    enter_withdrawals,
    newest_attempts,
    settled_deliveries,
    with_known_keys,
    with_rejects,
)
from streaming.warehouse.connection import Database, connected

log = logging.getLogger(__name__)

Wanted = Literal["waiting", "processed", "quarantined", "withdrawn", "superseded"]


@task(name="choose what to load again", task_run_name="redrives-{environment}", cache_policy=NO_CACHE)
def choose_redrives(environment: EnvironmentName, selection: Selection, wanted: Wanted) -> list[int]:
    """Ids of the selected deliveries that are worth loading again.

    With `waiting` these are the ones with rows refused for a customer, store, product or salesperson who is known by
    now; with `processed` those with refused rows of any kind.
    """
    settings = read_settings(environment)
    with connected(settings.warehouse) as database:
        chosen = _redrives(database, settings, selection, wanted)
    log.info("%d settled deliveries are to be loaded again", len(chosen))
    return [delivery.delivery_id for delivery in chosen]


@task(name="choose what to withdraw", task_run_name="withdrawals-{environment}", cache_policy=NO_CACHE)
def choose_withdrawals(environment: EnvironmentName, selection: Selection) -> list[int]:
    """Ids of the selected deliveries that count, or would inherit what counts."""
    settings = read_settings(environment)
    with connected(settings.warehouse) as database:
        found = _settled(database, settings, selection, (Status.PROCESSED, Status.DUPLICATE))
        chosen = [delivery.delivery_id for delivery in found if delivery.is_withdrawable]
    log.info("%d deliveries are to be withdrawn", len(chosen))
    return chosen


@task(name="enter redrives", task_run_name="enter-redrives-{environment}", cache_policy=NO_CACHE)
def request_redrives(environment: EnvironmentName, delivery_ids: list[int]) -> list[int]:
    """Let these wait to be loaded again; returns the new deliveries' ids."""
    return _requested(environment, delivery_ids, enter_redrives, to="loaded again")


@task(name="enter withdrawals", task_run_name="enter-withdrawals-{environment}", cache_policy=NO_CACHE)
def request_withdrawals(environment: EnvironmentName, delivery_ids: list[int]) -> list[int]:
    """Let these wait to be withdrawn; returns the new deliveries' ids."""
    return _requested(environment, delivery_ids, enter_withdrawals, to="withdrawn")


def _requested(
    environment: EnvironmentName, delivery_ids: list[int], enter: Callable[[Database, list[int]], list[int]], *, to: str
) -> list[int]:
    with connected(read_settings(environment).warehouse) as database:
        entered = enter(database, delivery_ids)
    log.info("%d of %d deliveries wait to be %s", len(entered), len(delivery_ids), to)
    return entered


def _redrives(database: Database, settings: Settings, selection: Selection, wanted: Wanted) -> list[Delivery]:
    status = Status.PROCESSED if wanted == "waiting" else Status(wanted)
    found = newest_attempts(_settled(database, settings, selection, (status,)))
    chosen = [delivery for delivery in found if delivery.has_verdict_on_sales]
    if status is Status.PROCESSED:
        ids = set(with_known_keys(database)) if wanted == "waiting" else with_rejects(database)
        chosen = [delivery for delivery in chosen if delivery.delivery_id in ids]
    _tell_expired([delivery for delivery in chosen if delivery.is_expired])
    return [delivery for delivery in chosen if delivery.is_worth_redriving]


def _tell_expired(expired: Sequence[Delivery]) -> None:
    if expired:
        log.warning(
            "%d deliveries are left out, as their files have expired and are not kept any longer (first: %d, %s)",
            len(expired),
            expired[0].delivery_id,
            expired[0].object_key,
        )


def _settled(
    database: Database, settings: Settings, selection: Selection, statuses: Iterable[Status]
) -> Iterable[Delivery]:
    prefix = settings.storage.prefixes.landing
    return settled_deliveries(database, tuple(statuses), selection=selection, prefix=prefix)
