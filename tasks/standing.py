"""How the stream stands, where people look: in the run's log, on its progress artifact, and told when it is behind."""

import logging
from collections import deque

from streaming.contract.settings import EnvironmentName, read_settings
from tasks.events import Happening, tell
from tasks.landing import Lag, lag_of
from tasks.progress import ProgressBar, unless_away
from tasks.tales import BatchTale

log = logging.getLogger(__name__)

SECONDS_PER_MINUTE = 60


class StreamProgress:
    """Shows what a run of the stream has settled and what waits; not more often than somebody can see."""

    def __init__(self, environment: EnvironmentName) -> None:
        self._environment: EnvironmentName = environment
        self._bar = ProgressBar(f"ingest-{environment}", "deliveries")
        self._told = ""
        self._is_behind = False

    def show(self, settled: int, batches: deque[BatchTale], *, note: str | None = None, is_last: bool = False) -> None:
        """Move the artifact, log what has changed, and tell when the stream falls behind or has caught up.

        Args:
            settled: deliveries that this run has settled.
            batches: its newest batches, the newest last.
            note: what to say besides, shown at once.
            is_last: whether it is the end, shown at once.
        """
        if self._bar.is_due or note or is_last:
            with unless_away():
                lag = lag_of(self._environment)
                text = standing(batches, lag) + (f" · {note}" if note else "")
                self._log(text)
                self._bar.show(settled, settled + lag.deliveries, text)
                self._tell(lag)

    def _log(self, text: str) -> None:
        if text != self._told:
            log.info("%s", text)
        self._told = text

    def _tell(self, lag: Lag) -> None:
        limit = read_settings(self._environment).operations.behind_minutes * SECONDS_PER_MINUTE
        is_behind = lag.seconds > limit
        if is_behind != self._is_behind:
            happening: Happening = "stream.behind" if is_behind else "stream.caught-up"
            tell(happening, self._environment, deliveries=lag.deliveries, seconds=lag.seconds, limit_seconds=limit)
        self._is_behind = is_behind


def standing(batches: deque[BatchTale], lag: Lag) -> str:
    """The newest batch, its rate and rejects, and how far the stream is behind, in one line."""
    behind = f"lag {lag.deliveries:,} files, {lag.seconds:,} s"
    if not batches:
        return f"no batch yet · {behind}"
    newest = batches[-1]
    rate = newest.rows_read / newest.seconds if newest.seconds else 0.0
    return (
        f"batch {newest.batch_id}: {newest.deliveries:,} files, {newest.rows_loaded:,} rows loaded, "
        f"{newest.rows_rejected:,} rejected, {rate:,.0f} rows/s · {behind}"
    )
