"""Given deliveries read at once, without the stream: what a dry run and a repair look at."""

from collections.abc import Iterator, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema

from streaming.bucket import Bucket
from streaming.contract.columns import LANDED, NOT_READ
from streaming.contract.deliveries import Delivery
from streaming.contract.settings import Settings
from streaming.schema import schema_of
from streaming.source.landing import shared_out
from streaming.source.reading import closing_row, read_delivery


def rows_of(
    spark: SparkSession, settings: Settings, reads: Sequence[Delivery], *, mentions: Sequence[Delivery] = ()
) -> DataFrame:
    """The rows and closing rows of some deliveries, as `contract.columns.LANDED`.

    Args:
        spark: where to read them.
        settings: the bucket and the limits.
        reads: the deliveries to read.
        mentions: those of which only a closing row is wanted.
    """
    shares = [*shared_out(reads, tasks=spark.sparkContext.defaultParallelism), *([tuple(mentions)] if mentions else [])]
    bucket, limits = Bucket(settings.storage), settings.limits
    unread = {delivery.delivery_id for delivery in mentions}
    schema = to_arrow_schema(schema_of(LANDED), timezone="UTC")

    def read(numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for number in (number for batch in numbers for number in batch.column(0).to_pylist()):
            for delivery in shares[number]:
                if delivery.delivery_id in unread:
                    yield closing_row(delivery, schema=schema, reason=NOT_READ)
                else:
                    yield from read_delivery(bucket, delivery, limits=limits, schema=schema)

    numbers = spark.range(len(shares), numPartitions=max(1, len(shares)))
    return numbers.mapInArrow(read, schema_of(LANDED))
