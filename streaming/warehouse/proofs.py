"""What a proof from outside the stream reads: one consistent view of ledger and marts, and what was proven before."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from streaming.contract.deliveries import Delivery, Status
from streaming.contract.reasons import CONTROL_TOTALS
from streaming.contract.settings import Settings
from streaming.warehouse.connection import Database, Row, connected, execute, fetch, insert, transaction
from streaming.warehouse.ledger import PAGE, delivery_of_row
from streaming.warehouse.writer import lock_name

NOTHING = Decimal("0.00")
OVERLAP = timedelta(hours=1)
"""Archiving that the last proof saw half-way is looked at again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the ledger, as far as a proof needs it.

    is_archived: it is no longer in landing as far as the ledger knows.
    has_batch: the batch that settled it is in the ledger, and committed.
    """

    delivery: Delivery
    last_modified: datetime
    reason: str | None = None
    duplicate_of: int | None = None
    is_archived: bool = False
    has_batch: bool = True
    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    amount_loaded: Decimal = NOTHING
    sales_months: frozenset[str] = frozenset()

    @property
    def is_processed(self) -> bool:
        """True when what the lake has of it is right to be there."""
        return self.delivery.status is Status.PROCESSED

    @property
    def has_sales(self) -> bool:
        """True when it counts as a file of sales; control totals are settled, but hold none."""
        return self.is_processed and self.reason != CONTROL_TOTALS


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenUntil:
    """Up to where all was found to agree: the last batch, the lake's versions, and when that proof began."""

    last_batch: int
    facts_version: int | None
    rejects_version: int | None
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofResult:
    """What is entered about a proof: its extent, what it read, and how many differences it found."""

    is_full: bool
    until: ProvenUntil
    deliveries: int
    facts: int
    amount: Decimal
    differences: int


@contextmanager
def one_view(database: Database) -> Iterator[None]:
    """Read everything as it was at one moment, whatever is committed meanwhile."""
    execute(database, "proofs/isolate")
    try:
        with database.cursor() as cursor:
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        yield
    finally:
        database.rollback()


def standing(database: Database) -> tuple[datetime, int]:
    """The database's clock, and the last batch that committed."""
    (row,) = fetch(database, "proofs/standing")
    return _moment(row["started_at"]), int(str(row["last_batch"]))


def proven_until(database: Database) -> ProvenUntil | None:
    """The newest proof that found no difference."""
    rows = fetch(database, "proofs/newest_sound")
    return _proven(rows[0]) if rows else None


def enter_proof(settings: Settings, result: ProofResult) -> None:
    """Keep what a proof found; the next one may begin where the newest one without differences ended."""
    with connected(settings.warehouse) as database, transaction(database):
        insert(
            database,
            "proofs/insert",
            is_full=result.is_full,
            last_batch=result.until.last_batch,
            facts_version=result.until.facts_version,
            rejects_version=result.until.rejects_version,
            deliveries=result.deliveries,
            facts=result.facts,
            amount=result.amount,
            differences=result.differences,
            started_at=result.until.started_at,
        )


def all_entries(database: Database) -> dict[int, Entry]:
    """The whole ledger, by id."""
    entries: dict[int, Entry] = {}
    after = 0
    while rows := fetch(database, "proofs/ids_after", after=after, page=PAGE):
        ids = [int(str(row["delivery_id"])) for row in rows]
        entries |= entries_of(database, ids)
        after = ids[-1]
    return entries


def entries_of(database: Database, delivery_ids: Iterable[int]) -> dict[int, Entry]:
    """The rows with these ids."""
    entries: dict[int, Entry] = {}
    for page in _pages(delivery_ids):
        rows = fetch(database, "proofs/entries", delivery_ids=page)
        entries |= {int(str(row["delivery_id"])): _entry(row) for row in rows}
    return entries


def ids_settled_since(database: Database, proven: ProvenUntil) -> set[int]:
    """Deliveries that later batches settled, replaced or took out."""
    rows = fetch(database, "proofs/ids_settled_since", last_batch=proven.last_batch)
    return {int(str(row["delivery_id"])) for row in rows}


def ids_moved_since(database: Database, proven: ProvenUntil) -> set[int]:
    """Deliveries that were archived since, and those that still are to be."""
    rows = fetch(database, "proofs/ids_moved_since", archived_since=proven.started_at - OVERLAP)
    return {int(str(row["delivery_id"])) for row in rows}


def ids_of_twins(database: Database, delivery_ids: Iterable[int]) -> set[int]:
    """Processed deliveries with the key or the bytes of any of these."""
    return _ids_by(database, "proofs/ids_of_twins", delivery_ids)


def ids_of_equals(database: Database, delivery_ids: Iterable[int]) -> set[int]:
    """Deliveries with the bytes of any of these, whose objects rest in archive or quarantine."""
    return _ids_by(database, "proofs/ids_of_equals", delivery_ids)


def months_told(database: Database) -> set[str]:
    """Every month that a mart or the incentive ledger speaks of."""
    return {str(row["sales_month"]) for row in fetch(database, "proofs/months")}


def is_unwritten(database: Database, settings: Settings) -> bool:
    """True when nobody holds the writer's lock."""
    (row,) = fetch(database, "proofs/is_unwritten", lock_name=lock_name(settings))
    return row["is_free"] == 1


def _ids_by(database: Database, query: str, delivery_ids: Iterable[int]) -> set[int]:
    pages = _pages(delivery_ids)
    return {int(str(row["delivery_id"])) for page in pages for row in fetch(database, query, delivery_ids=page)}


def _pages(delivery_ids: Iterable[int]) -> Iterator[tuple[int, ...]]:
    ordered = sorted(delivery_ids)
    for start in range(0, len(ordered), PAGE):
        yield tuple(ordered[start : start + PAGE])


def _entry(row: Row) -> Entry:
    return Entry(
        delivery=delivery_of_row(row),
        last_modified=_moment(row["last_modified"]),
        reason=None if row["reason"] is None else str(row["reason"]),
        duplicate_of=_number(row["duplicate_of"]),
        is_archived=row["archived_at"] is not None,
        has_batch=bool(row["has_batch"]),
        rows_read=_number(row["rows_read"]) or 0,
        rows_loaded=_number(row["rows_loaded"]) or 0,
        rows_rejected=_number(row["rows_rejected"]) or 0,
        amount_loaded=Decimal(str(row["amount_loaded"] or NOTHING)),
        sales_months=frozenset(json.loads(str(row["sales_months"] or "[]"))),
    )


def _proven(row: Row) -> ProvenUntil:
    return ProvenUntil(
        last_batch=int(str(row["last_batch"])),
        facts_version=_number(row["facts_version"]),
        rejects_version=_number(row["rejects_version"]),
        started_at=_moment(row["started_at"]),
    )


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError(f"not a moment: {value!r}")
    return value
