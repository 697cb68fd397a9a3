"""A running stream sees each change of a dimension, and reads none again that has not changed."""

from collections.abc import Collection

import pytest
from pyspark.sql import DataFrame, SparkSession

from streaming import frames
from streaming.enrichment import Dimensions
from streaming.frames import Snapshots
from streaming.warehouse import dimensions
from streaming.warehouse.connection import connected
from streaming.warehouse.dimensions import DimensionName
from tests.shop import Shop
from tests.spark.rows import checked, values_of

pytestmark = [pytest.mark.servers, pytest.mark.spark]

CHANGES = {
    "customers": "UPDATE customers SET last_name = 'Married' ORDER BY customer_id LIMIT 1",
    "stores": "UPDATE stores SET manager_id = NULL ORDER BY store_id LIMIT 1",
    "products": "UPDATE products SET price = price + 0.01 ORDER BY product_id LIMIT 1",
    "sales_team": "DELETE FROM sales_team ORDER BY sales_person_id LIMIT 1",
}


def seen(snapshots: Snapshots, sales: DataFrame, shop: Shop, *, large: Collection[DimensionName] = ()) -> Dimensions:
    with connected(shop.settings.warehouse) as database:
        return snapshots.now(sales, database, large=large)


def test_a_dimension_is_read_again_when_it_has_changed_and_only_then(shop: Shop, spark: SparkSession) -> None:
    snapshots, nobody = Snapshots(), checked(spark)
    before = seen(snapshots, nobody, shop)
    for name, statement in CHANGES.items():
        shop.do(statement)
        after = seen(snapshots, nobody, shop)
        assert {each for each in CHANGES if getattr(before, each) is not getattr(after, each)} == {name}
        assert getattr(after, name).exceptAll(getattr(before, name)).count() == (name != "sales_team")
        before = after


def test_rows_that_swap_a_value_are_a_change(shop: Shop, spark: SparkSession) -> None:
    shop.do("UPDATE stores SET address = '1' ORDER BY store_id LIMIT 1")
    snapshots, nobody = Snapshots(), checked(spark)
    before = seen(snapshots, nobody, shop).stores
    shop.do("UPDATE stores SET address = pincode, pincode = '1' WHERE address = '1'")
    assert seen(snapshots, nobody, shop).stores is not before


def test_of_a_large_dimension_only_the_rows_are_read_that_sales_name(shop: Shop, spark: SparkSession) -> None:
    sales = checked(spark, {"customer_id": 1}, {"customer_id": 1}, {"customer_id": None}, {"customer_id": 999})
    snapshots = Snapshots()
    before = seen(snapshots, sales, shop, large={"customers", "products"})
    whole = seen(snapshots, sales, shop)
    assert values_of(before.customers, "customer_id") == [(1,)]
    assert before.customers.exceptAll(whole.customers).count() == 0
    assert values_of(before.products, "product_name") == [("Rye flour",)]
    shop.do("UPDATE customers SET last_name = 'Married' WHERE customer_id = 1")
    after = seen(snapshots, sales, shop, large={"customers"})
    assert values_of(after.customers, "customer_name") != values_of(before.customers, "customer_name")


SALES = (
    "1,1,Rye flour,2026-03-14,1,2.50,4,10.00",
    "2,2,Green tea,2026-03-15,3,3.00,1,3.00",
    "3,1,Rye flour,2026-03-14,1,2.50,4,10.00",
    "1,9,Rye cake,2026-03-14,1,2.50,4,10.00",
    "x,1,Rye flour,2026-03-14,1,2.50,4,10.00",
)


@pytest.mark.parametrize("held_by_tasks", [pytest.param(10, marks=pytest.mark.soak), 0])
def test_sales_come_to_the_same_whether_or_not_dimensions_are_large(
    shop: Shop, spark: SparkSession, held_by_tasks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.put_sales("whole.csv", *SALES)
    shop.ingest(spark)
    monkeypatch.setattr(dimensions, "LARGE", 0)
    monkeypatch.setattr(frames, "LARGE", held_by_tasks)
    shop.put_sales("by-key.csv", *SALES, "")
    shop.ingest(spark)
    assert [row[1:] for row in shop.verdicts()] == [("processed", None)] * 2
    for rows in (shop.facts(), shop.rejects()):
        whole, by_key = ([{**r, "delivery_id": 0} for r in rows if r["delivery_id"] == n] for n in (1, 2))
        assert whole == by_key
        assert len(whole) in {2, 3}
