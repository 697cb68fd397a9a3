"""A load of files whose figures are known beforehand: complete and right, or not counted by half."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from tests.shop import Shop

PRICE = Decimal("2.50")


@dataclass(frozen=True, slots=True)
class Load:
    """Files of equal sales; of each the quantity that is sold in every row, and so many corrections besides."""

    shop: Shop
    rows: int = 200
    quantities: dict[int, int] = field(default_factory=dict)

    def put(self, numbers: Iterable[int], *, quantity: int) -> None:
        """Drop files with these numbers, new ones or corrections."""
        for number in numbers:
            self.quantities[number] = quantity + number
            self.shop.put_sales(f"{number}.csv", *[sale(quantity + number)] * self.rows)

    def is_counted(self) -> tuple[int, int]:
        """Sales in the mart, and rows that the ledger calls loaded: alike whatever happened."""
        (sums,) = self.shop.sql(
            "SELECT (SELECT COALESCE(SUM(purchases), 0) FROM customer_mart) AS in_mart,"
            " (SELECT COALESCE(SUM(rows_loaded), 0) FROM deliveries WHERE status = 'processed') AS in_ledger"
        )
        return int(str(sums["in_mart"])), int(str(sums["in_ledger"]))

    def must_be_complete(self) -> None:
        """Each file counts with all its rows, once, in lake, marts and ledger."""
        rows = len(self.quantities) * self.rows
        facts = self.shop.facts()
        assert (len(facts), len({(f["delivery_id"], f["line_number"]) for f in facts})) == (rows, rows)
        assert self.is_counted() == (rows, rows)
        total = PRICE * self.rows * sum(self.quantities.values())
        assert [row["total_purchases"] for row in self.shop.customer_mart()] == [total]
        counting = [row["object_key"] for row in self.shop.deliveries() if row["status"] == "processed"]
        assert sorted(counting, key=str) == sorted(f"{number}.csv" for number in self.quantities)


def sale(quantity: int) -> str:
    """One row."""
    return f"1,1,Rye flour,2026-03-14,1,{PRICE},{quantity},{PRICE * quantity}"
