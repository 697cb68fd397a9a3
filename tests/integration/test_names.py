"""Names in the marts when a customer's name has changed between a file and its correction."""

import pytest
from pyspark.sql import SparkSession

from tests.shop import Shop

A = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
B = "1,1,Rye flour,2026-03-15,1,2.50,2,5.00"

pytestmark = pytest.mark.servers


@pytest.mark.parametrize(("old", "new"), [("Zoe", "Abe"), pytest.param("Abe", "Zoe", marks=pytest.mark.soak)])
def test_a_correction_brings_the_name_of_today(old: str, new: str, shop: Shop, spark: SparkSession) -> None:
    for name, sales in ((old, (A, B)), (new, (A,))):
        shop.do(f"UPDATE customers SET first_name = '{name}' WHERE customer_id = 1")  # noqa: S608  a name of our own
        shop.put_sales("a.csv", *sales)
        shop.ingest(spark)
    assert [(row["full_name"], row["purchases"]) for row in shop.customer_mart()] == [(f"{new} Byron", 1)]
