"""Where measurements take place: servers of their own, and an environment that can be emptied."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from deployments.embedded import down, up
from streaming.bucket import Bucket
from streaming.contract.places import CHECKOUT, FOLDERS_VARIABLE, HOME_VARIABLE
from streaming.contract.settings import Settings, read_settings
from streaming.stamps import stamp
from streaming.warehouse.connection import connected
from streaming.warehouse.grants import grant_to_writer
from streaming.warehouse.migrations import migrate
from tasks.generation.dataset import Dataset, DatasetFile, generated
from tasks.generation.delivering import fill_dimensions
from tasks.generation.plan import SalesPlan
from tests.shop import drop_tables, write_prefixes

YEAR = 500_000
"""Sales of a generated year."""


@dataclass(slots=True)
class Stage:
    """An environment with dimension rows."""

    overlay: Path
    settings: Settings
    bucket: Bucket
    number: int = 0

    def empty(self) -> None:
        """Prefixes without a file, tables without a row but for the dimensions."""
        self.number += 1
        write_prefixes(self.overlay, self.number)
        self.settings = read_settings("dev")
        drop_tables(self.settings)
        migrate(self.settings)
        stamp(self.settings)
        grant_to_writer(self.settings)
        with connected(self.settings.warehouse) as database:
            fill_dimensions(database, plan(seed=1, rows=YEAR, settings=self.settings).dimensions())

    def drop(self, name: str, body: bytes) -> None:
        """Put a file into landing."""
        self.bucket.put(f"{self.settings.storage.prefixes.landing}{name}", body)

    def drop_year(self, *, seed: int, rows: int) -> int:
        """Put the generated files of a year into landing; how many."""
        dataset = generated(plan(seed=seed, rows=rows, settings=self.settings))
        files = dataset.wave(1)
        for file in files:
            self.drop(f"year-{seed}/{file.key}", body_of(dataset, file))
        return len(files)


def body_of(dataset: Dataset, file: DatasetFile) -> bytes:
    """The bytes of a generated file."""
    return dataset.path(file).read_bytes()


def plan(*, seed: int, rows: int, settings: Settings) -> SalesPlan:
    """A year of sales over the same dimension rows, whatever the seed."""
    return SalesPlan(
        today=datetime.now(UTC).date(), seed=seed, rows=rows, bytes_per_file=settings.limits.bytes_per_file
    )


@contextmanager
def open_stage() -> Iterator[Stage]:
    """Servers of their own in a folder of their own, stopped and removed at the end."""
    with own_servers("tillstream-bench-", layer="stage") as folder:
        settings = read_settings("dev")
        bucket = Bucket(settings.storage)
        bucket.create()
        yield Stage(folder / "stage", settings, bucket)


@contextmanager
def own_servers(prefix: str, *, layer: str = "shop") -> Iterator[Path]:
    """The S3 server and the database in a home of their own, stopped and removed at the end; where that is."""
    with tempfile.TemporaryDirectory(prefix=prefix) as name:
        folder = Path(name)
        layers = (CHECKOUT / "deployments" / "environments", folder / "environments", folder / layer)
        os.environ[HOME_VARIABLE] = name
        os.environ[FOLDERS_VARIABLE] = os.pathsep.join(map(str, layers))
        up(("s3", "database"))
        try:
            yield folder
        finally:
            down()
