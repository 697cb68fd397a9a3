"""How each store's team ranks by month, and what the best earn: a few rows per store, reckoned without a Spark job."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

SqlRow: TypeAlias = Mapping[str, object]
StoreMonth: TypeAlias = tuple[int, str]

INCENTIVE_RATE = Decimal("0.01")
CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


@dataclass(slots=True)
class _Sold:
    """What one person sold in one store and month, under the newest name."""

    sales: int = 0
    total: Decimal = NOTHING
    name: str = ""
    name_counts: int = -2

    def add(self, row: SqlRow, *, name_counts: int) -> None:
        self.sales += int(str(row["sales"]))
        self.total += Decimal(str(row["total_sales"]))
        if name_counts > self.name_counts:
            self.name, self.name_counts = str(row["full_name"]), name_counts


def ranked(standing: Iterable[SqlRow], change: Iterable[SqlRow]) -> list[dict[str, object]]:
    """The sales-team mart of the touched stores and months, as `contract.columns.TEAM_MART`.

    Whoever has no sales left is not in it. A name that comes with sales is newer than the one that stands, and that
    one is newer than a name that only takes sales away.

    Args:
        standing: the mart's totals of those stores and months so far, whole, as `TEAM_TOTALS`.
        change: what the batch adds and takes away, as `TEAM_TOTALS`.
    """
    teams: dict[StoreMonth, dict[int, _Sold]] = defaultdict(lambda: defaultdict(_Sold))
    for row in standing:
        _of(teams, row).add(row, name_counts=0)
    for row in change:
        _of(teams, row).add(row, name_counts=1 if int(str(row["sales"])) > 0 else -1)
    return [line for store_month in sorted(teams) for line in _lines(store_month, teams[store_month])]


def store_month_of(row: SqlRow) -> StoreMonth:
    """The store and month that a row of the sales-team mart is about."""
    return int(str(row["store_id"])), str(row["sales_month"])


def _of(teams: Mapping[StoreMonth, dict[int, _Sold]], row: SqlRow) -> _Sold:
    return teams[store_month_of(row)][int(str(row["sales_person_id"]))]


def _lines(store_month: StoreMonth, team: Mapping[int, _Sold]) -> Iterator[dict[str, object]]:
    store_id, sales_month = store_month
    rank, total = 0, None
    best_first = sorted((-sold.total, person) for person, sold in team.items() if sold.sales > 0)
    for position, (_, person) in enumerate(best_first, start=1):
        sold = team[person]
        if sold.total != total:  # equals share a rank, and the next one counts them all
            rank, total = position, sold.total
        yield {
            "store_id": store_id,
            "sales_month": sales_month,
            "sales_person_id": person,
            "full_name": sold.name,
            "sales": sold.sales,
            "total_sales": sold.total,
            "sales_rank": rank,
            "incentive": incentive(sold.total) if rank == 1 else NOTHING,
        }


def incentive(total: Decimal) -> Decimal:
    """1 % of what the best sold, to the cent half up."""
    return (total * INCENTIVE_RATE).quantize(CENT, ROUND_HALF_UP)
