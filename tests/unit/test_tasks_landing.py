"""What became of awaited deliveries."""

import pytest

from tasks.landing import Fate, has_loaded


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [((), False), (("quarantined", "waiting"), False), (("duplicate", "processed"), True)],
)
def test_something_is_loaded_when_a_delivery_counts(statuses: tuple[str, ...], *, expected: bool) -> None:
    fates = [Fate(status=status, deliveries=1, rows_loaded=0, rows_rejected=0) for status in statuses]
    assert has_loaded(fates) is expected
