"""A batch of one delivery with one sale, committed by hand: what counts of it, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from streaming.contract.deliveries import Arrival, Status, Verdict
from streaming.contract.settings import Settings
from streaming.contract.settlements import Settlement
from streaming.warehouse.batches import BatchSums, MartChanges, commit_batch, open_batch
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import record_arrivals
from streaming.warehouse.writer import Writer
from tests.shop import Shop

MONTH = "2026-03"
TEN = Decimal("10.00")
KEYS: Mapping[str, object] = {"store_id": 1, "sales_month": MONTH, "sales_person_id": 1}
TEAM: Mapping[str, object] = {**KEYS, "full_name": "Grace Hopper", "sales": 1, "total_sales": TEN, "sales_rank": 1}
COUNTED = [
    {"status": "processed", "batches": 1, "purchases": 1, "total_purchases": TEN, "total_sales": TEN, "paid": 1},
]
NOT_COUNTED = [
    {"status": "waiting", "batches": 0, "purchases": None, "total_purchases": None, "total_sales": None, "paid": 0},
]
WHAT_COUNTS = """
SELECT
    d.status,
    (SELECT COUNT(*) FROM batches WHERE committed_at IS NOT NULL) AS batches,
    (SELECT SUM(purchases) FROM customer_mart) AS purchases,
    (SELECT SUM(total_purchases) FROM customer_mart) AS total_purchases,
    (SELECT SUM(total_sales) FROM sales_team_mart) AS total_sales,
    (SELECT COUNT(*) FROM incentive_ledger) AS paid
FROM deliveries AS d
"""


def arrival(key: str) -> Arrival:
    """A file that was put just now."""
    return Arrival(object_key=key, etag="e", size_bytes=1, last_modified=datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class OneSale:
    """One delivery that arrived, waiting to be committed with its one sale."""

    shop: Shop
    delivery_id: int

    @classmethod
    def arrived(cls, shop: Shop) -> "OneSale":
        """Enter it into the ledger."""
        with connected(shop.settings.warehouse) as database:
            record_arrivals(database, [arrival(f"{shop.settings.storage.prefixes.landing}one.csv")])
        return cls(shop, 1)

    def opened(self, writer: Writer) -> int:
        """Open a batch for it, on the straight way; its id."""
        return open_batch(self.shop.settings, writer, self._settlement(), versions=(0, 0))

    def commit(self, settings: Settings, writer: Writer, batch_id: int) -> BatchSums:
        """Commit it over the way that these settings show."""
        return commit_batch(settings, writer, batch_id, self._settlement(), self._changes(), stages={})

    def counts(self) -> list[dict[str, object]]:
        """What ledger and marts say of it."""
        return self.shop.sql(WHAT_COUNTS)

    def _settlement(self) -> Settlement:
        verdict = Verdict(
            delivery_id=self.delivery_id,
            status=Status.PROCESSED,
            rows_read=1,
            rows_loaded=1,
            amount_loaded=TEN,
            sales_months=(MONTH,),
        )
        return Settlement(verdicts=(verdict,))

    def _changes(self) -> MartChanges:
        bought = {"sales_month": MONTH, "full_name": "Ada Byron", "purchases": 1, "total_purchases": TEN}
        paid = {**KEYS, "kind": "award", "amount": Decimal("0.10"), "delivery_id": self.delivery_id}
        return MartChanges(
            customers=[{"customer_id": 1, **bought}],
            store_months=[(1, MONTH)],
            team_before=(),
            team=[{**TEAM, "incentive": Decimal("0.10")}],
            incentives=[paid],
            rejects=(),
        )
