"""A batch in the database: opened before the lake is touched, committed with its marts and verdicts, or forgotten."""

import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from streaming.contract.errors import ServiceAwayError
from streaming.contract.faults import fault_point
from streaming.contract.settings import Settings
from streaming.contract.settlements import Settlement
from streaming.warehouse.connection import (
    Database,
    Row,
    connected,
    execute,
    execute_many,
    fetch,
    insert,
    retrying,
    transaction,
)
from streaming.warehouse.ledger import hand_over, lock_waiting, settle
from streaming.warehouse.writer import Writer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBatch:
    """A batch that may have touched the lake, and the lake's versions before it did."""

    batch_id: int
    facts_version: int
    rejects_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSums:
    """What a committed batch did, in deliveries and rows."""

    batch_id: int
    deliveries: int
    rows_read: int
    rows_loaded: int
    rows_rejected: int

    def as_dict(self) -> dict[str, int]:
        """By name, for events and SQL."""
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"{self.deliveries} deliveries: {self.rows_read} rows read, {self.rows_loaded} loaded, "
            f"{self.rows_rejected} rejected"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MartChanges:
    """What a batch brings to the marts, as rows of `CUSTOMER_CHANGES`, `TEAM_MART` and `REJECT_TALLIES`.

    `team_before` and `team` are the sales-team mart of the touched stores and months, as it was and as it will be.

    `incentives` are the entries for payroll: store, month, person, kind, amount and the delivery that is the cause.

    The rows can be walked more than once: a transaction that InnoDB rolled back is done again.
    """

    customers: Iterable[Mapping[str, object]]
    store_months: Sequence[tuple[int, str]]
    team_before: Sequence[Mapping[str, object]]
    team: Sequence[Mapping[str, object]]
    incentives: Sequence[Mapping[str, object]]
    rejects: Sequence[Mapping[str, object]]


def open_batch(settings: Settings, writer: Writer, settlement: Settlement, *, versions: tuple[int, int]) -> int:
    """Note that a batch is about to touch the lake; returns its id.

    Raises:
        BusyError: another writer has taken over.
    """
    return open_for(settings, writer, [verdict.delivery_id for verdict in settlement.verdicts], versions=versions)


def open_for(settings: Settings, writer: Writer, delivery_ids: Collection[int], *, versions: tuple[int, int]) -> int:
    """The same for whatever else writes rows of these deliveries."""
    facts_version, rejects_version = versions
    with connected(settings.warehouse) as database, transaction(database):
        writer.must_still_hold(database)
        return insert(
            database,
            "batches/insert",
            epoch=writer.epoch,
            first_delivery=min(delivery_ids, default=0),
            last_delivery=max(delivery_ids, default=0),
            deliveries=len(delivery_ids),
            facts_version=facts_version,
            rejects_version=rejects_version,
        )


def open_batches(settings: Settings) -> list[OpenBatch]:
    """Batches that died between their opening and their commit, oldest first."""
    with connected(settings.warehouse) as database:
        return [_open_batch(row) for row in fetch(database, "batches/open")]


def forget_open_batches(settings: Settings, writer: Writer) -> None:
    """The lake holds nothing of them any more; their deliveries wait for another batch."""
    with connected(settings.warehouse) as database, transaction(database):
        writer.must_still_hold(database)
        execute(database, "batches/delete_open")


def commit_batch(
    settings: Settings,
    writer: Writer,
    batch_id: int,
    settlement: Settlement,
    changes: MartChanges,
    *,
    stages: Mapping[str, float],
) -> BatchSums:
    """Marts, verdicts and the batch itself, in one transaction: all of it counts from now on, or nothing does.

    Raises:
        BusyError: another writer has taken over.
        ServiceAwayError: a delivery is no longer waiting, or MySQL went away and the batch is not in the ledger.
    """
    sums = _sums(batch_id, settlement)
    commit_once(settings, batch_id, lambda database: _commit(database, writer, sums, settlement, changes, stages))
    return sums


