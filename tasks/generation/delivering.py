"""Generated files and dimension rows on their way to where a retailer would put them."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import NamedTuple

from streaming.bucket import Bucket
from streaming.warehouse.arrivals import Content, arrived
from streaming.warehouse.connection import Database
from streaming.warehouse.dimensions import DIMENSIONS, upsert_dimension
from tasks.generation.dataset import Dataset, DatasetFile, Progress
from tasks.generation.dimensions import DimensionRows

PUTS_AT_ONCE = 8


class Delivered(NamedTuple):
    """How many files went to landing now, and how many had arrived with the same bytes before."""

    sent: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Where files land, and the ledger that knows what has landed before."""

    bucket: Bucket
    database: Database

    @property
    def prefix(self) -> str:
        """What every key in landing starts with."""
        return self.bucket.storage.prefixes.landing

    def arrived(self, files: Sequence[DatasetFile]) -> set[Content]:
        """Key, ETag and size of what the ledger knows of these files' bytes, and of all that lies in landing."""
        known = arrived(self.database, {file.md5 for file in files})
        return known | {(a.object_key, a.etag, a.size_bytes) for a in self.bucket.listing(self.prefix)}


def to_deliver(files: Iterable[DatasetFile], known: AbstractSet[Content], *, prefix: str) -> list[DatasetFile]:
    """The files whose very bytes have never arrived under their key."""
    return [file for file in files if (prefix + file.key, file.md5, file.size) not in known]


def deliver(dataset: Dataset, wave: int, landing: Landing, *, progress: Progress | None = None) -> Delivered:
    """Put a wave's files into landing, several at once; progress counts files. Repeating it sends nothing twice."""
    files = dataset.wave(wave)
    missing = to_deliver(files, landing.arrived(files), prefix=landing.prefix)
    known = len(files) - len(missing)
    for done, _ in enumerate(_put_at_once(dataset, missing, landing), known):
        if progress is not None:
            progress(done, len(files))
    return Delivered(sent=len(missing), known=known)


def fill_dimensions(database: Database, dimensions: DimensionRows) -> dict[str, int]:
    """Insert or update every dimension row; returns how many rows each table was given."""
    given: dict[str, int] = {}
    for name in DIMENSIONS:
        rows = getattr(dimensions, name)
        upsert_dimension(database, name, [row._asdict() for row in rows])
        given[name] = len(rows)
    return given


def _put_at_once(dataset: Dataset, files: Sequence[DatasetFile], landing: Landing) -> Iterator[None]:
    """Yields once before the first file and after each; a file that cannot be put stops those not begun."""
    yield
    with ThreadPoolExecutor(PUTS_AT_ONCE) as pool:
        puts = [pool.submit(_put, dataset, file, landing) for file in files]
        try:
            for put in as_completed(puts):
                yield put.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _put(dataset: Dataset, file: DatasetFile, landing: Landing) -> None:
    landing.bucket.put(landing.prefix + file.key, dataset.path(file).read_bytes())
