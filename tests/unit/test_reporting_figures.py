"""The report's figures: sums, months, spans, from rows alone."""

from datetime import date
from decimal import Decimal

import pytest

from tasks.reporting.figures import Sales, days_of, paces_of, sales_of
from tasks.reporting.months import first_month, months_between
from tests.unit.reporting import BATCH, LATENCY, NOTHING, some_figures, store_month


def test_totals_agree_with_the_rows_to_the_cent() -> None:
    amounts = {(1, "2026-01"): "0.10", (1, "2026-02"): "0.20", (2, "2026-02"): "99999999999999999999.97"}
    sales = sales_of([store_month(*where, amount, sales=2) for where, amount in amounts.items()])
    assert sales.total == Decimal("100000000000000000000.27")
    assert sales.of_month("2026-02") == Decimal("100000000000000000000.17")
    assert sales.of_store(1) == Decimal("0.30")
    assert sum(map(sales.of_month, sales.months)) == sum(map(sales.of_store, sales.stores)) == sales.total
    assert (sales.sales, sales.incentives) == (6, Decimal("0.03"))


def test_a_month_without_sales_is_among_the_months() -> None:
    sales = sales_of([store_month(1, "2025-11", "1.00"), store_month(2, "2026-02", "1.00")])
    assert sales.months == ("2025-11", "2025-12", "2026-01", "2026-02")
    assert sales.of_month("2026-01") == 0


def test_no_rows_are_no_sales() -> None:
    assert sales_of([]) == Sales(months=(), stores=(), lines=())


@pytest.mark.parametrize(
    ("newest", "months", "first"),
    [("2026-10", 1, "2026-10"), ("2026-10", 12, "2025-11"), ("2026-01", 2, "2025-12"), ("2026-12", 36, "2024-01")],
)
def test_so_many_months_end_with_the_newest(newest: str, months: int, first: str) -> None:
    assert first_month(newest, months) == first
    assert len(months_between(first, newest)) == months


def test_a_day_knows_its_refused_rows_by_reason() -> None:
    day = {"arrived_on": date(2026, 3, 1), "deliveries": 2, "rows_read": Decimal(400), "rows_rejected": Decimal(9)}
    reasons = [
        {"arrived_on": date(2026, 3, 1), "reason": reason, "rows": Decimal(rows)}
        for reason, rows in {"a": 1, "b": 4, "c": 3, "d": 1}.items()
    ]
    elsewhere = {"arrived_on": date(2026, 2, 1), "reason": "e", "rows": Decimal(100)}
    (told,) = days_of([day], [*reasons, elsewhere])
    assert told.commonest == [("b", 4), ("c", 3), ("a", 1)]
    assert told.share_rejected == Decimal("2.25")


def test_a_day_without_rows_has_no_share() -> None:
    day = {"arrived_on": date(2026, 3, 1), "deliveries": 1, "rows_read": Decimal(0), "rows_rejected": Decimal(0)}
    assert days_of([day], [])[0].share_rejected == 0


def test_a_batch_has_its_pace_and_the_latency_of_its_own_deliveries() -> None:
    newer = {**BATCH, "batch_id": 4}
    unknown, known = paces_of([newer, BATCH], [LATENCY])
    assert (known.rows_a_second, known.seconds) == (2_500, Decimal(4))
    assert known.latency is not None
    assert (known.latency.mean, known.latency.longest) == (Decimal("1.5"), Decimal(2))
    assert unknown.latency is None


def test_ages_are_told_by_the_clock_that_wrote_the_times() -> None:
    freshness = some_figures().freshness
    assert (freshness.seconds_since_commit, freshness.seconds_waiting) == (Decimal(30), Decimal(7_200))
    assert NOTHING.freshness.seconds_since_commit is None


def test_only_rows_of_files_that_count_are_refused_rows() -> None:
    figures = some_figures()
    assert figures.rows_rejected == 5
    assert [line.deliveries for line in figures.quarantined] == [3]
    assert (figures.is_empty, NOTHING.is_empty) == (False, True)
