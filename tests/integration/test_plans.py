"""A dry run changes nothing, and carrying it out ends exactly where it said."""

from collections import defaultdict
from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from streaming.contract.deliveries import Selection
from streaming.contract.plans import Plan
from streaming.lake import Lake
from streaming.planning import Order, plan
from streaming.world import Place
from tests.integration.test_attempts import BIG, STRANGER, A, B, C, meet, redrivable, redrive, withdraw
from tests.known import SqlRow
from tests.shop import Shop

Figures = dict[tuple[str, str], tuple[Decimal, ...]]


@pytest.fixture
def busy_shop(shop: Shop, spark: SparkSession) -> Shop:
    """Some sales loaded, one refused for a customer whom the shop knows by now, one file sent twice."""
    shop.put_sales("one.csv", A, B, STRANGER)
    shop.put_sales("two.csv", C)
    shop.put_sales("two-again.csv", C)
    shop.ingest(spark)
    meet(shop, 77)
    return shop


def planned(shop: Shop, spark: SparkSession, order: Order) -> Plan:
    """The plan; making it has changed nothing."""
    before = everything(shop)
    told = plan(Place(spark=spark, settings=shop.settings, lake=Lake(spark, shop.settings.storage)), order)
    assert everything(shop) == before
    return Plan.of_json(told.as_json())


def everything(shop: Shop) -> list[object]:
    tables = ("batches", "incentive_ledger", "delivery_rejects", "locks")
    return [shop.state(), shop.deliveries(), shop.rejects(), *(shop.sql(f"SELECT * FROM {name}") for name in tables)]  # noqa: S608  names of our own


def by_month(shop: Shop) -> Figures:
    """Sales, money and incentives of each month of each mart."""
    sums: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal()] * 3)
    for mart, rows, names in (
        ("customer_mart", shop.customer_mart(), ("purchases", "total_purchases")),
        ("sales_team_mart", shop.team_mart(), ("sales", "total_sales", "incentive")),
    ):
        for row in rows:
            _add(sums[mart, str(row["sales_month"])], row, names)
    return {key: tuple(values) for key, values in sums.items()}


def _add(sums: list[Decimal], row: SqlRow, names: tuple[str, ...]) -> None:
    for place, name in enumerate(names):
        sums[place] += Decimal(str(row[name]))


def difference(before: Figures, after: Figures) -> Figures:
    zero = (Decimal(), Decimal(), Decimal())
    pairs = {key: (before.get(key, zero), after.get(key, zero)) for key in before.keys() | after.keys()}
    changed = {key: tuple(new - old for old, new in zip(*pair, strict=True)) for key, pair in pairs.items()}
    return {key: figures for key, figures in changed.items() if any(figures)}


def of_plan(told: Plan) -> Figures:
    return {
        (month.mart, month.sales_month): (Decimal(month.sales), month.amount, month.incentive)
        for month in told.months
        if month.is_change
    }


def fates(told: Plan) -> list[tuple[int | None, str, str | None, int, int]]:
    return [(d.delivery_id, d.becomes, d.reason, d.rows_loaded, d.rows_rejected) for d in told.deliveries]


def test_a_catch_up_ends_where_its_plan_said(busy_shop: Shop, spark: SparkSession) -> None:
    shop = busy_shop
    shop.put_sales("one.csv", A, BIG)
    shop.put_sales("new.csv", B.replace("2026-03-15", "2026-02-15"))
    shop.put("rubbish.csv", "nothing like sales")
    told = planned(shop, spark, Order(selection=Selection(), redrives=tuple(redrivable(shop))))
    before = by_month(shop)
    shop.ingest(spark)
    assert of_plan(told) == difference(before, by_month(shop))
    entered = [fate for fate in fates(told) if fate[0] is None]
    assert sorted((becomes, loaded, rejected) for _, becomes, _, loaded, rejected in entered) == [
        ("processed", 1, 0),
        ("processed", 2, 0),
        ("quarantined", 0, 0),
        ("superseded", 0, 0),
    ]
    assert (1, "superseded", None, -2, -1) in fates(told)


def test_a_redrive_ends_where_its_plan_said(busy_shop: Shop, spark: SparkSession) -> None:
    shop = busy_shop
    told = planned(shop, spark, Order(redrives=(1,)))
    assert fates(told) == [(None, "processed", None, 3, 0), (1, "superseded", None, -2, -1)]
    before = by_month(shop)
    redrive(shop, 1)
    shop.ingest(spark)
    assert of_plan(told) == difference(before, by_month(shop))


def test_a_withdrawal_ends_where_its_plan_said(busy_shop: Shop, spark: SparkSession) -> None:
    shop = busy_shop
    shop.put_sales("waits.csv", B)
    told = planned(shop, spark, Order(withdrawals=(1, 2)))
    assert fates(told)[2:] == [(1, "withdrawn", None, -2, -1), (2, "withdrawn", None, -1, 0)]
    assert [month for _, month in of_plan(told)] == ["2026-03", "2026-03"], "the second file's twin counts on"
    before = by_month(shop)
    withdraw(shop, 1, 2)
    shop.ingest(spark, Selection(delivery_ids=frozenset({4, 5})))
    assert of_plan(told) == difference(before, by_month(shop))


def test_a_plan_for_nothing_says_so(shop: Shop, spark: SparkSession) -> None:
    place = Place(spark=spark, settings=shop.settings, lake=Lake(spark, shop.settings.storage))
    assert plan(place, Order(selection=Selection())) == Plan(deliveries=(), months=())
