"""Second tries on the real servers: re-drives, withdrawals, incentives that move, and what each leaves as it was."""

from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from streaming.warehouse.attempts import enter_redrives, enter_withdrawals, with_known_keys
from streaming.warehouse.connection import connected
from tasks.archive import archive
from tests.known import DAY
from tests.shop import Shop, know

A = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
B = "2,1,Rye flour,2026-03-15,2,2.50,2,5.00"
C = "1,2,Green tea,2026-04-01,3,3.00,1,3.00"
BIG = "2,1,Rye flour,2026-03-16,2,2.50,20,50.00"
STRANGER = "77,1,Rye flour,2026-03-14,1,2.50,4,10.00"
NEWS = "1,1,Oat milk,2026-03-14,1,2.50,4,10.00"


def redrive(shop: Shop, *delivery_ids: int) -> list[int]:
    archive(shop.settings)
    with connected(shop.settings.warehouse) as database:
        return enter_redrives(database, delivery_ids)


def withdraw(shop: Shop, *delivery_ids: int) -> list[int]:
    with connected(shop.settings.warehouse) as database:
        return enter_withdrawals(database, delivery_ids)


def redrivable(shop: Shop) -> list[int]:
    with connected(shop.settings.warehouse) as database:
        return with_known_keys(database)


def meet(shop: Shop, customer_id: int) -> None:
    know(
        shop.settings,
        {
            "customers": [
                {
                    "customer_id": customer_id,
                    "first_name": "New",
                    "last_name": "Face",
                    "address": "-",
                    "pincode": "-",
                    "phone_number": "-",
                    "joining_date": DAY,
                }
            ]
        },
    )


def statuses(shop: Shop) -> list[tuple[object, object, object]]:
    return [(row["delivery_id"], row["status"], row["reason"]) for row in shop.deliveries()]


def figures(shop: Shop) -> tuple[object, object, object]:
    """Marts and lake without the ids of deliveries."""
    facts = sorted(
        tuple(str(value) for name, value in sorted(row.items()) if name != "delivery_id") for row in shop.facts()
    )
    return shop.customer_mart(), shop.team_mart(), facts


def payroll(shop: Shop) -> list[tuple[object, ...]]:
    query = "SELECT sales_person_id, kind, amount, delivery_id FROM incentive_ledger ORDER BY entry_id"
    return [tuple(row.values()) for row in shop.sql(query)]


def test_rows_refused_for_an_unknown_key_load_once_the_key_is_known(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("one.csv", A, STRANGER, NEWS)
    shop.ingest(spark)
    assert redrivable(shop) == []
    meet(shop, 77)
    assert redrivable(shop) == [1]
    assert redrive(shop, *redrivable(shop)) == [2]
    assert redrive(shop, 1) == [], "it waits already"
    shop.ingest(spark)
    assert statuses(shop) == [(1, "superseded", None), (2, "processed", None)]
    assert [row["customer_id"] for row in shop.facts()] == [1, 77]
    assert [row["raw"] for row in shop.rejects()] == [NEWS]
    assert [(row["customer_id"], row["purchases"]) for row in shop.customer_mart()] == [(1, 1), (77, 1)]
    assert redrivable(shop) == [], "nothing more is known than before"
    assert shop.sql("SELECT unknown_key, `rows` FROM delivery_unknown_keys WHERE delivery_id = 2") == [
        {"unknown_key": "Oat milk", "rows": 1}
    ]


@pytest.mark.soak
def test_withdrawing_and_loading_again_ends_where_it_began(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("one.csv", A, STRANGER)
    shop.put_sales("two.csv", B, C)
    shop.ingest(spark)
    before = figures(shop)
    assert withdraw(shop, 2, 2) == [3]
    shop.ingest(spark)
    assert statuses(shop)[1:] == [(2, "withdrawn", None), (3, "withdrawn", "withdrawal")]
    assert [row["delivery_id"] for row in shop.facts()] == [1]
    assert [row["customer_id"] for row in shop.customer_mart()] == [1]
    assert len(shop.team_mart()) == 1
    shop.ingest(spark)
    assert redrive(shop, 2) == [4]
    shop.ingest(spark)
    assert statuses(shop)[3] == (4, "processed", None)
    assert figures(shop) == before
    assert withdraw(shop, 2) == [], "it does not count any more; its second attempt does"


def test_a_withdrawn_file_in_landing_is_not_taken_for_a_new_one(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("one.csv", A)
    shop.ingest(spark)
    withdraw(shop, 1)
    shop.ingest(spark)
    shop.ingest(spark)
    assert len(shop.deliveries()) == 2
    archive(shop.settings)
    assert [row["archived_key"] is not None for row in shop.deliveries()] == [True, False]
    assert shop.facts() == []


def test_a_correction_that_changes_the_winner_moves_the_incentive_and_payroll_sees_why(
    shop: Shop, spark: SparkSession
) -> None:
    shop.put_sales("one.csv", A, B)
    shop.ingest(spark)
    shop.put_sales("late.csv", BIG)
    shop.ingest(spark)
    shop.put_sales("late.csv", B)
    shop.ingest(spark)
    assert payroll(shop) == [
        (1, "award", Decimal("0.10"), 1),
        (1, "reversal", Decimal("-0.10"), 2),
        (2, "award", Decimal("0.55"), 2),
        (1, "award", Decimal("0.10"), 3),
        (2, "reversal", Decimal("-0.45"), 3),
    ]
    withdraw(shop, 1)
    shop.ingest(spark)
    net = shop.sql("SELECT sales_person_id, incentive FROM incentive_totals WHERE incentive <> 0")
    assert net == [{"sales_person_id": 2, "incentive": row["incentive"]} for row in shop.team_mart()]
    assert {entry[3] for entry in payroll(shop)[5:]} == {4}
