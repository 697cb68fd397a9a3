"""Rows as the database gives them, and the report's figures made of them."""

from datetime import UTC, date, datetime
from decimal import Decimal

from streaming.warehouse.connection import Row
from tasks.reporting.figures import Figures, Freshness, PersonLine, Sales, days_of, paces_of, sales_of
from tasks.reporting.state import CustomerLine, RejectLine, VerdictLine, WinnerLine

ASKED_AT = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC).replace(tzinfo=None)
HOSTILE = "=cmd|' /C calc'!A0 <script>alert(1)</script> \"&\u202e\x00"


def store_month(store_id: int, sales_month: str, total_sales: str, *, sales: int = 1) -> Row:
    return {
        "store_id": store_id,
        "sales_month": sales_month,
        "sales": Decimal(sales),
        "total_sales": Decimal(total_sales),
        "incentives": Decimal("0.01"),
    }


NOTHING = Figures(
    environment="dev",
    sales=Sales(months=(), stores=(), lines=()),
    ranking=[],
    winners=[],
    top_customers=[],
    verdicts=[],
    rejects=[],
    days=[],
    freshness=Freshness(asked_at=ASKED_AT, waiting=0, waiting_since=None, committed_at=None),
    batches=[],
    after=0,
)


def some_figures(text: str = "plain") -> Figures:
    """A little of everything; what comes from outside is the text."""
    return Figures(
        environment="dev",
        sales=sales_of([store_month(1, "2025-12", "10.10"), store_month(2, "2026-02", "0.20", sales=1_000)]),
        ranking=[PersonLine(1, 1, 7, text, 3, Decimal("1234.50"), Decimal("12.35"))],
        winners=[WinnerLine(1, "2026-02", 7, text, 3, Decimal("1234.50"), Decimal("12.35"))],
        top_customers=[CustomerLine(5, text, 2, Decimal("99.99"))],
        verdicts=[
            VerdictLine("processed", "", 2, 8, 5, Decimal("10.30")),
            VerdictLine("superseded", "", 1, 0, 9, Decimal("0.00")),
            VerdictLine("quarantined", text, 3, 0, 0, Decimal("0.00")),
        ],
        rejects=[RejectLine(text, 4, text), RejectLine("malformed_row", 1, None)],
        days=days_of(
            [_day(date(2026, 3, 2), rejected=5), _day(date(2026, 3, 1), rejected=0)],
            [{"arrived_on": date(2026, 3, 2), "reason": text, "rows": Decimal(5)}],
        ),
        freshness=Freshness(
            asked_at=ASKED_AT,
            waiting=1,
            waiting_since=ASKED_AT.replace(hour=10),
            committed_at=ASKED_AT.replace(second=0),
        ),
        batches=paces_of([BATCH], [LATENCY]),
        after=0,
    )


def _day(day: date, *, rejected: int) -> Row:
    return {"arrived_on": day, "deliveries": 1, "rows_read": Decimal(200), "rows_rejected": Decimal(rejected)}


BATCH: Row = {
    "batch_id": 3,
    "deliveries": 2,
    "rows_read": 10_000,
    "started_at": ASKED_AT.replace(minute=0, second=0),
    "committed_at": ASKED_AT.replace(minute=0, second=4),
}
LATENCY: Row = {"batch_id": 3, "mean_microseconds": Decimal("1500000.0000"), "longest_microseconds": 2_000_000}
