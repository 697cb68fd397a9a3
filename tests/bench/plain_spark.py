"""The usual batch job: PySpark reads every CSV, joins, ranks, writes Parquet and appends to the marts; no guarantees.

`python -m tests.bench.plain_spark` loads everything under landing once, from process start to exit: no ledger, no
verdicts, no rejects, nothing to keep a second run from counting all sales again.
"""

import os
import sys

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

from streaming.contract.columns import SALE_TYPES
from streaming.contract.java import java_home
from streaming.contract.places import jars
from streaming.contract.settings import Settings, read_settings
from streaming.warehouse.connection import connected
from tests.bench.reference import DIMENSIONS, INSERT_CUSTOMERS, INSERT_TEAM


def main() -> int:
    """Load all of landing once."""
    settings = read_settings("dev")
    os.environ.setdefault("JAVA_HOME", str(java_home()))
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = _session(settings)
    facts = _facts(spark, settings).cache()
    place = f"s3a://{settings.storage.bucket}/{settings.storage.prefixes.facts}plain"
    facts.write.partitionBy("sales_month", "store_id").mode("append").parquet(place)
    with connected(settings.warehouse) as database:
        with database.cursor() as cursor:
            cursor.executemany(INSERT_CUSTOMERS, [tuple(row) for row in _customers(facts).collect()])
            cursor.executemany(INSERT_TEAM, [tuple(row) for row in _team(facts).collect()])
        database.commit()
    sys.stdout.write(f"{facts.count()}\n")
    spark.stop()
    return 0


def _session(settings: Settings) -> SparkSession:
    """Spark as the tutorials start it, with what S3 needs."""
    storage = settings.storage
    if storage.endpoint is None or storage.access_key is None or storage.secret_key is None:
        raise ValueError("the peers are measured on the embedded servers")
    spark = (
        SparkSession.builder.appName("plain")
        .master("local[*]")
        .config("spark.driver.extraClassPath", f"{jars() / 'spark'}/*")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        # among the files is a gzip that is none: without this the job would load nothing at all
        .config("spark.sql.files.ignoreCorruptFiles", "true")
        .config("spark.sql.ansi.enabled", "false")
        .config("spark.hadoop.fs.s3a.endpoint", storage.endpoint)
        .config("spark.hadoop.fs.s3a.endpoint.region", storage.region)
        .config("spark.hadoop.fs.s3a.path.style.access", "true")
        .config("spark.hadoop.fs.s3a.connection.ssl.enabled", "false")
        .getOrCreate()
    )
    hadoop = spark.sparkContext._jsc.hadoopConfiguration()  # noqa: SLF001  pyspark's only way to Hadoop's settings
    hadoop.set("fs.s3a.access.key", storage.access_key.get_secret_value())
    hadoop.set("fs.s3a.secret.key", storage.secret_key.get_secret_value())
    hadoop.set("fs.s3a.aws.credentials.provider", "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider")
    return spark


def _facts(spark: SparkSession, settings: Settings) -> DataFrame:
    """All CSVs under landing, typed, with inner joins: what does not fit is dropped without a word."""
    landing = f"s3a://{settings.storage.bucket}/{settings.storage.prefixes.landing}"
    read = spark.read.option("header", value=True).option("recursiveFileLookup", value=True)
    text = read.option("pathGlobFilter", "*.csv*").csv(landing)
    typed = text.select(*(F.col(name).try_cast(kind).alias(name) for name, kind in SALE_TYPES))
    customers, stores, products, team = (_dimension(spark, settings, name) for name in DIMENSIONS)
    full_name = F.concat_ws(" ", "first_name", "last_name")
    return (
        typed.where(
            F.col("sales_date").isNotNull()
            & (F.col("quantity") > 0)
            & (F.abs(F.expr("price * quantity - total_cost")) <= F.lit("0.01"))
        )
        .join(customers.select("customer_id", full_name.alias("customer_name")), "customer_id")
        .join(stores.select("store_id", F.col("address").alias("store_address")), "store_id")
        .join(products.select("product_name", "product_id"), "product_name")
        .join(team.select("sales_person_id", full_name.alias("sales_person_name")), "sales_person_id")
        .withColumn("sales_month", F.date_format("sales_date", "yyyy-MM"))
    )


def _dimension(spark: SparkSession, settings: Settings, name: str) -> DataFrame:
    import pandas as pd  # noqa: PLC0415  only the peers need it

    with connected(settings.warehouse) as database, database.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {name}")  # noqa: S608  a name of our own
        return spark.createDataFrame(pd.DataFrame(cursor.fetchall()))


def _customers(facts: DataFrame) -> DataFrame:
    return facts.groupBy("customer_id", "sales_month").agg(
        F.first("customer_name"), F.count(F.lit(1)), F.sum("total_cost")
    )


def _team(facts: DataFrame) -> DataFrame:
    totals = facts.groupBy("store_id", "sales_month", "sales_person_id").agg(
        F.first("sales_person_name").alias("full_name"),
        F.count(F.lit(1)).alias("sales"),
        F.sum("total_cost").alias("total_sales"),
    )
    best_first = Window.partitionBy("store_id", "sales_month").orderBy(F.col("total_sales").desc())
    ranked = totals.withColumn("sales_rank", F.rank().over(best_first))
    return ranked.withColumn(
        "incentive", F.when(F.col("sales_rank") == 1, F.round(F.col("total_sales") * 0.01, 2)).otherwise(0)
    )


if __name__ == "__main__":
    sys.exit(main())
