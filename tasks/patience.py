"""How often a stream that died is opened again: the plan, with no hand on any process."""

from dataclasses import dataclass

from streaming.contract.errors import BusyError, ConfigurationError, ContractError, UsageError

PAUSES_SECONDS = (1, 2, 5, 10, 30, 60)
"""Waits before each further try; one more death in a row than this ends the run."""
HEALTHY_SECONDS = 180
"""A stream that ran this long was well: its death counts as the first."""
HOPELESS = frozenset(kind.exit_code for kind in (UsageError, ContractError, ConfigurationError))
"""Exit codes that a person has to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How one life of the door ended."""

    exit_code: int
    seconds: float
    reason: str | None = None

    @property
    def is_healthy(self) -> bool:
        """True when it had run well before."""
        return self.seconds >= HEALTHY_SECONDS


def pause_after(ending: Ending, *, deaths: int) -> float | None:
    """Seconds to wait before the door is opened again after so many deaths in a row; None when it should not.

    Busy is an answer at the first opening only: later it is our own dead predecessor, whom MySQL has not
    noticed yet.
    """
    is_answer = ending.exit_code == BusyError.exit_code and deaths == 1
    if is_answer or ending.exit_code in HOPELESS or deaths > len(PAUSES_SECONDS):
        return None
    return PAUSES_SECONDS[deaths - 1]
