"""What Spark's tasks do with their shares of a batch; the driver gets their sums, and never the rows."""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import pyarrow as pa
from pyspark.sql import DataFrame

from streaming.contract import columns as c
from streaming.contract.arrow import arrow_schema
from streaming.contract.deliveries import Share
from streaming.contract.readings import Reading, together
from streaming.contract.sections import Limits, Storage
from streaming.contract.settings import Settings
from streaming.enrichment import Dimensions, join_dimensions
from streaming.landing.gathering import Depot, gather
from streaming.landing.rows import typed_rows
from streaming.landing.shares import shares_in
from streaming.schema import schema_of

Told = TypeVar("Told")
Batches = Iterator[pa.RecordBatch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a task needs beside its share: where the files are, what of them is read, what the dimensions know."""

    environment: str
    storage: Storage
    limits: Limits
    dimensions: Dimensions

    @classmethod
    def of(cls, settings: Settings, dimensions: Dimensions) -> "Errand":
        """With what tasks may know of the settings: nothing of the database."""
        return cls(
            environment=settings.environment,
            storage=settings.storage,
            limits=settings.limits,
            dimensions=dimensions,
        )

    def checked(self, share: Share, today: date) -> Batches:
        """The rows of a share after all their checks, as `contract.columns.CHECKED`."""
        for typed in typed_rows(self.storage, share, limits=self.limits, today=today):
            yield join_dimensions(typed, self.dimensions)


def read_and_lay(shares: DataFrame, errand: Errand) -> Reading:
    """Read a batch (`contract.columns.SHARES`): its facts and rejects lie in the lake's folders afterwards."""
    depot = Depot(environment=errand.environment, storage=errand.storage)

    def work(share: Share, today: date) -> Reading:
        return gather(errand.checked(share, today), apart=share.apart, depot=depot)

    return together(each_told(shares, work))


def read_only(shares: DataFrame, errand: Errand) -> Reading:
    """The same without a trace, each delivery in a parcel of its own."""

    def work(share: Share, today: date) -> Reading:
        return gather(errand.checked(share, today))

    return together(each_told(shares, work))


def checked_rows(shares: DataFrame, errand: Errand) -> DataFrame:
    """The rows themselves, as `contract.columns.CHECKED`."""

    def work(batches: Batches) -> Batches:
        for share, today in shares_in(batches):
            yield from errand.checked(share, today)

    return shares.mapInArrow(work, schema_of(c.CHECKED))


def keys_named(shares: DataFrame, settings: Settings, columns: Sequence[str]) -> Mapping[str, list[object]]:
    """The values that some columns of a batch's sales have, each once."""
    storage, limits = settings.storage, settings.limits

    def work(share: Share, today: date) -> Mapping[str, set[object]]:
        keys: dict[str, set[object]] = {name: set() for name in columns}
        for typed in typed_rows(storage, share, limits=limits, today=today):
            for name, known in keys.items():
                known.update(typed.column(name).drop_null().unique().to_pylist())
        return keys

    found = each_told(shares, work)
    return {name: list(set[object]().union(*(keys[name] for keys in found))) for name in columns}


def each_told(shares: DataFrame, work: Callable[[Share, date], Told]) -> list[Told]:
    """Have a task do this with each share, and tell what came of it."""
    schema = arrow_schema(c.READINGS)

    def run(batches: Batches) -> Batches:
        for share, today in shares_in(batches):
            told = pickle.dumps(work(share, today))
            pa.default_memory_pool().release_unused()  # the process stays for the tasks of the next batch
            yield pa.RecordBatch.from_pylist([{"reading": told}], schema=schema)

    told = shares.mapInArrow(run, schema_of(c.READINGS)).toArrow().column("reading")
    return [pickle.loads(each) for each in told.to_pylist()]  # noqa: S301  from our own tasks, as all that Spark sends
