"""The plain reference: the same work by DuckDB, boto3 and PyMySQL, with no ledger and no guarantees.

`python -m tests.bench.reference` loads everything under landing once, from process start to exit.
"""

import csv
import gzip
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from streaming.bucket import Bucket
from streaming.contract.columns import MANDATORY
from streaming.contract.deliveries import Arrival
from streaming.contract.settings import Settings, read_settings
from streaming.warehouse.connection import Database, connected

DIMENSIONS = ("customers", "stores", "products", "sales_team")
OUTPUT = "reference/sales"

TYPED = """
INSERT INTO sales
SELECT TRY_CAST(TRIM(customer_id) AS BIGINT), TRY_CAST(TRIM(store_id) AS BIGINT), TRIM(product_name),
       TRY_CAST(TRIM(sales_date) AS DATE), TRY_CAST(TRIM(sales_person_id) AS BIGINT),
       TRY_CAST(TRIM(price) AS DECIMAL(12, 2)), TRY_CAST(TRIM(quantity) AS INT),
       TRY_CAST(TRIM(total_cost) AS DECIMAL(18, 2))
FROM read_csv(?, auto_detect = false, delim = ',', quote = '"', escape = '"', header = false, skip = 1,
              columns = ?, ignore_errors = true, strict_mode = false, max_line_size = 2000000)
"""
FACTS = """
CREATE OR REPLACE TABLE facts AS
SELECT s.*, STRFTIME(s.sales_date, '%Y-%m') AS sales_month, c.first_name || ' ' || c.last_name AS customer_name,
       p.product_id, t.first_name || ' ' || t.last_name AS sales_person_name
FROM sales AS s
JOIN customers AS c USING (customer_id)
JOIN stores AS o USING (store_id)
JOIN products AS p USING (product_name)
JOIN sales_team AS t USING (sales_person_id)
WHERE s.quantity > 0 AND s.price >= 0 AND ABS(s.price * s.quantity - s.total_cost) <= 0.01
  AND s.sales_date BETWEEN DATE '2000-01-01' AND CURRENT_DATE + 1
"""
CUSTOMERS = """
SELECT customer_id, sales_month, ANY_VALUE(customer_name), COUNT(*), SUM(total_cost)
FROM facts GROUP BY customer_id, sales_month
"""
TEAM = """
WITH totals AS (
    SELECT store_id, sales_month, sales_person_id, ANY_VALUE(sales_person_name) AS full_name, COUNT(*) AS sales,
           SUM(total_cost) AS total_sales
    FROM facts GROUP BY store_id, sales_month, sales_person_id
), ranked AS (
    SELECT *, RANK() OVER (PARTITION BY store_id, sales_month ORDER BY total_sales DESC) AS sales_rank FROM totals
)
SELECT *, CASE WHEN sales_rank = 1 THEN ROUND(total_sales * 0.01, 2) ELSE 0 END AS incentive FROM ranked
"""
INSERT_CUSTOMERS = """
INSERT INTO customer_mart (customer_id, sales_month, full_name, purchases, total_purchases)
VALUES (%s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE purchases = purchases + VALUES (purchases),
    total_purchases = total_purchases + VALUES (total_purchases)
"""
INSERT_TEAM = """
INSERT INTO sales_team_mart
    (store_id, sales_month, sales_person_id, full_name, sales, total_sales, sales_rank, incentive)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE sales = sales + VALUES (sales), total_sales = total_sales + VALUES (total_sales)
"""


def load(settings: Settings, arrivals: Sequence[Arrival]) -> int:
    """Load these files; the number of sales loaded."""
    bucket = Bucket(settings.storage)
    duck = duckdb.connect()
    duck.execute(f"CREATE TABLE sales ({_columns()})")
    with tempfile.TemporaryDirectory() as name, connected(settings.warehouse) as database:
        folder = Path(name)
        for path in _fetched(bucket, arrivals, folder):
            _parse(duck, path)
        _read_dimensions(duck, database)
        duck.execute(FACTS)
        _write_parquet(duck, bucket, folder / "out")
        _write_marts(duck, database)
    (row,) = duck.execute("SELECT COUNT(*) FROM facts").fetchall()
    return int(row[0])


def _columns() -> str:
    kinds = ("BIGINT", "BIGINT", "VARCHAR", "DATE", "BIGINT", "DECIMAL(12, 2)", "INT", "DECIMAL(18, 2)")
    return ", ".join(f"{name} {kind}" for name, kind in zip(MANDATORY, kinds, strict=True))


def _fetched(bucket: Bucket, arrivals: Iterable[Arrival], folder: Path) -> list[Path]:
    def fetch(arrival: Arrival) -> Path:
        path = folder / re.sub(r"[^\w.-]", "_", arrival.object_key)
        path.write_bytes(bucket.open(arrival.object_key, etag=arrival.etag).read() if arrival.size_bytes else b"")
        return path

    bucket.client  # noqa: B018  one client for all threads, made by the first of them
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(fetch, arrivals))


def _parse(duck: duckdb.DuckDBPyConnection, path: Path) -> None:
    """A file that DuckDB cannot read as sales is left out: that is all the quarantine there is here."""
    try:
        duck.execute(TYPED, [str(path), dict.fromkeys(_header(path), "VARCHAR")])
    except (duckdb.Error, UnicodeDecodeError, EOFError, OSError, StopIteration) as error:
        sys.stderr.write(f"left out {path.name}: {type(error).__name__}\n")


def _header(path: Path) -> list[str]:
    """The columns' names: DuckDB keeps letter case and white space, and stores vary in both."""
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        return [name.strip().lower() for name in next(csv.reader(file))]


def _read_dimensions(duck: duckdb.DuckDBPyConnection, database: Database) -> None:
    import pandas as pd  # noqa: PLC0415  only the reference needs it

    for name in DIMENSIONS:
        with database.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {name}")  # noqa: S608  a name of our own
            frame = pd.DataFrame(cursor.fetchall())  # noqa: F841  DuckDB finds it by its name
        duck.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM frame")  # noqa: S608  the same


def _write_parquet(duck: duckdb.DuckDBPyConnection, bucket: Bucket, folder: Path) -> None:
    duck.execute(f"COPY facts TO '{folder}' (FORMAT parquet, PARTITION_BY (sales_month, store_id))")
    stamp = time.time_ns()

    def put(path: Path) -> None:
        bucket.put(f"{OUTPUT}/{path.parent.relative_to(folder)}/{stamp}-{path.name}", path.read_bytes())

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, folder.rglob("*.parquet")))


def _write_marts(duck: duckdb.DuckDBPyConnection, database: Database) -> None:
    with database.cursor() as cursor:
        cursor.executemany(INSERT_CUSTOMERS, duck.execute(CUSTOMERS).fetchall())
        cursor.executemany(INSERT_TEAM, duck.execute(TEAM).fetchall())
    database.commit()


def main() -> int:
    """Load all of landing once."""
    settings = read_settings("dev")
    arrivals = list(Bucket(settings.storage).listing(settings.storage.prefixes.landing))
    sys.stdout.write(f"{load(settings, arrivals)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
