"""A shop behind a proxy: as settings, and for a Spark session that runs already."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from pyspark.sql import SparkSession

from streaming.bucket import Bucket
from streaming.contract.settings import read_settings
from tests.faults.mysql_proxy import Happenings
from tests.faults.s3_faults import Faults
from tests.faults.s3_proxy import s3_proxy
from tests.shop import Shop


@dataclass(frozen=True, slots=True)
class S3World:
    """The shop behind the S3 proxy, and the handle by which faults begin and end."""

    shop: Shop
    faults: Faults


@dataclass(frozen=True, slots=True)
class MySqlWorld:
    """The shop behind the MySQL proxy, and the handle by which connections break."""

    shop: Shop
    happenings: Happenings


@contextmanager
def behind_s3_proxy(shop: Shop, *, seed: int = 0) -> Iterator[S3World]:
    """The shop with S3 behind a proxy: for what asks S3 from Python."""
    assert shop.settings.storage.endpoint is not None
    with s3_proxy(shop.settings.storage.endpoint, seed=seed) as (endpoint, faults):
        yield S3World(seen_through(shop, "[storage]", f'endpoint = "{endpoint}"'), faults)


@contextmanager
def spark_behind_s3_proxy(world: S3World, spark: SparkSession) -> Iterator[None]:
    """The same, for Spark too."""
    storage = world.shop.settings.storage
    assert storage.endpoint is not None
    with spark_through(spark, bucket=storage.bucket, endpoint=storage.endpoint):
        yield


def seen_through(shop: Shop, *lines: str) -> Shop:
    """The same shop under other settings, which the stream will find in the environment file too."""
    with (shop.overlay / "dev.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join((*lines, "")))
    settings = read_settings("dev")
    return replace(shop, settings=settings, bucket=Bucket(settings.storage), reports=[])


@contextmanager
def spark_through(spark: SparkSession, *, bucket: str, endpoint: str) -> Iterator[None]:
    """Have a running session reach its bucket by another endpoint."""
    hadoop = spark.sparkContext._jsc.hadoopConfiguration()  # noqa: SLF001  pyspark's only way to Hadoop's settings
    before = hadoop.get("fs.s3a.endpoint")
    hadoop.set("fs.s3a.endpoint", endpoint)
    _forget_connections(spark, bucket)
    try:
        yield
    finally:
        hadoop.set("fs.s3a.endpoint", before)
        _forget_connections(spark, bucket)


def _forget_connections(spark: SparkSession, bucket: str) -> None:
    """Hadoop keeps one client per bucket, whatever its settings say later."""
    jvm = spark.sparkContext._jvm  # noqa: SLF001  as above
    assert jvm is not None
    path = jvm.org.apache.hadoop.fs.Path(f"s3a://{bucket}/")
    path.getFileSystem(spark.sparkContext._jsc.hadoopConfiguration()).close()  # noqa: SLF001  as above
