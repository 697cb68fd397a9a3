"""How a batch's deliveries are shared out among tasks."""

import heapq
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

from streaming.contract.deliveries import Delivery, Share

SMALLEST_PARTITION_BYTES = 1024 * 1024


def shares_of(
    deliveries: Sequence[Delivery], reads: AbstractSet[int], *, tasks: int, apart: AbstractSet[int] = frozenset()
) -> list[Share]:
    """A batch in shares: what is read in at most `tasks` of them, what is only mentioned in one more.

    Args:
        deliveries: all of them.
        reads: ids of those to read.
        tasks: how many can read at once.
        apart: ids of those whose rows must not lie in one file with others.
    """
    today = datetime.now(UTC).date()
    mentions = tuple(delivery for delivery in deliveries if delivery.delivery_id not in reads)
    shares = [
        Share(reads=share, mentions=(), today=today, apart=frozenset(d.delivery_id for d in share) & apart)
        for share in shared_out([d for d in deliveries if d.delivery_id in reads], tasks=tasks)
    ]
    return [*shares, Share(reads=(), mentions=mentions, today=today, apart=frozenset())] if mentions else shares


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
