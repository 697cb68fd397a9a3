"""Given deliveries read at once, without the stream: what a dry run looks at."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from streaming.bucket import Bucket
from streaming.contract.columns import LANDED
from streaming.contract.deliveries import Delivery
from streaming.contract.settings import Settings
from streaming.schema import schema_of
from streaming.source.landing import shares_of
from streaming.source.reading import read_share


def rows_of(
    spark: SparkSession, settings: Settings, deliveries: Sequence[Delivery], *, reads: AbstractSet[int]
) -> DataFrame:
    """The rows and closing rows of some deliveries, as `contract.columns.LANDED`.

    Args:
        spark: where to read them.
        settings: the bucket and the limits.
        deliveries: all of them.
        reads: ids of those to read; of the others only a closing row is wanted.
    """
    shares = shares_of(deliveries, reads, tasks=spark.sparkContext.defaultParallelism)
    bucket, limits = Bucket(settings.storage), settings.limits
    schema = to_arrow_schema(schema_of(LANDED), timezone="UTC")

    def read(numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for number in (number for batch in numbers for number in batch.column(0).to_pylist()):
            yield from read_share(bucket, shares[number], limits=limits, schema=schema)

    numbers = spark.range(len(shares), numPartitions=max(1, len(shares)))
    return numbers.mapInArrow(read, schema_of(LANDED))
