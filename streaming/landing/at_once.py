"""Given deliveries in shares at once, without the stream: what a dry run and a repair look at."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from streaming.contract.columns import SHARES
from streaming.contract.deliveries import Delivery
from streaming.landing.shares import rows_of_shares, shares_of
from streaming.schema import schema_of


def shares_at_once(spark: SparkSession, deliveries: Sequence[Delivery], *, reads: AbstractSet[int]) -> DataFrame:
    """Some deliveries in shares, as `contract.columns.SHARES`, each for a task of its own.

    Args:
        spark: where they are read.
        deliveries: all of them.
        reads: ids of those to read; of the others only a closing row is wanted.
    """
    shares = shares_of(deliveries, reads, tasks=spark.sparkContext.defaultParallelism)
    today = datetime.now(UTC).date()

    def tell(numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in numbers:
            yield rows_of_shares([shares[number] for number in batch.column(0).to_pylist()], today)

    return spark.range(len(shares), numPartitions=max(1, len(shares))).mapInArrow(tell, schema_of(SHARES))
