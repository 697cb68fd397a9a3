"""A running stream sees each change of a dimension, and reads none again that has not changed."""

import pytest
from pyspark.sql import SparkSession

from streaming.frames import Snapshots
from tests.shop import Shop

pytestmark = [pytest.mark.servers, pytest.mark.spark]

CHANGES = {
    "customers": "UPDATE customers SET last_name = 'Married' ORDER BY customer_id LIMIT 1",
    "stores": "UPDATE stores SET manager_id = NULL ORDER BY store_id LIMIT 1",
    "products": "UPDATE products SET price = price + 0.01 ORDER BY product_id LIMIT 1",
    "sales_team": "DELETE FROM sales_team ORDER BY sales_person_id LIMIT 1",
}


def test_a_dimension_is_read_again_when_it_has_changed_and_only_then(shop: Shop, spark: SparkSession) -> None:
    snapshots = Snapshots()
    before = snapshots.now(spark, shop.settings)
    for name, statement in CHANGES.items():
        shop.do(statement)
        after = snapshots.now(spark, shop.settings)
        assert {each for each in CHANGES if getattr(before, each) is not getattr(after, each)} == {name}
        assert getattr(after, name).exceptAll(getattr(before, name)).count() == (name != "sales_team")
        before = after


def test_rows_that_swap_a_value_are_a_change(shop: Shop, spark: SparkSession) -> None:
    shop.do("UPDATE stores SET address = '1' ORDER BY store_id LIMIT 1")
    snapshots = Snapshots()
    before = snapshots.now(spark, shop.settings).stores
    shop.do("UPDATE stores SET address = pincode, pincode = '1' WHERE address = '1'")
    assert snapshots.now(spark, shop.settings).stores is not before
