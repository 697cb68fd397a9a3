"""Which deliveries a run is about."""

from datetime import UTC, date, datetime, time

from streaming.contract.deliveries import Selection


def selection_of(key_pattern: str, arrived_from: date | None, arrived_until: date | None) -> Selection:
    """The deliveries of whole days, in UTC, both days included."""
    first = datetime.combine(arrived_from, time.min, UTC) if arrived_from else None
    last = datetime.combine(arrived_until, time.max, UTC) if arrived_until else None
    return Selection(key_pattern=key_pattern, arrived_from=first, arrived_until=last)
