"""The physical floor: the CSV bytes parsed, the Parquet bytes written, the marts' rows inserted, and nothing else.

`python -m tests.bench.floor` does so once for everything under landing, from process start to exit.
"""

import io
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from streaming.bucket import Bucket
from streaming.contract.columns import MANDATORY
from streaming.contract.deliveries import Arrival
from streaming.contract.settings import Settings, read_settings
from streaming.warehouse.connection import connected
from tests.bench.reference import INSERT_CUSTOMERS

GZIP = b"\x1f\x8b"
CUSTOMER_MONTHS = ["customer_id", "sales_month"]


def main() -> int:
    """Do it for all of landing once."""
    settings = read_settings("dev")
    bucket = Bucket(settings.storage)
    arrivals = [each for each in bucket.listing(settings.storage.prefixes.landing) if each.size_bytes]
    bucket.client  # noqa: B018  one client for all threads, made by the first of them
    with ThreadPoolExecutor(8) as pool:
        tables = [table for table in pool.map(lambda arrival: _copied(bucket, arrival), arrivals) if table is not None]
    rows = _insert(settings, tables)
    sys.stdout.write(f"{sum(table.num_rows for table in tables)} sales, {rows} rows of a mart\n")
    return 0


def _copied(bucket: Bucket, arrival: Arrival) -> pa.Table | None:
    """One file as Parquet beside the others; None for what Arrow does not take for sales."""
    body = bucket.open(arrival.object_key, etag=arrival.etag).read()
    packed = pa.BufferReader(body)
    try:
        table = pyarrow.csv.read_csv(pa.CompressedInputStream(packed, "gzip") if body.startswith(GZIP) else packed)
    except (pa.ArrowInvalid, OSError):
        return None
    if not set(MANDATORY) <= set(table.column_names):
        return None
    parquet = io.BytesIO()
    pq.write_table(table, parquet)
    bucket.put(f"floor/{arrival.object_key}.parquet", parquet.getvalue())
    return table.select(["customer_id", "sales_date", "total_cost"]).cast(
        pa.schema([("customer_id", pa.string()), ("sales_date", pa.string()), ("total_cost", pa.string())])
    )


def _insert(settings: Settings, tables: Iterable[pa.Table]) -> int:
    """As many rows as the customer mart gets."""
    sales = pa.concat_tables(tables)
    money = pc.if_else(pc.match_substring_regex(sales["total_cost"], r"^\d+(\.\d+)?$"), sales["total_cost"], "0")
    months = sales.set_column(1, "sales_month", pc.utf8_slice_codeunits(sales["sales_date"], 0, 7))
    amounts = months.set_column(2, "total_cost", money.cast(pa.float64()))
    is_sale = pc.match_substring_regex(amounts["customer_id"], r"^\d+$")
    is_month = pc.match_substring_regex(amounts["sales_month"], r"^\d{4}-\d{2}$")
    totals = (
        amounts.filter(pc.and_(is_sale, is_month))
        .group_by(CUSTOMER_MONTHS)
        .aggregate([("total_cost", "count"), ("total_cost", "sum")])
    )
    rows = [
        (row["customer_id"], row["sales_month"], "", row["total_cost_count"], round(row["total_cost_sum"], 2))
        for row in totals.to_pylist()
    ]
    with connected(settings.warehouse) as database:
        with database.cursor() as cursor:
            cursor.executemany(INSERT_CUSTOMERS, rows)
        database.commit()
    return len(rows)


if __name__ == "__main__":
    sys.exit(main())
