"""A small retailer for one test: its landing prefix, its ledger, its lake and its marts, on the real servers."""

import itertools
import json
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import deltalake
from pyspark.sql import SparkSession

from streaming.bucket import Bucket
from streaming.callback import BatchReport
from streaming.contract.deliveries import Selection
from streaming.contract.settings import Settings, read_settings
from streaming.lake import Lake
from streaming.stamps import stamp
from streaming.stream import flow_through
from streaming.warehouse.connection import connected
from streaming.warehouse.dimensions import DIMENSIONS, DimensionName, upsert_dimension
from streaming.warehouse.grants import grant_to_writer
from streaming.warehouse.migrations import migrate
from streaming.warehouse.writer import only_writer
from streaming.world import World
from tests.known import KNOWN, SqlRow
from tests.lake_tables import lake_table
from tests.policies.enforced import let_in, owners

if TYPE_CHECKING:
    import pyarrow as pa

HEADER = "customer_id,store_id,product_name,sales_date,sales_person_id,price,quantity,total_cost"
_numbers = itertools.count(1)


@dataclass(slots=True, kw_only=True)
class Shop:
    """The environment `dev` as one test sees it."""

    settings: Settings
    bucket: Bucket
    overlay: Path
    reports: list[BatchReport] = field(default_factory=list)

    def put(self, name: str, body: bytes | str) -> None:
        """Drop a file into landing."""
        content = body.encode() if isinstance(body, str) else body
        self.bucket.put(f"{self.settings.storage.prefixes.landing}{name}", content)

    def put_sales(self, name: str, *sales: str) -> None:
        """Drop a file with the usual header and these lines."""
        self.put(name, "\n".join((HEADER, *sales, "")))

    def ingest(self, spark: SparkSession, selection: Selection | None = None) -> list[BatchReport]:
        """Load what waits in landing, through the real stream; the batches committed."""
        before = len(self.reports)
        with only_writer(self.settings) as writer:
            lake = Lake(spark, self.settings.storage)
            flow_through(
                World(spark=spark, settings=self.settings, writer=writer, lake=lake),
                selection or Selection(),
                trigger="available-now",
                stop=threading.Event(),
                announce=self.reports.append,
            )
        return self.reports[before:]

    def sql(self, query: str) -> list[SqlRow]:
        """Rows of a query."""
        with connected(self.settings.warehouse) as database, database.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def do(self, statement: str) -> None:
        """Change the database by hand, as the migration user."""
        with connected(self.settings.warehouse, as_migrator=True) as database, database.cursor() as cursor:
            cursor.execute(statement)
            database.commit()

    def limit(self, *lines: str) -> None:
        """Set limits in the environment file that only this test sees, for the streams to come."""
        file = self.overlay / "dev.toml"
        prefixes = file.read_text(encoding="utf-8").partition("[limits]")[0]
        file.write_text("\n".join((prefixes, "[limits]", *lines, "")), encoding="utf-8")
        self.settings = read_settings("dev")

    def start_over(self) -> None:
        """Other prefixes and empty tables, with the same dimension rows."""
        self.settings = _made(self.overlay)
        self.bucket = Bucket(owners(self.settings.storage))

    def deliveries(self) -> list[SqlRow]:
        """The ledger, by id; keys without the landing prefix."""
        rows = self.sql("SELECT * FROM deliveries ORDER BY delivery_id")
        prefix = self.settings.storage.prefixes.landing
        return [{**row, "object_key": str(row["object_key"]).removeprefix(prefix)} for row in rows]

    def verdicts(self) -> list[tuple[object, object, object]]:
        """Key, status and reason of every delivery, by id."""
        return [(row["object_key"], row["status"], row["reason"]) for row in self.deliveries()]

    def facts(self) -> list[SqlRow]:
        """The facts in the lake, read by another engine than the one that wrote them."""
        return self._table(self.settings.storage.prefixes.facts)

    def rejects(self) -> list[SqlRow]:
        """The rejects in the lake, read by another engine than the one that wrote them."""
        return self._table(self.settings.storage.prefixes.rejects)

    def lake_table(self, prefix: str) -> deltalake.DeltaTable:
        """A table of the lake."""
        return lake_table(self.settings.storage, prefix)

    def _table(self, prefix: str) -> list[SqlRow]:
        table: pa.Table = self.lake_table(prefix).to_pyarrow_table()
        rows: list[SqlRow] = table.sort_by([("delivery_id", "ascending"), ("line_number", "ascending")]).to_pylist()
        return rows

    def customer_mart(self) -> list[SqlRow]:
        """The customer mart by key."""
        return self.sql("SELECT * FROM customer_mart ORDER BY customer_id, sales_month")

    def team_mart(self) -> list[SqlRow]:
        """The sales-team mart by key."""
        return self.sql("SELECT * FROM sales_team_mart ORDER BY store_id, sales_month, sales_person_id")

    def state(self) -> tuple[list[SqlRow], list[SqlRow], Sequence[object]]:
        """Marts and lake without what depends on the number of batches."""
        facts = [tuple(str(value) for name, value in sorted(row.items())) for row in self.facts()]
        return self.customer_mart(), self.team_mart(), sorted(facts)


