"""One consistent view of ledger, marts and lake, taken while a stream may be writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from streaming.contract.errors import ServiceAwayError
from streaming.contract.settings import Settings
from streaming.warehouse.connection import Database, connected, fetch
from streaming.warehouse.proofs import one_view, standing
from tasks.reconcile.differences import Sold
from tasks.reconcile.lake import Table
from tasks.reconcile.marts import MonthOfMarts, TeamLine

LOOKS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The books as they were at one moment.

    database: in a transaction that sees ledger and marts of that moment.
    facts, rejects: the lake at the versions that belong to it.
    last_batch: the last batch in it.
    open_batch: the batch that was being written; nothing of it is in the view.
    """

    database: Database
    facts: Table
    rejects: Table
    last_batch: int
    started_at: datetime
    open_batch: int | None = None


@contextmanager
def view_of(settings: Settings) -> Iterator[View]:
    """The view of now.

    A batch notes where the lake stands before it writes there, and commits the marts afterwards. So if one is open,
    the lake that belongs to the ledger is the one it noted. If none is, it is the newest one, provided that it is the
    newest before and after the ledger's view was taken.

    Raises:
        ServiceAwayError: the lake never stood still while the view was taken.
    """
    storage = settings.storage
    for _ in range(LOOKS):
        lake = Table(storage, storage.prefixes.facts), Table(storage, storage.prefixes.rejects)
        with connected(settings.warehouse) as database, one_view(database):
            view = _view(database, *lake)
            if view.open_batch is not None or not any(table.has_moved() for table in lake):
                yield view
                return
    raise ServiceAwayError(f"the lake changed each of {LOOKS} times while the ledger was looked at: try again later")


def month_of_marts(database: Database, month: str) -> MonthOfMarts:
    """One month of both marts, and of the incentives."""
    customers = fetch(database, "customer_mart/of_month", sales_month=month)
    team = fetch(database, "sales_team_mart/of_month", sales_month=month)
    incentives = fetch(database, "incentive_totals/of_month", sales_month=month)
    return MonthOfMarts(
        customers={_whole(r["customer_id"]): _sold(r["purchases"], r["total_purchases"]) for r in customers},
        team={
            (_whole(r["store_id"]), _whole(r["sales_person_id"])): TeamLine(
                _sold(r["sales"], r["total_sales"]), _whole(r["sales_rank"]), _money(r["incentive"])
            )
            for r in team
        },
        incentives={(_whole(r["store_id"]), _whole(r["sales_person_id"])): _money(r["incentive"]) for r in incentives},
    )


def _view(database: Database, facts: Table, rejects: Table) -> View:
    started_at, last_batch = standing(database)
    opened = fetch(database, "batches/open")
    if opened:
        facts = facts.as_of(_whole(opened[0]["facts_version"]))
        rejects = rejects.as_of(_whole(opened[0]["rejects_version"]))
    return View(
        database=database,
        facts=facts,
        rejects=rejects,
        last_batch=last_batch,
        started_at=started_at,
        open_batch=_whole(opened[0]["batch_id"]) if opened else None,
    )


def _sold(rows: object, amount: object) -> Sold:
    return Sold(_whole(rows), _money(amount))


def _whole(value: object) -> int:
    return int(str(value))


def _money(value: object) -> Decimal:
    return Decimal(str(value))
