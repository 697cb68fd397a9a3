"""What both marts add up, also where a correction takes sales away."""

from decimal import Decimal

import pyarrow as pa

from streaming.facts import only_facts
from streaming.marts import customers_summed, per_customer_month, per_sales_person_month, taken_away, team_summed
from tests.checked import checked, values_of
from tests.landed import Values


def facts(*rows: Values) -> pa.Table:
    return only_facts(checked(*rows))


def test_purchases_are_summed_per_customer_and_month() -> None:
    sales = facts({}, {"total_cost": Decimal("0.01")}, {"sales_month": "2026-04"}, {"customer_id": 8})
    assert values_of(per_customer_month(sales), "customer_id", "sales_month", "purchases", "total_purchases") == [
        (7, "2026-03", 2, Decimal("10.01")),
        (7, "2026-04", 1, Decimal("10.00")),
        (8, "2026-03", 1, Decimal("10.00")),
    ]


def test_what_a_correction_removes_counts_against_what_it_adds() -> None:
    corrected = per_customer_month(facts({"total_cost": Decimal("4.00")}))
    gone = taken_away(per_customer_month(facts({}, {"customer_id": 8})))
    assert values_of(customers_summed([corrected, gone]), "customer_id", "purchases", "total_purchases") == [
        (7, 0, Decimal("-6.00")),
        (8, -1, Decimal("-10.00")),
    ]


def test_a_customer_with_two_names_stands_in_two_rows() -> None:
    sales = per_customer_month(facts({}, {"customer_name": "Ada Lovelace"}))
    assert values_of(customers_summed([sales, sales]), "full_name", "purchases") == [
        ("Ada Byron", 2),
        ("Ada Lovelace", 2),
    ]


def test_teams_are_summed_per_store_month_and_salesperson_with_the_deliveries() -> None:
    sales = facts({}, {"delivery_id": 2}, {"delivery_id": 3, "store_id": 2})
    summed = team_summed([*per_sales_person_month(sales).to_pylist(), *per_sales_person_month(sales).to_pylist()])
    assert [(row["store_id"], row["sales"], row["total_sales"], row["deliveries"]) for row in summed] == [
        (1, 4, Decimal("40.00"), [1, 2]),
        (2, 2, Decimal("20.00"), [3]),
    ]


def test_sales_that_go_on_under_another_delivery_come_to_nothing() -> None:
    gone = taken_away(per_sales_person_month(facts({}))).to_pylist()
    inherited = per_sales_person_month(facts({"delivery_id": 9})).to_pylist()
    (row,) = team_summed([*gone, *inherited])
    assert (row["sales"], row["total_sales"], row["deliveries"]) == (0, Decimal("0.00"), [1, 9])


def test_nothing_changes_nothing() -> None:
    assert customers_summed([]).num_rows == 0
    assert per_customer_month(facts()).num_rows == 0
    assert team_summed(per_sales_person_month(facts()).to_pylist()) == []
