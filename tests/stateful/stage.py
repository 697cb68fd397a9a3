"""The real shop on which events take place, quick to empty: truncated tables, new prefixes, a copied empty lake."""

import itertools
import shutil
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field

from pyspark.sql import SparkSession

from streaming.bucket import Bucket
from streaming.contract.faults import Killed
from streaming.contract.places import scratch
from streaming.contract.settings import read_settings
from streaming.lake import Lake
from streaming.warehouse.connection import Database, connected
from streaming.warehouse.dimensions import DimensionName
from tasks.archive import archive
from tests.kills.weapon import arm, disarm
from tests.known import KNOWN
from tests.shop import Shop, know, write_prefixes
from tests.stateful.files import NEWCOMERS
from tests.stateful.mirror import Listed

KEPT_TABLES = ("schema_migrations", "locks")
FIRST_VERSION = "_delta_log/00000000000000000000.json"
Entering = Callable[[Database, Collection[int]], list[int]]
PREFIX_NUMBERS = itertools.count(10_000)


@dataclass(slots=True)
class Stage:
    """A shop that thousands of events pass over."""

    shop: Shop
    spark: SparkSession | None
    _first_versions: dict[str, bytes] = field(default_factory=dict)
    _put: dict[str, tuple[bytes, int]] = field(default_factory=dict)

    def empty(self) -> None:
        """No file, no row but the dimension rows that are always there, an empty lake."""
        for name in self._tables():
            self.shop.do(f"TRUNCATE TABLE `{name}`")
        write_prefixes(self.shop.overlay, next(PREFIX_NUMBERS))
        self.shop.settings = read_settings("dev")
        self.shop.bucket = Bucket(self.shop.settings.storage)
        know(self.shop.settings, KNOWN)
        self._put.clear()
        if self.spark:
            self._create_lake()

    def put(self, key: str, body: bytes) -> None:
        """A store puts a file; equal bytes a second later than before, as S3 shows no less of the time."""
        while self._put.get(key) == (body, int(time.time())):
            time.sleep(0.05)
        self.shop.put(key, body)
        self._put[key] = body, int(time.time())

    def ingest(self, *, killed_at: str | None = None) -> bool:
        """Load what is there; True when it died on the way, as it was told."""
        return self._dying(killed_at, lambda: self.shop.ingest(self._session))

    @property
    def _session(self) -> SparkSession:
        if self.spark is None:
            raise RuntimeError("this stage has no Spark")
        return self.spark

    def clean_up(self, *, killed_at: str | None = None) -> bool:
        """Archive what is settled; True when it died on the way."""
        return self._dying(killed_at, lambda: archive(self.shop.settings))

    def enter(self, entering: Entering, delivery_ids: list[int], *, killed_at: str | None = None) -> bool:
        """Ask for withdrawals or re-drives; True when the one who asks died on the way."""
        with connected(self.shop.settings.warehouse) as database:
            return self._dying(killed_at, lambda: entering(database, delivery_ids))

    def meet(self, name: DimensionName) -> None:
        """A dimension row appears."""
        know(self.shop.settings, {name: [NEWCOMERS[name]]})

    def lose_scratch(self) -> None:
        """The checkpoint and all else on the disk of the writer is gone."""
        shutil.rmtree(scratch("dev"), ignore_errors=True)

    def listing(self) -> list[Listed]:
        """Landing as S3 lists it, keys below the prefix."""
        prefix = self.shop.settings.storage.prefixes.landing
        return [
            Listed(a.object_key.removeprefix(prefix), (a.etag, a.last_modified))
            for a in self.shop.bucket.listing(prefix)
        ]

    def at_rest(self) -> dict[str, str]:
        """The ETags of the objects in archive and quarantine, by key below the shop's own prefix."""
        prefixes = self.shop.settings.storage.prefixes
        own = prefixes.archive.split("/")[0] + "/"
        return {
            arrival.object_key.removeprefix(own): arrival.etag
            for prefix in (prefixes.archive, prefixes.quarantine)
            for arrival in self.shop.bucket.listing(prefix)
        }

    def noted(self) -> dict[int, str | None]:
        """Where the ledger says that the arrivals' objects rest, None where their bytes were gone."""
        own = self.shop.settings.storage.prefixes.archive.split("/")[0] + "/"
        query = "SELECT delivery_id, archived_key FROM deliveries WHERE archived_at IS NOT NULL AND attempt = 1"
        return {
            int(str(row["delivery_id"])): str(row["archived_key"]).removeprefix(own) if row["archived_key"] else None
            for row in self.shop.sql(query)
        }

    def _dying(self, point: str | None, deed: Callable[[], object]) -> bool:
        if point:
            arm(point, "raise")
        with suppress(Killed):
            deed()
        return disarm()

    def _tables(self) -> list[str]:
        tables = [tuple(row.values()) for row in self.shop.sql("SHOW FULL TABLES")]
        return [str(name) for name, kind in tables if kind == "BASE TABLE" and name not in KEPT_TABLES]

    def _create_lake(self) -> None:
        """The first time by Spark, then by copying what it wrote, as that is all that an empty table is."""
        prefixes, bucket = self.shop.settings.storage.prefixes, self.shop.bucket
        for prefix in (prefixes.facts, prefixes.rejects):
            name = prefix.split("/", maxsplit=1)[1]
            if name in self._first_versions:
                bucket.put(f"{prefix}{FIRST_VERSION}", self._first_versions[name])
            else:
                Lake(self._session, self.shop.settings.storage).create()
                self._first_versions[name] = bucket.client.get_object(
                    Bucket=bucket.storage.bucket, Key=f"{prefix}{FIRST_VERSION}"
                )["Body"].read()
