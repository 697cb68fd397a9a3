"""Objects as rows of Spark: on their way from the planner or the driver to a task, and back."""

import pickle
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from streaming.contract.arrow import arrow_schema
from streaming.contract.columns import Columns


def rows_of(objects: Iterable[object], columns: Columns) -> pa.RecordBatch:
    """A row for each object, in the only one of these columns."""
    return pa.RecordBatch.from_arrays(
        [pa.array([pickle.dumps(each) for each in objects], pa.binary())], schema=arrow_schema(columns)
    )


def objects_in(batches: Iterable[pa.RecordBatch]) -> Iterator[Any]:
    """The objects in such rows."""
    for batch in batches:
        for each in batch.column(0).to_pylist():
            yield pickle.loads(each)  # noqa: S301  from a process of our own, by way of Spark
