"""The two marts, added up from facts."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from tests.oracle.model import Fact

INCENTIVE_RATE = Decimal("0.01")
CENT = Decimal("0.01")


class CustomerMonth(NamedTuple):
    """One row of `customer_mart`, columns in the table's order."""

    customer_id: int
    sales_month: str
    full_name: str
    purchases: int
    total_purchases: Decimal


class SalesPersonMonth(NamedTuple):
    """One row of `sales_team_mart`, columns in the table's order."""

    store_id: int
    sales_month: str
    sales_person_id: int
    full_name: str
    sales: int
    total_sales: Decimal
    sales_rank: int
    incentive: Decimal


def customer_mart(facts: Iterable[Fact]) -> list[CustomerMonth]:
    """What every customer bought in every month, by key."""
    bought: dict[tuple[int, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        bought[fact.customer_id, fact.sales_month].append(fact)
    return [
        CustomerMonth(*key, sales[0].customer_name, len(sales), _money(sales)) for key, sales in sorted(bought.items())
    ]


def sales_team_mart(facts: Iterable[Fact]) -> list[SalesPersonMonth]:
    """What every salesperson sold in every store and month, with rank and incentive, by key."""
    sold: dict[tuple[int, str], dict[int, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts:
        sold[fact.store_id, fact.sales_month][fact.sales_person_id].append(fact)
    return [
        _sales_person_month(key, sales, rank=1 + sum(_money(other) > _money(sales) for other in team.values()))
        for key, team in sorted(sold.items())
        for _, sales in sorted(team.items())
    ]


def _sales_person_month(key: tuple[int, str], sales: list[Fact], *, rank: int) -> SalesPersonMonth:
    total = _money(sales)
    incentive = (total * INCENTIVE_RATE).quantize(CENT, rounding=ROUND_HALF_UP) if rank == 1 else Decimal("0.00")
    return SalesPersonMonth(
        store_id=key[0],
        sales_month=key[1],
        sales_person_id=sales[0].sales_person_id,
        full_name=sales[0].sales_person_name,
        sales=len(sales),
        total_sales=total,
        sales_rank=rank,
        incentive=incentive,
    )


def _money(sales: list[Fact]) -> Decimal:
    return sum((fact.total_cost for fact in sales), Decimal("0.00"))
