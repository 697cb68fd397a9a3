"""What Spark's tasks do with their shares of a batch; the driver gets their sums, and never the rows."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from streaming.contract import columns as c
from streaming.contract.deliveries import Delivery, Share
from streaming.contract.pickled import objects_in
from streaming.contract.readings import Reading, together
from streaming.contract.sections import Limits, Storage
from streaming.contract.settings import Settings
from streaming.enrichment import Dimensions, join_dimensions
from streaming.errands import done, scattered
from streaming.landing.gathering import gather
from streaming.landing.rows import typed_rows
from streaming.landing.shares import shares_of
from streaming.laying import Depot
from streaming.schema import schema_of
from streaming.snapshots import Snapshots

Batches = Iterator[pa.RecordBatch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """What a task needs beside its share: where the files are, what of them is read, what the dimensions know."""

    storage: Storage
    limits: Limits
    dimensions: Dimensions

    @classmethod
    def of(cls, settings: Settings, dimensions: Dimensions) -> "Knowledge":
        """With what tasks may know of the settings: nothing of the database."""
        return cls(storage=settings.storage, limits=settings.limits, dimensions=dimensions)

    def checked(self, share: Share) -> Batches:
        """The rows of a share after all their checks, as `contract.columns.CHECKED`."""
        for typed in typed_rows(self.storage, share, limits=self.limits):
            yield join_dimensions(typed, self.dimensions)


def read_and_lay(shares: DataFrame, knowledge: Knowledge, depot: Depot) -> Reading:
    """Read a batch (`contract.columns.ERRANDS`): its facts and rejects lie in the lake's folders afterwards."""

    def work(share: Share) -> Reading:
        return gather(knowledge.checked(share), apart=share.apart, depot=depot)

    return together(done(shares, work))


def known_at_once(
    spark: SparkSession, settings: Settings, deliveries: Sequence[Delivery], *, reads: AbstractSet[int]
) -> tuple[DataFrame, Knowledge]:
    """Some deliveries in shares, without the stream, and what their tasks need beside: for a dry run or a repair.

    Args:
        spark: where they are read.
        settings: where they are.
        deliveries: all of them.
        reads: ids of those to read; of the others only a closing row is wanted.
    """
    shares = scattered(spark, shares_of(deliveries, reads, tasks=spark.sparkContext.defaultParallelism))
    dimensions = Snapshots().now(settings, lambda columns: keys_named(shares, settings, columns))
    return shares, Knowledge.of(settings, dimensions)


def read_only(shares: DataFrame, knowledge: Knowledge) -> Reading:
    """The same without a trace, each delivery in a parcel of its own."""

    def work(share: Share) -> Reading:
        return gather(knowledge.checked(share))

    return together(done(shares, work))


def checked_rows(shares: DataFrame, knowledge: Knowledge) -> DataFrame:
    """The rows themselves, as `contract.columns.CHECKED`."""

    def work(batches: Batches) -> Batches:
        for share in objects_in(batches):
            yield from knowledge.checked(share)

    return shares.mapInArrow(work, schema_of(c.CHECKED))


def keys_named(shares: DataFrame, settings: Settings, columns: Sequence[str]) -> Mapping[str, list[object]]:
    """The values that some columns of a batch's sales have, each once."""
    storage, limits = settings.storage, settings.limits

    def work(share: Share) -> Mapping[str, set[object]]:
        keys: dict[str, set[object]] = {name: set() for name in columns}
        for typed in typed_rows(storage, share, limits=limits):
            for name, known in keys.items():
                known.update(typed.column(name).drop_null().unique().to_pylist())
        return keys

    found = done(shares, work)
    return {name: list(set[object]().union(*(keys[name] for keys in found))) for name in columns}
