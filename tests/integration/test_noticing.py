"""What others hear of a batch: refused files, dirty files, and incentives that a correction moved."""

from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from tasks.noticing import notices_of_batch
from tests.shop import Shop

pytestmark = [pytest.mark.servers, pytest.mark.spark]

GOOD = "1,1,Rye flour,2026-03-01,1,2.50,1,2.50"
BAD = "1,1,Rye flour,2026-03-01,1,2.50,0,0.00"


def batch(shop: Shop, spark: SparkSession) -> list[tuple[str, object, object]]:
    """Load; what is told of the one batch, with the key or the person and the reason or the amount."""
    (report,) = shop.ingest(spark)
    return [
        (
            notice.happening,
            str(notice.details.get("object_key", notice.details.get("sales_person_id"))).rpartition("/")[2],
            notice.details.get("reason", notice.details.get("rows_rejected", notice.details.get("amount"))),
        )
        for notice in notices_of_batch(shop.settings, report.sums.batch_id)
    ]


def test_refused_and_dirty_files_are_told_and_good_ones_and_changing_leads_are_not(
    shop: Shop, spark: SparkSession
) -> None:
    shop.put_sales("good.csv", GOOD)
    assert batch(shop, spark) == []
    shop.put_sales("lead.csv", *["1,1,Rye flour,2026-03-02,2,2.50,9,22.50"] * 2)
    shop.put("no-sales.csv", b"a,b\n1,2\n")
    shop.put_sales("dirty.csv", *[GOOD] * 19, *[BAD] * 2)
    shop.put_sales("nearly-clean.csv", *[GOOD] * 20, BAD)
    assert sorted((what, which) for what, which, _ in batch(shop, spark)) == [
        ("delivery.quarantined", "no-sales.csv"),
        ("rejects.over-limit", "dirty.csv"),
    ]


def test_a_correction_that_takes_an_incentive_away_is_told_for_both_people(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("a.csv", "1,1,Rye flour,2026-03-01,1,2.50,40,100.00")
    shop.put_sales("b.csv", "1,1,Rye flour,2026-03-01,2,2.50,20,50.00")
    assert batch(shop, spark) == []
    shop.put_sales("a.csv", "1,1,Rye flour,2026-03-01,1,2.50,4,10.00")
    assert batch(shop, spark) == [
        ("award.changed", "1", Decimal("-1.00")),
        ("award.changed", "2", Decimal("0.50")),
    ]
