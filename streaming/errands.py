"""What Spark's tasks do for the driver: errands go there and outcomes come back, rows do neither."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from streaming.contract.columns import ERRANDS, OUTCOMES
from streaming.contract.pickled import objects_in, rows_of
from streaming.schema import schema_of

Outcome = TypeVar("Outcome")
Batches = Iterator[pa.RecordBatch]


def scattered(spark: SparkSession, errands: Sequence[object]) -> DataFrame:
    """Errands as `contract.columns.ERRANDS`, each for a task of its own, or a few for one where there are many."""
    tasks = min(len(errands), 4 * spark.sparkContext.defaultParallelism)

    def tell(numbers: Batches) -> Batches:
        for batch in numbers:
            yield rows_of([errands[number] for number in batch.column(0).to_pylist()], ERRANDS)

    return spark.range(len(errands), numPartitions=max(1, tasks)).mapInArrow(tell, schema_of(ERRANDS))


def done(errands: DataFrame, work: Callable[[Any], Outcome]) -> list[Outcome]:
    """Have tasks do this with each errand, and tell what came of it."""

    def run(batches: Batches) -> Batches:
        for errand in objects_in(batches):
            outcome = rows_of([work(errand)], OUTCOMES)
            pa.default_memory_pool().release_unused()  # the process stays for the tasks of the next batch
            yield outcome

    return list(objects_in(errands.mapInArrow(run, schema_of(OUTCOMES)).toArrow().to_batches()))
