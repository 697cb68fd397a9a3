"""The whole stream while MySQL goes away: lake, marts and ledger agree after the next run, whatever was lost."""

from decimal import Decimal

import pytest
from pyspark.sql import SparkSession

from streaming.contract.errors import ServiceAwayError
from tests.faults.mysql_proxy import Event, Moment
from tests.faults.worlds import MySqlWorld
from tests.shop import Shop

pytestmark = [pytest.mark.servers, pytest.mark.spark, pytest.mark.soak]

SALE = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
OTHER = "2,2,Green tea,2026-04-01,3,3.00,1,3.00"
AGAIN = (
    Event(after=b"UPDATE batches", at=b"COMMIT", breaks=Moment.BEFORE),
    Event(after=b"INSERT INTO batches", at=b"COMMIT", breaks=Moment.AFTER),
)
REPLY_LOST = Event(after=b"UPDATE batches", at=b"COMMIT", breaks=Moment.AFTER)


def test_lake_and_marts_agree_whatever_became_of_a_commit(mysql: MySqlWorld, shop: Shop, spark: SparkSession) -> None:
    shop.put_sales("one.csv", SALE)
    for event in AGAIN:
        mysql.happenings.expect(event)
        with pytest.raises(ServiceAwayError, match="Lost connection to MySQL server"):
            mysql.shop.ingest(spark)
        assert shop.customer_mart() == []
    mysql.happenings.expect(REPLY_LOST)
    assert [report.sums.rows_loaded for report in mysql.shop.ingest(spark)] == [1]
    assert mysql.happenings.fired == [*AGAIN, REPLY_LOST]
    shop.put_sales("two.csv", OTHER)
    shop.ingest(spark)
    assert [(row["delivery_id"], row["line_number"]) for row in shop.facts()] == [(1, 2), (2, 2)]
    assert [(row["customer_id"], row["total_purchases"]) for row in shop.customer_mart()] == [
        (1, Decimal("10.00")),
        (2, Decimal("3.00")),
    ]
    assert [(row["status"], row["rows_loaded"]) for row in shop.deliveries()] == [("processed", 1)] * 2
