"""What a batch asks of S3: a bounded number of requests, however many batches there were before."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import SparkSession

from tests.shop import Shop

if TYPE_CHECKING:
    from py4j.java_gateway import JavaObject

pytestmark = [pytest.mark.servers, pytest.mark.spark, pytest.mark.soak]

MOST = {
    "object_list_request": 20,
    "object_put_request": 6,
    "action_http_get_request": 16,
    "action_http_head_request": 26,
}
"""Requests of a run with one small batch, by kind, also where Delta writes a checkpoint of its log.

Each commit since the last checkpoint costs one HEAD and one GET more, which are few here: see `CHECKPOINT_EVERY`.
"""
CHECKPOINT_EVERY = 3
BATCHES = 7
EVERY_SETTING = "spark.databricks.delta.properties.defaults.checkpointInterval"


def requests_so_far(spark: SparkSession) -> Counter[str]:
    """What S3A has asked for by kind, in this JVM."""
    jvm = spark.sparkContext._jvm  # noqa: SLF001  pyspark's only way to Hadoop's counters
    assert jvm is not None
    counted: JavaObject | None = jvm.org.apache.hadoop.fs.FileSystem.getGlobalStorageStatistics().get(
        "S3AStorageStatistics"
    )
    return Counter({name: counted.getLong(name) or 0 for name in MOST} if counted is not None else {})


def requests_of_runs(shop: Shop, spark: SparkSession) -> Iterator[Counter[str]]:
    for number in range(1, BATCHES + 1):
        before = requests_so_far(spark)
        shop.put_sales(f"{number}.csv", f"1,1,Rye flour,2026-03-14,1,2.50,{number},{2.5 * number:.2f}")
        shop.ingest(spark)
        yield requests_so_far(spark) - before


def test_a_batch_asks_no_more_of_s3_however_many_came_before(shop: Shop, spark: SparkSession) -> None:
    kept = spark.conf.get(EVERY_SETTING)
    spark.conf.set(EVERY_SETTING, CHECKPOINT_EVERY)
    try:
        _first, *later = requests_of_runs(shop, spark)
    finally:
        spark.conf.set(EVERY_SETTING, kept or "")
    for run in later:
        assert {name: run[name] for name in MOST if run[name] > MOST[name]} == {}
