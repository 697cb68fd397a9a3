"""The report of a real database and a real bucket: the rows that are there, no others, and found again."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tasks.reporting.figures import Figures
from tasks.reporting.gathering import figures_of, sales_lately
from tasks.reporting.page import page_of
from tasks.reporting.publishing import keep
from tasks.reporting.sheets import sheets_of
from tests.shop import Shop

pytestmark = pytest.mark.servers

TEAM = """
INSERT INTO sales_team_mart VALUES
(1, '2025-12', 1, 'Old', 9, 900.00, 1, 9.00),
(1, '2026-01', 1, 'Ann', 2, 20.50, 1, 0.21), (1, '2026-01', 2, 'Bob', 1, 20.50, 1, 0.21),
(1, '2026-02', 1, 'Ann', 1, 1.05, 2, 0.00), (1, '2026-02', 2, 'Bob', 3, 7.00, 1, 0.07),
(2, '2026-02', 3, 'Cy', 4, 99999999999999999999.99, 1, 999999999999999999.99)
"""
CUSTOMERS = """
INSERT INTO customer_mart VALUES
(1, '2025-12', 'Dee', 9, 900.00), (1, '2026-02', 'Dee', 1, 0.01), (2, '2026-02', 'Eve', 2, 900.02)
"""
DELIVERIES = """
INSERT INTO deliveries
(object_key, etag, size_bytes, last_modified, status, reason, batch_id, rows_read, rows_loaded, rows_rejected,
discovered_at, finished_at)
VALUES
('a', 'a', 1, '2026-03-01 23:59:59', 'processed', NULL, 1, 10, 8, 2, '2026-03-02 00:00:00', '2026-03-02 00:00:03'),
('b', 'b', 1, '2026-03-02 00:00:00', 'processed', NULL, 1, 7, 6, 1, '2026-03-02 00:00:00', '2026-03-02 00:00:02'),
('c', 'c', 1, '2026-03-02 00:00:00', 'superseded', NULL, 1, 5, 0, 5, '2026-03-02 00:00:00', '2026-03-02 00:00:01'),
('d', 'd', 1, '2026-03-02', 'quarantined', 'missing_columns:price', NULL, 0, 0, 0, '2026-03-02', '2026-03-02'),
('e', 'e', 1, '2026-03-03', 'waiting', NULL, NULL, NULL, NULL, NULL, UTC_TIMESTAMP(6), NULL)
"""
REJECTS = """
INSERT INTO delivery_rejects VALUES
(1, 'malformed_row', 1, '=1+1'), (1, 'total_mismatch', 1, 'x'), (2, 'malformed_row', 1, '<b>'),
(3, 'total_mismatch', 5, 'y')
"""
BATCHES = """
INSERT INTO batches VALUES
(1, 1, 1, 3, 3, 17, 14, 3, 0, 0, '2026-03-02 00:00:00', '2026-03-02 00:00:04', NULL),
(2, 1, 5, 5, 1, NULL, NULL, NULL, 0, 0, '2026-03-03 00:00:00', NULL, NULL)
"""


@pytest.fixture
def told(shop: Shop) -> Figures:
    """The figures of two months of a shop that has a little of everything."""
    for rows in (TEAM, CUSTOMERS, DELIVERIES, REJECTS, BATCHES):
        shop.do(rows)
    return figures_of(shop.settings, months=2)


def test_figures_are_those_of_the_database(shop: Shop, told: Figures) -> None:
    assert told.sales.months == ("2026-01", "2026-02")
    assert told.sales.total == Decimal("100000000000000000049.04")
    assert sales_lately(shop.settings, months=3).total == told.sales.total + 900
    assert [(p.store_id, p.sales_rank, p.full_name) for p in told.ranking] == [
        (1, 1, "Bob"),
        (1, 2, "Ann"),
        (2, 1, "Cy"),
    ]
    winners = [(w.sales_month, w.store_id, w.full_name) for w in told.winners]
    assert winners == [("2026-02", 1, "Bob"), ("2026-02", 2, "Cy"), ("2026-01", 1, "Ann"), ("2026-01", 1, "Bob")]
    assert [(c.full_name, c.total_purchases) for c in told.top_customers] == [
        ("Eve", Decimal("900.02")),
        ("Dee", Decimal("900.01")),
    ]


def test_quality_and_speed_are_those_of_the_ledger(told: Figures) -> None:
    days = [(f"{d.arrived_on}", d.rows_read, d.rows_rejected, dict(d.reasons)) for d in told.days]
    assert days == [
        ("2026-03-02", 7, 1, {"malformed_row": 1}),
        ("2026-03-01", 10, 2, {"malformed_row": 1, "total_mismatch": 1}),
    ]
    assert [(reject.reason, reject.rows) for reject in told.rejects] == [("malformed_row", 2), ("total_mismatch", 1)]
    assert [(line.reason, line.deliveries) for line in told.quarantined] == [("missing_columns", 1)]
    assert (told.freshness.waiting, told.freshness.committed_at) == (1, datetime(2026, 3, 2, 0, 0, 4))  # noqa: DTZ001  as MySQL has it
    (batch,) = told.batches
    assert (batch.batch_id, batch.rows_a_second) == (1, 4)
    assert batch.latency is not None
    assert (batch.latency.mean, batch.latency.longest) == (Decimal(2), Decimal(3))


def test_the_oldest_waiting_delivery_is_aged_by_the_databases_clock(told: Figures) -> None:
    assert told.freshness.seconds_waiting is not None
    assert 0 <= told.freshness.seconds_waiting < timedelta(minutes=1).total_seconds()


def test_the_page_is_kept_here_and_in_the_bucket_and_replaced_on_the_same_day(shop: Shop, home: Path) -> None:
    empty = page_of(figures_of(shop.settings, months=12))
    assert "There is nothing yet" in empty
    day = datetime(2026, 3, 2, tzinfo=UTC)
    for page in ("é", empty):
        kept = keep(page, shop.settings, day=day)
    reports = shop.settings.storage.prefixes.reports
    (found,) = shop.bucket.listing(reports)
    assert found.object_key == f"{reports}2026-03-02.html"
    assert kept.uri == f"s3://{shop.bucket.storage.bucket}/{found.object_key}"
    assert kept.file == str(home / "reports" / "dev.html")
    assert shop.bucket.open(found.object_key, etag=found.etag).read() == Path(kept.file).read_bytes() == empty.encode()
    head = shop.bucket.client.head_object(Bucket=shop.bucket.storage.bucket, Key=found.object_key)
    assert head["ContentType"].startswith("text/html")


def test_the_sheets_hold_texts_that_no_spreadsheet_reckons_and_the_tables_hold_them_raw(
    shop: Shop, told: Figures
) -> None:
    assert told.rejects
    shop.do("UPDATE sales_team_mart SET full_name = '=HYPERLINK(1)' WHERE store_id = 2")
    sheets = sheets_of(figures_of(shop.settings, months=2), shop.settings)
    incentives, rejects = (list(csv.reader(io.StringIO(sheet.text))) for sheet in sheets)
    assert incentives[1] == ["2026-02", "1", "2", "Bob", "3", "7.00", "0.07"]
    assert incentives[2][3] == "'=HYPERLINK(1)"
    assert {(row[0], row[3], row[5]) for row in rejects[1:]} == {
        ("a", "malformed_row", "'=1+1"),
        ("a", "total_mismatch", "x"),
        ("b", "malformed_row", "<b>"),
    }
    assert shop.sql("SELECT sample FROM delivery_rejects WHERE sample LIKE '=%'") == [{"sample": "=1+1"}]
