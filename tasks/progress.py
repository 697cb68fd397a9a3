"""How far a run is, where Prefect's UI shows it. A Prefect server that is away never stops the work."""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import cast
from uuid import UUID

import httpx
from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run

from streaming.contract.errors import ServiceAwayError
from streaming.contract.settings import EnvironmentName
from tasks.tales import BatchTale

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 2.0
WHOLE = 100.0
NAME_END = " · "


class ProgressBar:
    """One progress artifact, moved not more often than somebody can see."""

    def __init__(self, key: str, unit: str) -> None:
        self._key = key
        self._unit = unit
        self._artifact: UUID | None = None
        self._moved_at = float("-inf")

    @property
    def is_due(self) -> bool:
        """True when a move would be seen."""
        return time.monotonic() - self._moved_at >= SECONDS_BETWEEN_LOOKS

    def show(self, done: int, whole: int, note: str = "") -> None:
        """Move it to a share of the whole; the end is always shown, and so is what comes with a note."""
        if self.is_due or done == whole or note:
            self._moved_at = time.monotonic()
            with unless_away():
                text = f"{done:,} of {whole:,} {self._unit}" + (f" · {note}" if note else "")
                self._move(WHOLE * done / max(1, whole), text)

    def _move(self, share: float, text: str) -> None:
        if self._artifact is None:
            self._artifact = cast("UUID", create_progress_artifact(share, key=self._key, description=text))
        else:
            update_progress_artifact(self._artifact, progress=share, description=text)


def publish_batches(environment: EnvironmentName, batches: Iterable[BatchTale]) -> None:
    """The batches of a run as a table artifact; none when there were none."""
    rows = [asdict(batch) for batch in batches]
    publish_table(rows, key=f"batches-{environment}", description="Batches of this run")


def publish_table(rows: Sequence[Mapping[str, object]], *, key: str, description: str) -> None:
    """Rows as a table artifact; none when there are none."""
    if rows:
        with unless_away():
            create_table_artifact([dict(row) for row in rows], key=key, description=description)


def call_run(what: str) -> None:
    """Add to the run's name what it came to, so that the list of runs tells it."""
    run_id, name = flow_run.id, flow_run.name
    if run_id and name:
        with unless_away(), get_client(sync_client=True) as client:
            client.set_flow_run_name(UUID(run_id), f"{name.partition(NAME_END)[0]}{NAME_END}{what}")


@contextmanager
def unless_away() -> Iterator[None]:
    """Go on, and say so, when what is to be shown cannot be found out or is not taken."""
    try:
        yield
    except (httpx.HTTPError, PrefectException, ServiceAwayError) as error:
        log.warning("progress is not shown: %s", error)