@contextmanager
def open_shop(home: Path) -> Iterator[Shop]:
    """Fresh prefixes and tables for one test, and the dimension rows of `KNOWN`."""
    settings = _made(home / "shop")
    yield Shop(settings=settings, bucket=Bucket(owners(settings.storage)), overlay=home / "shop")
    shutil.rmtree(home / "shop")


def _made(overlay: Path) -> Settings:
    write_prefixes(overlay, next(_numbers))
    settings = read_settings("dev")
    Bucket(owners(settings.storage)).create()
    let_in(settings.storage)
    _fresh_tables(settings)
    know(settings, KNOWN)
    return settings


def know(settings: Settings, dimensions: Mapping[DimensionName, Sequence[SqlRow]]) -> None:
    """Enter dimension rows."""
    with connected(settings.warehouse) as database:
        for name, rows in dimensions.items():
            upsert_dimension(database, name, rows)


def know_case_dimensions(shop: Shop, file: Path) -> None:
    """Have the dimensions hold the rows of a JSON file and no others."""
    dimensions: dict[DimensionName, list[SqlRow]] = json.loads(file.read_text(encoding="utf-8"))
    for name in DIMENSIONS:
        shop.do(f"DELETE FROM {name}")  # noqa: S608  a name of our own
    know(shop.settings, {name: [_typed(row) for row in dimensions[name]] for name in DIMENSIONS})


def _typed(row: SqlRow) -> SqlRow:
    return {
        name: date.fromisoformat(str(value)) if name.endswith(("_date", "_on")) else value
        for name, value in row.items()
    }


def write_prefixes(folder: Path, number: int) -> None:
    """The environment file that only this test sees, on top of the others."""
    prefixes = {
        "landing": "landing",
        "facts": "processed/sales",
        "rejects": "processed/rejects",
        "archive": "archive",
        "quarantine": "quarantine",
        "reports": "reports",
    }
    lines = [f'{name} = "t{number}/{place}/"' for name, place in prefixes.items()]
    folder.mkdir(exist_ok=True)
    (folder / "dev.toml").write_text("\n".join(("[storage.prefixes]", *lines, "")), encoding="utf-8")


def drop_tables(settings: Settings) -> None:
    """Leave nothing in the database."""
    with connected(settings.warehouse, as_migrator=True) as database, database.cursor() as cursor:
        cursor.execute("SHOW FULL TABLES")
        tables = [tuple(row.values()) for row in cursor.fetchall()]
        for name, kind in tables:
            cursor.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} `{name}`")
        database.commit()


def _fresh_tables(settings: Settings) -> None:
    drop_tables(settings)
    migrate(settings)
    stamp(settings)
    grant_to_writer(settings)
