"""The rows of a task's share of a batch: files read, rows typed and checked, each by itself."""

from collections.abc import Iterable, Iterator

import pyarrow as pa

from streaming.bucket import Bucket
from streaming.contract.deliveries import Share
from streaming.contract.sections import Limits, Storage
from streaming.source.reading import read_share
from streaming.validation import with_checks

ROWS_AT_ONCE = 10_000
BYTES_AT_ONCE = 4 * 1024 * 1024


def typed_rows(storage: Storage, share: Share, *, limits: Limits) -> Iterator[pa.RecordBatch]:
    """The rows of a share and a closing row for each delivery, as `contract.columns.TYPED`.

    Args:
        storage: where the files are.
        share: what to read.
        limits: of each file.

    Raises:
        ServiceAwayError: S3 failed, also when tried again.
    """
    for landed in gathered(read_share(Bucket(storage), share, limits=limits)):
        yield with_checks(landed, today=share.today)


def gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in fewer batches: a file that is read with care, or a small one, comes in pieces of a few rows."""
    some: list[pa.RecordBatch] = []
    rows, size = 0, 0
    for batch in batches:
        some.append(batch)
        rows, size = rows + batch.num_rows, size + batch.nbytes
        if rows >= ROWS_AT_ONCE or size >= BYTES_AT_ONCE:
            yield pa.concat_batches(some)
            some, rows, size = [], 0, 0
    if some:
        yield pa.concat_batches(some)
