"""A running stream sees each change of a dimension, and reads none again that has not changed."""

from collections.abc import Mapping, Sequence

import pytest
from pyspark.sql import SparkSession

from streaming.enrichment import Dimensions
from streaming.snapshots import Snapshots, key_of
from streaming.warehouse import dimensions
from tests.checked import values_of
from tests.shop import Shop

pytestmark = [pytest.mark.servers, pytest.mark.spark]

CHANGES = {
    "customers": "UPDATE customers SET last_name = 'Married' ORDER BY customer_id LIMIT 1",
    "stores": "UPDATE stores SET manager_id = NULL ORDER BY store_id LIMIT 1",
    "products": "UPDATE products SET price = price + 0.01 ORDER BY product_id LIMIT 1",
    "sales_team": "DELETE FROM sales_team ORDER BY sales_person_id LIMIT 1",
}
KEYS: dict[str, list[object]] = {
    "customer_id": [1, 999],
    "store_id": [1],
    "product_name": ["Rye flour", "Rye cake"],
    "sales_person_id": [],
}


def seen(known: Snapshots, shop: Shop) -> Dimensions:
    """The dimensions now, for a batch that names these keys."""

    def keys_of(columns: Sequence[str]) -> Mapping[str, Sequence[object]]:
        return {name: KEYS[name] for name in columns}

    return known.now(shop.settings, keys_of)


def test_a_dimension_is_read_again_when_it_has_changed_and_only_then(shop: Shop) -> None:
    known = Snapshots()
    before = seen(known, shop)
    for name, statement in CHANGES.items():
        shop.do(statement)
        after = seen(known, shop)
        assert {each for each in CHANGES if getattr(before, each) is not getattr(after, each)} == {name}
        rows_before, rows_after = (set(map(str, getattr(each, name).to_pylist())) for each in (before, after))
        assert len(rows_after - rows_before) == (name != "sales_team")
        before = after


def test_rows_that_swap_a_value_are_a_change(shop: Shop) -> None:
    shop.do("UPDATE stores SET address = '1' ORDER BY store_id LIMIT 1")
    known = Snapshots()
    before = seen(known, shop).stores
    shop.do("UPDATE stores SET address = pincode, pincode = '1' WHERE address = '1'")
    assert seen(known, shop).stores is not before


def test_of_a_large_dimension_only_the_rows_are_read_that_sales_name(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Snapshots()
    whole = seen(known, shop)
    monkeypatch.setattr(dimensions, "LARGE", 0)
    before = seen(known, shop)
    assert values_of(before.customers, "customer_id") == [(1,)]
    assert values_of(before.products, "product_name") == [("Rye flour",)]
    assert before.customers.to_pylist()[0] in whole.customers.to_pylist()
    assert before.sales_team.schema == whole.sales_team.schema
    assert not before.sales_team.num_rows
    shop.do("UPDATE customers SET last_name = 'Married' WHERE customer_id = 1")
    assert values_of(seen(known, shop).customers, "customer_name") != values_of(before.customers, "customer_name")


def test_every_dimension_has_its_key() -> None:
    assert [key_of(name) for name in dimensions.DIMENSIONS] == list(KEYS)


SALES = (
    "1,1,Rye flour,2026-03-14,1,2.50,4,10.00",
    "2,2,Green tea,2026-03-15,3,3.00,1,3.00",
    "3,1,Rye flour,2026-03-14,1,2.50,4,10.00",
    "1,9,Rye cake,2026-03-14,1,2.50,4,10.00",
    "x,1,Rye flour,2026-03-14,1,2.50,4,10.00",
)


def test_sales_come_to_the_same_whether_or_not_dimensions_are_large(
    shop: Shop, spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.put_sales("whole.csv", *SALES)
    shop.ingest(spark)
    monkeypatch.setattr(dimensions, "LARGE", 0)
    shop.put_sales("by-key.csv", *SALES, "")
    shop.ingest(spark)
    assert [row[1:] for row in shop.verdicts()] == [("processed", None)] * 2
    for rows in (shop.facts(), shop.rejects()):
        whole, by_key = ([{**r, "delivery_id": 0} for r in rows if r["delivery_id"] == n] for n in (1, 2))
        assert whole == by_key
        assert len(whole) in {2, 3}
