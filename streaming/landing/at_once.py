"""Given deliveries read at once, without the stream: what a dry run looks at."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from streaming.contract.columns import TYPED
from streaming.contract.deliveries import Delivery
from streaming.contract.settings import Settings
from streaming.landing.rows import typed_rows
from streaming.landing.shares import shares_of
from streaming.schema import schema_of


def rows_of(
    spark: SparkSession, settings: Settings, deliveries: Sequence[Delivery], *, reads: AbstractSet[int]
) -> DataFrame:
    """The rows and closing rows of some deliveries, as `contract.columns.TYPED`.

    Args:
        spark: where to read them.
        settings: the bucket and the limits.
        deliveries: all of them.
        reads: ids of those to read; of the others only a closing row is wanted.
    """
    shares = shares_of(deliveries, reads, tasks=spark.sparkContext.defaultParallelism)
    storage, limits, today = settings.storage, settings.limits, datetime.now(UTC).date()

    def read(numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for number in (number for batch in numbers for number in batch.column(0).to_pylist()):
            yield from typed_rows(storage, shares[number], limits=limits, today=today)

    numbers = spark.range(len(shares), numPartitions=max(1, len(shares)))
    return numbers.mapInArrow(read, schema_of(TYPED))
