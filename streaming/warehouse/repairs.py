"""A repair in the database: opened as a batch before the lake is touched, committed with what it corrected."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from streaming.contract.faults import fault_point
from streaming.contract.settings import Settings
from streaming.contract.settlements import FileReport
from streaming.warehouse.batches import (
    BatchSums,
    MartChanges,
    commit_once,
    write_incentives,
    write_rejects,
)
from streaming.warehouse.connection import (
    Database,
    Row,
    execute,
    execute_many,
    fetch,
    transaction,
)
from streaming.warehouse.writer import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """What a repair puts in order: `read` anew, with what that showed, and `forgotten` for not counting after all.

    `months` are rebuilt whole in both marts; `changes` has all their rows, and the rejects of what was read.
    """

    read: Mapping[int, FileReport]
    forgotten: Collection[int]
    months: Sequence[str]
    changes: MartChanges

    @property
    def deliveries(self) -> list[int]:
        """Every delivery whose rows are replaced."""
        return sorted({*self.read, *self.forgotten})

    def sums(self, batch_id: int) -> BatchSums:
        """What the repair read, as of any batch."""
        loaded = sum(report.rows_loaded for report in self.read.values())
        rejected = sum(report.rows_rejected for report in self.read.values())
        return BatchSums(
            batch_id=batch_id,
            deliveries=len(self.deliveries),
            rows_read=loaded + rejected,
            rows_loaded=loaded,
            rows_rejected=rejected,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthsBefore:
    """What the database says about some months: sums of the customer mart, the team mart, incentives told."""

    customers: Sequence[Row]
    team: Sequence[Row]
    incentives: Sequence[Row]


def months_before(database: Database, months: Collection[str]) -> MonthsBefore:
    """The months as they stand."""
    names = ("customer_mart", "sales_team_mart", "incentive_totals")
    customers, team, incentives = (
        fetch(database, f"{name}/of_months", sales_months=tuple(months)) if months else [] for name in names
    )
    return MonthsBefore(customers=customers, team=team, incentives=incentives)


def commit_repair(settings: Settings, writer: Writer, batch_id: int, corrections: Corrections) -> BatchSums:
    """Ledger, marts and incentives, in one transaction: all of it is mended, or nothing is.

    Raises:
        BusyError: another writer has taken over.
        ServiceAwayError: MySQL went away, and the repair is not in the ledger.
    """
    sums = corrections.sums(batch_id)
    commit_once(settings, batch_id, lambda database: _commit(database, writer, sums, corrections))
    return sums


def _commit(database: Database, writer: Writer, sums: BatchSums, corrections: Corrections) -> None:
    fault_point("commit.before")
    with transaction(database):
        writer.must_still_hold(database)
        _correct(database, corrections, batch_id=sums.batch_id)
        _rebuild(database, corrections)
        write_incentives(database, corrections.changes, batch_id=sums.batch_id)
        execute(database, "batches/commit", stages=json.dumps({}), **sums.as_dict())
        fault_point("commit.closed")
    fault_point("commit.done")


def _correct(database: Database, corrections: Corrections, *, batch_id: int) -> None:
    """The figures of what was read, and why rows of it were refused."""
    rows = [_figures(report, batch_id) for report in corrections.read.values()]
    execute_many(database, "deliveries/correct", rows)
    if ids := tuple(corrections.deliveries):
        execute(database, "delivery_rejects/delete_of", delivery_ids=ids)
        execute(database, "delivery_unknown_keys/delete_of", delivery_ids=ids)
    write_rejects(database, corrections.changes)


def _rebuild(database: Database, corrections: Corrections) -> None:
    if months := tuple(corrections.months):
        execute(database, "customer_mart/delete_months", sales_months=months)
        execute(database, "sales_team_mart/delete_months", sales_months=months)
    execute_many(database, "customer_mart/add", corrections.changes.customers)
    fault_point("commit.customers")
    execute_many(database, "sales_team_mart/insert", corrections.changes.team)
    fault_point("commit.team")


def _figures(report: FileReport, batch_id: int) -> Row:
    return {
        "delivery_id": report.delivery_id,
        "rows_read": report.rows_in_file,
        "rows_loaded": report.rows_loaded,
        "rows_rejected": report.rows_rejected,
        "amount_loaded": report.amount_loaded.quantize(Decimal("0.01")),
        "sales_months": json.dumps(report.sales_months),
        "batch_id": batch_id,
    }
