"""What is so now, as data: for artifacts, for the terminal, for whoever asks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from streaming.contract.settings import EnvironmentName, Settings
from streaming.warehouse.connection import Database, Row, connected, fetch
from streaming.warehouse.ledger import tally, tally_rejects

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Cell = str | int | None
Shown = TypeVar("Shown", bound="DataclassInstance")


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """Deliveries of one status and reason (without its column names), with their rows and money."""

    status: str
    reason: str
    deliveries: int
    rows_loaded: int
    rows_rejected: int
    amount_loaded: Decimal


@dataclass(frozen=True, slots=True)
class RejectLine:
    """Rows refused for one reason, and how one of them looks."""

    reason: str
    rows: int
    sample: str | None


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """A customer over all months."""

    customer_id: int
    full_name: str
    purchases: int
    total_purchases: Decimal


@dataclass(frozen=True, slots=True)
class WinnerLine:
    """Who sold most in a store in a month, and the incentive for it."""

    store_id: int
    sales_month: str
    sales_person_id: int
    full_name: str
    sales: int
    total_sales: Decimal
    incentive: Decimal


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A committed batch; times are UTC."""

    batch_id: int
    deliveries: int
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    started_at: datetime
    committed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The state of one environment."""

    environment: EnvironmentName
    verdicts: list[VerdictLine]
    rejects: list[RejectLine]
    top_customers: list[CustomerLine]
    winners: list[WinnerLine]
    newest_batches: list[BatchLine]
    facts_uri: str


def what_happened(settings: Settings, *, after: int = 0, top: int = 10, batches: int = 5) -> Report:
    """Look at ledger and marts; `after` leaves deliveries up to that id out of the two tallies."""
    with connected(settings.warehouse) as database:
        return Report(
            environment=settings.environment,
            verdicts=as_lines(VerdictLine, tally(database, after=after)),
            rejects=as_lines(RejectLine, tally_rejects(database, after=after)),
            top_customers=top_customers(database, top),
            winners=as_lines(WinnerLine, fetch(database, "sales_team_mart/winners_of_last_month")),
            newest_batches=as_lines(BatchLine, fetch(database, "batches/newest", page=batches)),
            facts_uri=f"s3://{settings.storage.bucket}/{settings.storage.prefixes.facts}",
        )


def as_cells(lines: Sequence[Shown]) -> list[dict[str, Cell]]:
    """Lines as rows of a table of texts and whole numbers; money keeps its cents."""
    return [{name: _cell(value) for name, value in asdict(line).items()} for line in lines]


def top_customers(database: Database, top: int) -> list[CustomerLine]:
    """Who bought for most money over all months."""
    return as_lines(CustomerLine, fetch(database, "customer_mart/top", page=top))


def as_lines(kind: type[Shown], rows: list[Row]) -> list[Shown]:
    """Rows as dataclasses of the same field names; sums that MySQL gives as DECIMAL become whole numbers."""
    return [kind(**{f.name: _typed(f.type, row[f.name]) for f in fields(kind)}) for row in rows]


def _typed(kind: object, value: object) -> object:
    return int(value) if kind is int and isinstance(value, Decimal) else value


def _cell(value: object) -> Cell:
    return value if value is None or isinstance(value, int) else str(value)
