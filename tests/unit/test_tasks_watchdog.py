"""A child that gives no sign is closed; one that does lives. The children are small, but real."""

import sys
import time

from tasks.door import Door
from tasks.watchdog import Watchdog

SLEEPER = "import time; time.sleep(60)"


def test_a_silent_stream_is_closed_and_a_telling_one_is_not() -> None:
    door = Door([sys.executable, "-c", SLEEPER])
    with Watchdog(door, patience_seconds=2.5) as watchdog:
        for _ in range(4):
            time.sleep(1)
            watchdog.sign()
        assert not watchdog.has_bitten
        assert door.exit_code is None
        began = time.monotonic()
        list(door.lines())
    assert watchdog.has_bitten
    assert door.exit_code is not None
    assert time.monotonic() - began >= 2


def test_a_stream_that_ended_is_not_bitten() -> None:
    door = Door([sys.executable, "-c", "print('done')"])
    with Watchdog(door, patience_seconds=0.5) as watchdog:
        list(door.lines())
    time.sleep(1.5)
    assert not watchdog.has_bitten
