"""How often something is tried again: the plan, with no hand on any process."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from streaming.contract.errors import BusyError, ConfigurationError, ContractError, ServiceAwayError, UsageError

log = logging.getLogger(__name__)

PAUSES_SECONDS = (1, 2, 5, 10, 30, 60)
"""Waits before each further try; one more death in a row than this ends the run."""
LONGEST_WAIT_SECONDS = 30
"""Between two tries of a stream that waits for the world: it must be back soon after the world is."""
HEALTHY_SECONDS = 180
"""A stream that ran this long was well: its death counts as the first."""
AWAY_PATIENCE_SECONDS = 900
"""A run of a worker waits so long for a service that is away before it fails."""
HOPELESS = frozenset(kind.exit_code for kind in (UsageError, ContractError, ConfigurationError))
"""Exit codes that a person has to mend."""
PASSING = frozenset(kind.exit_code for kind in (ServiceAwayError, BusyError))
"""Exit codes that mend themselves: a service comes back, another writer ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How one life of the door ended; `was_stalled` if it was closed for making no progress."""

    exit_code: int
    seconds: float
    reason: str | None = None
    was_stalled: bool = False

    @property
    def is_healthy(self) -> bool:
        """True when it had run well before."""
        return self.seconds >= HEALTHY_SECONDS

    @property
    def is_done(self) -> bool:
        """True when it did what it was opened for."""
        return self.exit_code == 0 and not self.was_stalled


def pause_after(ending: Ending, *, deaths: int, stands_by: bool = False) -> float | None:
    """Seconds to wait before the door is opened again after so many deaths in a row; None when it should not.

    Busy is an answer at the first opening only: later it is our own dead predecessor, whom MySQL has not
    noticed yet. A stream that stands by waits for as long as a service is away or another writer is at work.
    """
    if ending.exit_code in HOPELESS:
        return None
    if stands_by and ending.exit_code in PASSING:
        return min(LONGEST_WAIT_SECONDS, PAUSES_SECONDS[min(deaths, len(PAUSES_SECONDS)) - 1])
    is_answer = ending.exit_code == BusyError.exit_code and deaths == 1
    if is_answer or deaths > len(PAUSES_SECONDS):
        return None
    return PAUSES_SECONDS[deaths - 1]


def patiently(work: Callable[[], object], *, for_ever: bool = False) -> None:
    """Do it, and again while a service is away, for a quarter of an hour unless for ever."""
    began, tries = time.monotonic(), 0
    while True:
        try:
            work()
        except ServiceAwayError as away:
            if time.monotonic() - began > AWAY_PATIENCE_SECONDS and not for_ever:
                raise
            pause = min(LONGEST_WAIT_SECONDS, PAUSES_SECONDS[min(tries, len(PAUSES_SECONDS) - 1)])
            log.warning("%s; again in %d s", away, pause)
            time.sleep(pause)
            tries += 1
        else:
            return
