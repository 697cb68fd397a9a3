"""The shop of a test as it looks through a proxy that can be told to fail; `shop` itself stays on the straight way."""

from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession

from streaming import asking_again
from tests.faults.mysql_proxy import mysql_proxy
from tests.faults.worlds import MySqlWorld, S3World, behind_s3_proxy, seen_through, spark_behind_s3_proxy
from tests.shop import Shop


@pytest.fixture
def s3(shop: Shop) -> Iterator[S3World]:
    """The shop with S3 behind a proxy: for what asks S3 from Python."""
    with behind_s3_proxy(shop) as world:
        yield world


@pytest.fixture
def s3a(s3: S3World, spark: SparkSession) -> Iterator[S3World]:
    """The same, for Spark too."""
    with spark_behind_s3_proxy(s3, spark):
        yield s3


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 is asked three times, not ten: for refusals that never end."""
    monkeypatch.setattr(asking_again, "ATTEMPTS", 3)


@pytest.fixture
def mysql(shop: Shop) -> Iterator[MySqlWorld]:
    """The shop with MySQL behind a proxy; lock waits and silences end soon."""
    warehouse = shop.settings.warehouse
    with mysql_proxy(warehouse.host, warehouse.port) as happenings:
        lines = (f"port = {happenings.port}", "connect_timeout_seconds = 2", "read_timeout_seconds = 3")
        yield MySqlWorld(seen_through(shop, "[warehouse]", *lines), happenings)
