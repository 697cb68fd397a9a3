"""The four dimension tables: read whole for enrichment when they changed, upserted by provisioning and generation."""

from collections.abc import Mapping, Sequence
from typing import Literal

from streaming.warehouse.connection import Database, Row, execute_many, fetch, transaction

DimensionName = Literal["customers", "stores", "products", "sales_team"]
DIMENSIONS: tuple[DimensionName, ...] = ("customers", "stores", "products", "sales_team")


def read_dimension(database: Database, name: DimensionName) -> list[Row]:
    """Every row of a dimension, with the columns that enrichment adds to a sale."""
    return fetch(database, f"{name}/all")


def fingerprint(database: Database, name: DimensionName) -> Row:
    """Sums over what `read_dimension` would read: equal for equal rows, and as good as never for others."""
    (sums,) = fetch(database, f"{name}/fingerprint")
    return sums


def upsert_dimension(database: Database, name: DimensionName, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert or update rows by their id, in one transaction."""
    with transaction(database):
        execute_many(database, f"{name}/upsert", rows)
