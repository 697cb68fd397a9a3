"""All that must be as the model says, once from the servers and once from the model, in the same shape."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.known import SqlRow
from tests.oracle.history import History
from tests.oracle.marts import customer_mart, sales_team_mart
from tests.oracle.model import Fact, Outcome, Reject
from tests.shop import Shop

FACT_COLUMNS = (
    "customer_id",
    "store_id",
    "product_name",
    "sales_date",
    "sales_person_id",
    "price",
    "quantity",
    "total_cost",
    "sales_month",
    "customer_name",
    "product_id",
    "list_price",
    "sales_person_name",
    "sales_person_store_id",
)
Cells = tuple[object, ...]


@dataclass(frozen=True)
class Picture:
    """The lake, the marts and what payroll comes to, in an order of their own."""

    facts: list[Cells]
    rejects: list[Cells]
    customers: list[Cells]
    team: list[Cells]
    incentives: list[Cells]
    open_batches: int = 0


def seen(shop: Shop) -> Picture:
    """What the servers have."""
    (batches,) = shop.sql("SELECT COUNT(*) AS n FROM batches WHERE committed_at IS NULL")
    totals = shop.sql("SELECT sales_person_id, sales_month, store_id, incentive FROM incentive_totals")
    return Picture(
        facts=sorted(_cells(row, ("delivery_id", "line_number", *FACT_COLUMNS)) for row in shop.facts()),
        rejects=sorted(
            (row["delivery_id"], row["line_number"], tuple(_texts(row["reasons"])), row["raw"])
            for row in shop.rejects()
        ),
        customers=[tuple(row.values()) for row in shop.customer_mart()],
        team=[tuple(row.values()) for row in shop.team_mart()],
        incentives=sorted(tuple(row.values()) for row in totals if row["incentive"]),
        open_batches=int(str(batches["n"])),
    )


def expected(counting: Iterable[Outcome]) -> Picture:
    """What the servers should have, given what counts."""
    outcomes = list(counting)
    facts = [fact for outcome in outcomes for fact in outcome.facts]
    team = sales_team_mart(facts)
    return Picture(
        facts=sorted(map(_fact_cells, facts)),
        rejects=sorted(_reject_cells(reject) for outcome in outcomes for reject in outcome.rejects),
        customers=[tuple(row) for row in customer_mart(facts)],
        team=[tuple(row) for row in team],
        incentives=sorted((r.sales_person_id, r.sales_month, r.store_id, r.incentive) for r in team if r.incentive),
    )


def ledger_seen(shop: Shop) -> list[Cells]:
    """Every delivery with its verdict; rows and money of what counts."""
    return [
        (
            row["delivery_id"],
            row["object_key"],
            row["attempt"],
            row["status"],
            row["reason"],
            row["duplicate_of"] if row["status"] == "duplicate" else None,
            row["superseded_by"] if row["status"] == "superseded" else None,
            (row["rows_loaded"], row["rows_rejected"], row["amount_loaded"]) if row["status"] == "processed" else None,
        )
        for row in shop.deliveries()
    ]


def ledger_expected(history: History, waiting: Iterable[Cells]) -> list[Cells]:
    """The same by the model, followed by what still waits."""
    return [*(_verdict_cells(outcome) for _, outcome in sorted(history.outcomes.items())), *waiting]


def _verdict_cells(outcome: Outcome) -> Cells:
    is_processed = outcome.status == "processed"
    return (
        outcome.delivery.delivery_id,
        outcome.delivery.key,
        outcome.delivery.attempt,
        outcome.status,
        outcome.reason,
        outcome.duplicate_of if outcome.status == "duplicate" else None,
        outcome.superseded_by if outcome.status == "superseded" else None,
        (outcome.rows_loaded, outcome.rows_rejected, outcome.amount) if is_processed else None,
    )


def _fact_cells(fact: Fact) -> Cells:
    values = tuple(getattr(fact, name) for name in FACT_COLUMNS)
    return fact.delivery_id, fact.line_number, *values


def _reject_cells(reject: Reject) -> Cells:
    return reject.delivery_id, reject.line_number, reject.reasons, reject.raw


def _cells(row: SqlRow, names: Iterable[str]) -> Cells:
    return tuple(row[name] for name in names)


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