def commit_once(settings: Settings, batch_id: int, work: Callable[[Database], None]) -> None:
    """Do the transaction that commits a batch; where the answer to its COMMIT was lost, the ledger is asked.

    Raises:
        ServiceAwayError: MySQL went away and the batch is not in the ledger.
    """
    try:
        with connected(settings.warehouse) as database:
            retrying(lambda: work(database))
    except ServiceAwayError as error:
        if not _is_committed(settings, batch_id):
            raise
        log.warning("MySQL went away after it had committed: %s", error)


def _commit(
    database: Database,
    writer: Writer,
    sums: BatchSums,
    settlement: Settlement,
    changes: MartChanges,
    stages: Mapping[str, float],
) -> None:
    fault_point("commit.before")
    with transaction(database):
        writer.must_still_hold(database)
        _must_all_wait(database, settlement)
        _write_marts(database, settlement, changes)
        write_incentives(database, changes, batch_id=sums.batch_id)
        hand_over(database, settlement, batch_id=sums.batch_id)
        fault_point("commit.handed_over")
        settle(database, settlement.verdicts, batch_id=sums.batch_id)
        fault_point("commit.verdicts")
        write_rejects(database, changes)
        execute(database, "batches/commit", stages=json.dumps(stages), **sums.as_dict())
        fault_point("commit.closed")
    fault_point("commit.done")


def _must_all_wait(database: Database, settlement: Settlement) -> None:
    ids = {verdict.delivery_id for verdict in settlement.verdicts}
    if settled := ids - lock_waiting(database, ids):
        raise ServiceAwayError(
            f"deliveries {sorted(settled)} were settled elsewhere meanwhile: this batch is taken back"
        )


def _write_marts(database: Database, settlement: Settlement, changes: MartChanges) -> None:
    execute_many(database, "customer_mart/add", changes.customers)
    months = tuple(sorted({month for counted in settlement.removed for month in counted.sales_months}))
    if months:
        execute(database, "customer_mart/delete_empty", sales_months=months)
    fault_point("commit.customers")
    if changes.store_months:
        execute(database, "sales_team_mart/delete_store_months", store_months=tuple(changes.store_months))
        execute_many(database, "sales_team_mart/insert", changes.team)
    fault_point("commit.team")


def write_incentives(database: Database, changes: MartChanges, *, batch_id: int) -> None:
    """Tell payroll."""
    execute_many(database, "incentive_ledger/insert", [{**entry, "batch_id": batch_id} for entry in changes.incentives])
    fault_point("commit.incentives")


def write_rejects(database: Database, changes: MartChanges) -> None:
    """Note why rows were refused, and for which unknown keys."""
    execute_many(database, "delivery_rejects/insert", changes.rejects)
    execute_many(database, "delivery_unknown_keys/insert", _unknown_keys(changes.rejects))
    fault_point("commit.rejects")


def _unknown_keys(rejects: Iterable[Mapping[str, object]]) -> Iterator[Mapping[str, object]]:
    for tally in rejects:
        keys = tally["unknown_keys"]
        for key, rows in keys if isinstance(keys, list) else ():
            yield {**tally, "unknown_key": key, "rows": rows}


def _sums(batch_id: int, settlement: Settlement) -> BatchSums:
    return BatchSums(
        batch_id=batch_id,
        deliveries=len(settlement.verdicts),
        rows_read=settlement.rows_loaded + settlement.rows_rejected,
        rows_loaded=settlement.rows_loaded,
        rows_rejected=settlement.rows_rejected,
    )


def _is_committed(settings: Settings, batch_id: int) -> bool:
    with connected(settings.warehouse) as database:
        rows = fetch(database, "batches/is_committed", batch_id=batch_id)
    return bool(rows and rows[0]["is_committed"])


def _open_batch(row: Row) -> OpenBatch:
    return OpenBatch(
        batch_id=int(str(row["batch_id"])),
        facts_version=int(str(row["facts_version"])),
        rejects_version=int(str(row["rejects_version"])),
    )
