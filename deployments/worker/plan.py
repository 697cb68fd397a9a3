"""Which runs have lost their process, and which stream is to be started again: the plan, with no hand on anything."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from prefect.client.schemas.objects import FlowRun, StateType

from tasks.surroundings import WORKER_LABEL

CONTINUOUS = "continuous"
UNKNOWN_FOR = timedelta(minutes=2)
"""A run that does not say whose it is may still be starting."""
SOON = timedelta(seconds=60)
PAUSES_SECONDS = (0, 5, 15, 30, 60)
"""Before a stream is started again after so many crashes in a row; no run of it that lasted is in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What one worker knows: its name, the runs with a process on this machine, the workers that Prefect hears."""

    worker: str
    alive: AbstractSet[UUID]
    online: AbstractSet[str]


def lost_runs(at_work: Iterable[FlowRun], here: Here, *, now: datetime) -> Iterator[FlowRun]:
    """Runs that Prefect believes at work and whose process is gone.

    A run dies with its worker. So it is gone when its worker is, or when that is this one and has no process of it.
    """
    for run in at_work:
        if run.id not in here.alive and _is_lost(run, here, now):
            yield run


def crashed_stream(newest_first: Iterable[FlowRun], *, now: datetime) -> FlowRun | None:
    """The run to start again: the newest one of a continuous stream, if it crashed and has waited long enough.

    One that was cancelled stays so, and so does one that failed: what it failed of, a person must mend.

    Args:
        newest_first: the runs of the deployment that have begun or will, the newest first.
        now: the time.
    """
    runs = list(newest_first)
    crashes = 0
    for run in runs:
        if run.state_type is not StateType.CRASHED or run.parameters.get("trigger", CONTINUOUS) != CONTINUOUS:
            break
        crashes += 1
        if (run.total_run_time or timedelta()) > SOON:
            break
    if not crashes or runs[0].end_time is None:
        return None
    pause = PAUSES_SECONDS[min(crashes, len(PAUSES_SECONDS)) - 1]
    return runs[0] if now - runs[0].end_time >= timedelta(seconds=pause) else None


def _is_lost(run: FlowRun, here: Here, now: datetime) -> bool:
    worker = run.labels.get(WORKER_LABEL)
    if worker is None:
        return here.online <= {here.worker} and _since(run, now) > UNKNOWN_FOR
    return worker == here.worker or worker not in here.online


def _since(run: FlowRun, now: datetime) -> timedelta:
    moment = run.state.timestamp if run.state else run.expected_start_time
    return now - moment if moment else timedelta()
