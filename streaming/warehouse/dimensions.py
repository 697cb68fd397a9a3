"""The four dimension tables: read whole where they changed, or by key where large; upserted by provisioning."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal

from streaming.contract.chunks import chunks_of
from streaming.warehouse.connection import Database, Row, execute_many, fetch, transaction

DimensionName = Literal["customers", "stores", "products", "sales_team"]
DIMENSIONS: tuple[DimensionName, ...] = ("customers", "stores", "products", "sales_team")
LARGE = 50_000
"""A dimension of more rows is not read whole."""
KEYS_AT_ONCE = 10_000


def read_dimension(database: Database, name: DimensionName) -> list[Row]:
    """Every row of a dimension, with the columns that enrichment adds to a sale."""
    return fetch(database, f"{name}/all")


def is_large(database: Database, name: DimensionName) -> bool:
    """True when the dimension has so many rows that only those are read which a batch names."""
    (row,) = fetch(database, f"{name}/is_large", most=LARGE)
    return bool(row["is_large"])


def rows_of_keys(database: Database, name: DimensionName, keys: Collection[object]) -> Iterator[Row]:
    """The rows of a dimension with these keys, as `read_dimension` would tell them."""
    for chunk in chunks_of(keys, KEYS_AT_ONCE):
        yield from fetch(database, f"{name}/of_keys", dimension_keys=chunk)


def fingerprint(database: Database, name: DimensionName) -> Row:
    """Sums over what `read_dimension` would read: equal for equal rows, and as good as never for others."""
    (sums,) = fetch(database, f"{name}/fingerprint")
    return sums


def upsert_dimension(database: Database, name: DimensionName, rows: Iterable[Mapping[str, object]]) -> None:
    """Insert or update rows by their id, in one transaction."""
    with transaction(database):
        execute_many(database, f"{name}/upsert", rows)
