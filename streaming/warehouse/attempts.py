"""Further attempts at a delivery: a re-drive loads it again from where it rests, a withdrawal takes it out.

Both are rows of the ledger like any arrival: they wait, and the one writer settles them with its next batch.
"""

from collections.abc import Callable, Collection, Iterable, Iterator

from streaming.contract.deliveries import Delivery, Selection, Status
from streaming.contract.faults import fault_point
from streaming.warehouse.connection import Database, fetch, insert, transaction
from streaming.warehouse.ledger import PAGE, deliveries_of, delivery_of_row, is_selected


def settled_deliveries(
    database: Database, statuses: Collection[Status], *, selection: Selection, prefix: str
) -> Iterator[Delivery]:
    """Selected deliveries of files with one of these final statuses, by id, read page by page."""
    after = 0
    while rows := fetch(database, "deliveries/settled", statuses=tuple(statuses), after=after, page=PAGE):
        yield from (delivery_of_row(row) for row in rows if is_selected(row, selection, prefix))
        after = int(str(rows[-1]["delivery_id"]))


def with_known_keys(database: Database) -> list[int]:
    """Processed deliveries with rows refused for a customer, store, product or salesperson who is known by now."""
    return [int(str(row["delivery_id"])) for row in fetch(database, "deliveries/with_known_keys")]


def with_rejects(database: Database) -> set[int]:
    """Processed deliveries with refused rows."""
    return {int(str(row["delivery_id"])) for row in fetch(database, "deliveries/with_rejects")}


def enter_redrives(database: Database, delivery_ids: Collection[int]) -> list[int]:
    """Let these deliveries be loaded again; returns the ids of the new rows.

    Passed over: what waits already, also as another attempt, and what does not rest in archive or quarantine.
    """
    return _enter(database, delivery_ids, lambda d: d.is_redrivable, withdraw=False)


def enter_withdrawals(database: Database, delivery_ids: Collection[int]) -> list[int]:
    """Let these deliveries be taken out of lake and marts; returns the ids of the new rows.

    Passed over: what does not count, and what waits already as another attempt.
    """
    return _enter(database, delivery_ids, lambda d: d.is_withdrawable, withdraw=True)


def newest_attempts(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Of several attempts at one arrival, the last one."""
    return list({d.version[0]: d for d in sorted(deliveries, key=lambda d: d.version)}.values())


def eligible(database: Database, delivery_ids: Collection[int], may: Callable[[Delivery], bool]) -> Iterator[Delivery]:
    """Those of the deliveries that may be tried again, one for each arrival, unless it waits already."""
    found = newest_attempts(filter(may, deliveries_of(database, delivery_ids)))
    waiting = _waiting_arrivals(database, found)
    return (delivery for delivery in found if delivery.version[0] not in waiting)


def _enter(
    database: Database, delivery_ids: Collection[int], may: Callable[[Delivery], bool], *, withdraw: bool
) -> list[int]:
    """Insert one attempt for each; two callers at once are serialised, so that none is entered twice."""
    fault_point("requests.before")
    with transaction(database):
        fetch(database, "locks/lock_discovery")
        chosen = eligible(database, delivery_ids, may)
        entered = [_insert(database, delivery, withdraw=withdraw) for delivery in chosen]
    fault_point("requests.entered")
    return entered


def _waiting_arrivals(database: Database, deliveries: Collection[Delivery]) -> set[int]:
    """Which of the arrivals behind these deliveries wait already."""
    ids = tuple({delivery.version[0] for delivery in deliveries})
    rows = fetch(database, "deliveries/arrivals_with_waiting", delivery_ids=ids) if ids else []
    return {int(str(row["arrival_id"])) for row in rows}


def _insert(database: Database, delivery: Delivery, *, withdraw: bool) -> int:
    return insert(
        database,
        "deliveries/insert_attempt",
        delivery_id=delivery.delivery_id,
        withdraws=delivery.delivery_id if withdraw else None,
    )
