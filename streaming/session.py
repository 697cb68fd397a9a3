"""The only place where a Spark session is made: local or on a cluster, with Delta and S3, from jars on disk."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark.sql import SparkSession

from streaming.classes import ClassArchive
from streaming.contract.errors import ConfigurationError
from streaming.contract.java import java_home
from streaming.contract.places import CHECKOUT, jars, scratch
from streaming.contract.sections import Storage
from streaming.contract.settings import Settings, Trigger
from streaming.tls import java_options

QUIET_LOGS = Path(__file__).parent / "log4j2.properties"
DELTA_LOG_CHECKPOINT_EVERY = 50
JVM_OPTIONS = "spark.driver.extraJavaOptions"
TOO_LITTLE_MEMORY = "INVALID_DRIVER_MEMORY"


@contextmanager
def spark_session(
    settings: Settings,
    *,
    trigger: Trigger = "continuous",
    folder: Path | None = None,
    classes: ClassArchive | None = None,
) -> Iterator[SparkSession]:
    """A session for one environment, stopped at the end.

    Args:
        settings: where S3 is, and how much memory there is.
        trigger: a run that ends soon is compiled lightly, one that goes on thoroughly.
        folder: for scratch files, if not the writer's.
        classes: the archive that this run may leave for others; without one it only uses what is there.

    Raises:
        ConfigurationError: there is no Java, the jars were never fetched, or Spark is given too little memory.
    """
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ.setdefault("JAVA_HOME", str(java_home()))
    os.environ.setdefault(
        "MALLOC_ARENA_MAX", "2"
    )  # glibc's default keeps an arena per thread: a hundred MB for nothing
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # the others keep a tenth of a GB more in each worker
    scratch_files = folder or scratch(settings.environment)
    scratch_files.mkdir(parents=True, exist_ok=True)
    builder = SparkSession.builder.appName(f"tillstream-{settings.environment}").master(settings.stream.master)
    properties = spark_properties(settings, trigger=trigger, folder=folder)
    # not among the properties that are told: a JVM that spark-submit starts is there before the folder is
    properties[JVM_OPTIONS] += f' "-Djava.io.tmpdir={scratch_files}"'
    properties[JVM_OPTIONS] += f" {(classes or ClassArchive()).options(may_be_made=classes is not None)}"
    for name, value in properties.items():
        builder = builder.config(name, value)
    spark = _started(builder, settings)
    _let_into_s3(spark, settings.storage)
    try:
        yield spark
    finally:
        jvm = getattr(spark.sparkContext._gateway, "proc", None)  # noqa: SLF001  pyspark's only way; none under spark-submit
        with suppress(Py4JError, ConnectionError):  # a JVM that died has stopped already
            spark.stop()
        if classes is not None and jvm is not None:
            jvm.stdin.close()
            classes.keep(jvm)


def _started(builder: SparkSession.Builder, settings: Settings) -> SparkSession:
    try:
        return builder.getOrCreate()
    except Py4JError as error:
        if TOO_LITTLE_MEMORY in str(error):
            raise ConfigurationError(
                f"Spark does not start with stream.driver_memory = {settings.stream.driver_memory}: give it more"
            ) from error
        raise


def spark_properties(
    settings: Settings, *, trigger: Trigger = "continuous", folder: Path | None = None
) -> dict[str, str]:
    """Everything that Spark must be told before it starts; no secret is among it."""
    scratch_files = folder or scratch(settings.environment)
    return {
        **_jvm(settings, trigger, scratch_files),
        **_delta(),
        **_s3a(settings.storage, scratch_files),
        **_executors(settings.stream.master),
        "spark.pyspark.python": sys.executable,
        "spark.python.daemon.module": "streaming.landing.daemon",
        "spark.ui.enabled": str(settings.stream.ui).lower(),
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(scratch_files),
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.cache.maxEntries": "1000",  # a batch has some ninety; of 100 few are left at the next
        "spark.python.sql.dataFrameDebugging.enabled": "false",  # else each call asks the JVM thrice, to tell its line
        "spark.sql.inMemoryColumnarStorage.compressed": "false",
        "spark.serializer.objectStreamReset": "1",  # Java's streams remember what they wrote: 100 blocks fill the heap
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.autoBroadcastJoinThreshold": "-1",
        "spark.sql.streaming.stopTimeout": "60s",
        "spark.sql.streaming.noDataMicroBatches.enabled": "false",
        "spark.sql.streaming.metricsEnabled": "false",
        "spark.sql.streaming.minBatchesToRetain": "2",
        "spark.sql.debug.maxToStringFields": "10000",
        "spark.cleaner.referenceTracking.cleanCheckpoints": "true",
        "spark.redaction.regex": "(?i)secret|password|token|access[.]?key|credential",
    }


def _jvm(settings: Settings, trigger: Trigger, scratch_files: Path) -> dict[str, str]:
    folder = jars() / "spark"
    if not any(folder.glob("delta-spark*.jar")):
        raise ConfigurationError(f"no Spark jars in {folder}: run `make jars`")
    compiling = "-XX:TieredStopAtLevel=1 " if trigger == "available-now" else ""
    options = (
        f"{compiling}"
        "-XX:+ExitOnOutOfMemoryError -XX:+UseParallelGC -XX:ReservedCodeCacheSize=256m -XX:-UsePerfData "
        f"-Dlog4j2.configurationFile={QUIET_LOGS.as_uri()} -Djava.net.preferIPv4Stack=true"
        f"{java_options(settings.storage.tls_ca, scratch_files)}"
    )
    return {
        "spark.driver.memory": settings.stream.driver_memory,
        "spark.driver.extraClassPath": f"{folder}/*",
        "spark.executor.extraClassPath": f"{folder}/*",
        JVM_OPTIONS: options,
    }


def _executors(master: str) -> dict[str, str]:
    """A local driver listens to nobody else; on a cluster the executors find it, and this package, by themselves."""
    if master.startswith("local"):
        return {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return {"spark.executorEnv.PYTHONPATH": str(CHECKOUT)}


def _delta() -> dict[str, str]:
    return {
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.databricks.delta.properties.defaults.checkpointInterval": str(DELTA_LOG_CHECKPOINT_EVERY),
        "spark.databricks.delta.replaceWhere.constraintCheck.enabled": "false",
        "spark.databricks.delta.replaceWhere.dataColumns.enabled": "true",
    }


def _s3a(storage: Storage, folder: Path) -> dict[str, str]:
    endpoint = (
        {
            "spark.hadoop.fs.s3a.endpoint": storage.endpoint,
            "spark.hadoop.fs.s3a.path.style.access": "true",
            "spark.hadoop.fs.s3a.connection.ssl.enabled": str(storage.endpoint.startswith("https")).lower(),
        }
        if storage.endpoint
        else {}
    )
    return endpoint | {
        "spark.hadoop.fs.s3a.endpoint.region": storage.region,
        "spark.hadoop.fs.s3a.performance.flags": "*",
        "spark.hadoop.fs.s3a.change.detection.mode": "server",
        # other ways to read give up at the first body that breaks off
        "spark.hadoop.fs.s3a.input.stream.type": "classic",
        "spark.hadoop.parquet.hadoop.vectored.io.enabled": "false",
        "spark.hadoop.fs.s3a.connection.establish.timeout": "15s",
        "spark.hadoop.fs.s3a.connection.timeout": "15s",
        "spark.hadoop.fs.s3a.connection.request.timeout": "15s",
        "spark.hadoop.fs.s3a.connection.part.upload.timeout": "60s",
        "spark.hadoop.fs.s3a.connection.maximum": "64",
        "spark.hadoop.fs.s3a.attempts.maximum": "3",
        "spark.hadoop.fs.s3a.retry.limit": "5",
        "spark.hadoop.fs.s3a.retry.interval": "200ms",
        "spark.hadoop.fs.s3a.retry.throttle.limit": "6",
        "spark.hadoop.fs.s3a.retry.throttle.interval": "200ms",
        "spark.hadoop.fs.s3a.buffer.dir": f"{folder}/uploads",
        "spark.hadoop.fs.s3a.fast.upload.buffer": "disk",
    }


def _let_into_s3(spark: SparkSession, storage: Storage) -> None:
    """Hand over the keys in memory: as a Spark property they would stand in the process list."""
    if storage.access_key is None or storage.secret_key is None:
        return
    hadoop = spark.sparkContext._jsc.hadoopConfiguration()  # noqa: SLF001  pyspark's only way to Hadoop's settings
    hadoop.set("fs.s3a.access.key", storage.access_key.get_secret_value())
    hadoop.set("fs.s3a.secret.key", storage.secret_key.get_secret_value())
    hadoop.set("fs.s3a.aws.credentials.provider", "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider")
