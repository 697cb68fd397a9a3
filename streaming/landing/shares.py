"""How a batch's deliveries are shared out among tasks, and what a task makes of its share."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

import pyarrow as pa

from streaming.bucket import Bucket
from streaming.contract.deliveries import Delivery
from streaming.contract.sections import Limits
from streaming.source.reading import Share, read_share
from streaming.validation import with_checks

SMALLEST_PARTITION_BYTES = 1024 * 1024
ROWS_AT_ONCE = 10_000
BYTES_AT_ONCE = 4 * 1024 * 1024


def shares_of(deliveries: Sequence[Delivery], reads: AbstractSet[int], *, tasks: int) -> list[Share]:
    """A batch in shares: what is read in at most `tasks` of them, what is only mentioned in one more."""
    mentions = tuple(delivery for delivery in deliveries if delivery.delivery_id not in reads)
    shares = [Share(share) for share in shared_out([d for d in deliveries if d.delivery_id in reads], tasks=tasks)]
    return [*shares, Share((), mentions)] if mentions else shares


def shared_out(deliveries: Sequence[Delivery], *, tasks: int) -> list[tuple[Delivery, ...]]:
    """The deliveries in at most `tasks` shares of about the same number of bytes, largest first."""
    size = sum(delivery.size_bytes for delivery in deliveries)
    shares = max(1, min(tasks, len(deliveries), 1 + size // SMALLEST_PARTITION_BYTES))
    loads: list[tuple[int, int, list[Delivery]]] = [(0, number, []) for number in range(shares)]
    for delivery in sorted(deliveries, key=lambda d: d.size_bytes, reverse=True):
        load, number, share = heapq.heappop(loads)
        share.append(delivery)
        heapq.heappush(loads, (load + delivery.size_bytes, number, share))
    return [tuple(share) for _, _, share in loads if share]


def typed_rows(bucket: Bucket, share: Share, *, limits: Limits, today: date) -> Iterator[pa.RecordBatch]:
    """The rows of a share and a closing row for each delivery, as `contract.columns.TYPED`.

    Typed here, by Arrow, as that takes it a small part of the time that Spark's expressions took.

    Args:
        bucket: where the files are.
        share: what to read.
        limits: of each file.
        today: the day (UTC) of the batch, the same for all its tasks and for a task that is done again.

    Raises:
        ServiceAwayError: S3 failed, also when tried again.
    """
    for landed in gathered(read_share(bucket, share, limits=limits)):
        yield with_checks(landed, today=today)


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
