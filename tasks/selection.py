"""Which deliveries a run is about."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from streaming.contract.deliveries import Selection
from streaming.contract.errors import UsageError
from streaming.contract.ranges import ids_of


def selection_of(
    key_pattern: str, arrived_from: date | None, arrived_until: date | None, delivery_ids: str = ""
) -> Selection:
    """The deliveries of whole days, in UTC, both days included."""
    first = datetime.combine(arrived_from, time.min, UTC) if arrived_from else None
    last = datetime.combine(arrived_until, time.max, UTC) if arrived_until else None
    ids = frozenset(ids_of(delivery_ids)) or None
    return Selection(key_pattern=key_pattern, arrived_from=first, arrived_until=last, delivery_ids=ids)


def named_selection(delivery_ids: str, key_pattern: str) -> Selection:
    """The deliveries that somebody named by id, by key, or by both.

    Raises:
        UsageError: nothing is named.
    """
    ids = ids_of(delivery_ids)
    if not ids and not key_pattern:
        raise UsageError("name deliveries by --delivery-ids or --key-pattern ('*' for all)")
    return Selection(key_pattern=key_pattern or "*", delivery_ids=frozenset(ids) if ids else None)


def exactly(delivery_ids: Iterable[int]) -> Selection:
    """These deliveries and no others."""
    return Selection(delivery_ids=frozenset(delivery_ids))
