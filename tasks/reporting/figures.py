"""The figures of the report, made of rows of marts and ledger. Money is Decimal throughout."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from streaming.contract.deliveries import Status
from streaming.contract.settings import EnvironmentName
from streaming.warehouse.connection import Row
from tasks.reporting.months import months_between
from tasks.reporting.state import CustomerLine, RejectLine, VerdictLine, WinnerLine, as_lines

NOTHING = Decimal("0.00")
REASONS_NAMED = 3
MICROSECONDS = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class StoreMonth:
    """What a store sold in a month, and the incentives that came of it."""

    store_id: int
    sales_month: str
    sales: int
    total_sales: Decimal
    incentives: Decimal


@dataclass(frozen=True, slots=True)
class Sales:
    """Sales by store over months without a gap, oldest first."""

    months: tuple[str, ...]
    stores: tuple[int, ...]
    lines: tuple[StoreMonth, ...]

    @property
    def amounts(self) -> dict[tuple[int, str], Decimal]:
        """Money by store and month; those without sales are left out."""
        return {(line.store_id, line.sales_month): line.total_sales for line in self.lines}

    @property
    def total(self) -> Decimal:
        """Money of all stores and months."""
        return _sum(line.total_sales for line in self.lines)

    @property
    def sales(self) -> int:
        """Sales of all stores and months."""
        return sum(line.sales for line in self.lines)

    @property
    def incentives(self) -> Decimal:
        """Incentives of all stores and months."""
        return _sum(line.incentives for line in self.lines)

    def of_month(self, month: str) -> Decimal:
        """Money of all stores in a month."""
        return _sum(line.total_sales for line in self.lines if line.sales_month == month)

    def of_store(self, store_id: int) -> Decimal:
        """Money of a store in all months."""
        return _sum(line.total_sales for line in self.lines if line.store_id == store_id)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Where somebody stands in a store in the newest month."""

    store_id: int
    sales_rank: int
    sales_person_id: int
    full_name: str
    sales: int
    total_sales: Decimal
    incentive: Decimal


@dataclass(frozen=True, slots=True)
class ArrivalDay:
    """Rows of the files that stores put on a day; the files were loaded, some of their rows refused."""

    arrived_on: date
    deliveries: int
    rows_read: int
    rows_rejected: int
    reasons: Mapping[str, int]

    @property
    def share_rejected(self) -> Decimal:
        """Refused rows in a hundred."""
        return Decimal(100 * self.rows_rejected) / self.rows_read if self.rows_read else NOTHING

    @property
    def commonest(self) -> list[tuple[str, int]]:
        """The three reasons for which most rows were refused."""
        return sorted(self.reasons.items(), key=lambda each: (-each[1], each[0]))[:REASONS_NAMED]


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the marts are behind the stores; all times UTC, by the database's clock."""

    asked_at: datetime
    waiting: int
    waiting_since: datetime | None
    committed_at: datetime | None

    @property
    def seconds_waiting(self) -> Decimal | None:
        """Age of the oldest delivery that waits; None when none does."""
        return _seconds_between(self.waiting_since, self.asked_at)

    @property
    def seconds_since_commit(self) -> Decimal | None:
        """Age of the newest batch; None when there is none."""
        return _seconds_between(self.committed_at, self.asked_at)


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds that deliveries took from discovery to verdict."""

    mean: Decimal
    longest: Decimal


@dataclass(frozen=True, slots=True)
class BatchPace:
    """How fast a batch was; its latency is unknown when all of its deliveries went on to another one."""

    batch_id: int
    committed_at: datetime
    deliveries: int
    rows_read: int
    seconds: Decimal
    latency: Latency | None

    @property
    def rows_a_second(self) -> int:
        """Rows read in a second of the batch."""
        return int(self.rows_read / self.seconds) if self.seconds else self.rows_read


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that the report shows of one environment."""

    environment: EnvironmentName
    sales: Sales
    ranking: Sequence[PersonLine]
    winners: Sequence[WinnerLine]
    top_customers: Sequence[CustomerLine]
    verdicts: Sequence[VerdictLine]
    rejects: Sequence[RejectLine]
    days: Sequence[ArrivalDay]
    freshness: Freshness
    batches: Sequence[BatchPace]
    after: int
    """Quality is told of deliveries with a higher id."""

    @property
    def is_empty(self) -> bool:
        """True when no delivery has come yet."""
        return not self.verdicts and not self.sales.lines

    @property
    def rows_rejected(self) -> int:
        """Refused rows of the files that count."""
        return sum(line.rows_rejected for line in self.verdicts if line.status == Status.PROCESSED)

    @property
    def quarantined(self) -> list[VerdictLine]:
        """Files that could not be read as sales, by reason."""
        return [line for line in self.verdicts if line.status == Status.QUARANTINED]


def sales_of(rows: list[Row]) -> Sales:
    """Sales by store and month; every month from the first that has sales to the last is among the months."""
    lines = as_lines(StoreMonth, rows)
    seen = sorted({line.sales_month for line in lines})
    months = months_between(seen[0], seen[-1]) if seen else ()
    return Sales(months=months, stores=tuple(sorted({line.store_id for line in lines})), lines=tuple(lines))


def days_of(days: Iterable[Row], reasons: Iterable[Row]) -> list[ArrivalDay]:
    """Days of arrival, newest first, each with its refused rows by reason."""
    by_day: dict[object, dict[str, int]] = {}
    for row in reasons:
        by_day.setdefault(row["arrived_on"], {})[str(row["reason"])] = int(str(row["rows"]))
    return as_lines(ArrivalDay, [{**row, "reasons": by_day.get(row["arrived_on"], {})} for row in days])


def paces_of(batches: Iterable[Row], latencies: Iterable[Row]) -> list[BatchPace]:
    """Batches, newest first, each with the latency of its deliveries."""
    by_batch = {row["batch_id"]: _latency(row) for row in latencies}
    return as_lines(
        BatchPace,
        [
            {
                **row,
                "seconds": _seconds_between(row["started_at"], row["committed_at"]),
                "latency": by_batch.get(row["batch_id"]),
            }
            for row in batches
        ],
    )


def _latency(row: Row) -> Latency:
    mean, longest = (Decimal(str(row[f"{name}_microseconds"])) / MICROSECONDS for name in ("mean", "longest"))
    return Latency(mean=mean, longest=longest)


def _seconds_between(start: object, end: object) -> Decimal | None:
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return None
    return Decimal((end - start) // timedelta(microseconds=1)) / MICROSECONDS


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, NOTHING)
