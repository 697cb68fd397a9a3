"""Runs of deployments by the Prefect worker, watched from the terminal."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    ArtifactFilterType,
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.deployments import run_deployment
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from streaming.contract.errors import ServiceAwayError

LOOK_SECONDS = 0.5
WHOLE = 100.0
AT_WORK = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
COLUMNS = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[now]}"))


@dataclass(slots=True)
class Steps:
    """The steps of the demo: a bar each in a terminal, a line at start and end elsewhere."""

    console: Console
    _bars: Progress

    @contextmanager
    def step(self, name: str) -> Iterator["Step"]:
        """One step, done at the end of the block."""
        began = time.monotonic()
        if not self.console.is_terminal:
            self.console.print(f"{name} …")
        step = Step(self, self._bars.add_task(name, total=None, now=""), name)
        yield step
        seconds = time.monotonic() - began
        self._bars.update(step.bar, total=WHOLE, completed=WHOLE, now=step.outcome)
        if not self.console.is_terminal:
            self.console.print(f"{name}: {step.outcome or 'done'} ({seconds:.1f} s)")

    def move(self, bar: TaskID, *, percent: float | None, now: str) -> None:
        """How far a step is."""
        self._bars.update(bar, total=None if percent is None else WHOLE, completed=percent or 0, now=now)


@dataclass(slots=True)
class Step:
    """What one step shows while it goes on, and how it ended."""

    _steps: Steps
    bar: TaskID
    name: str
    outcome: str = ""

    def show(self, now: str, *, percent: float | None = None) -> None:
        """Say what is going on; without a percentage the bar only pulses."""
        self._steps.move(self.bar, percent=percent, now=now)

    def count(self, done: int, whole: int) -> None:
        """Done so many of so many."""
        self.show(f"{done:,} of {whole:,}", percent=WHOLE * done / max(1, whole))


@contextmanager
def steps(console: Console) -> Iterator[Steps]:
    """Draw the steps until the block ends."""
    with Progress(*COLUMNS, TimeElapsedColumn(), console=console, disable=not console.is_terminal) as bars:
        yield Steps(console, bars)


def run_and_watch(deployment: str, step: Step, **parameters: object) -> FlowRun:
    """Have the worker run a deployment, and show how far it is until it ends.

    Raises:
        ServiceAwayError: it did not complete; the message holds the run's own last word.
    """
    run = run_deployment(deployment, parameters=parameters, timeout=0)
    if not isinstance(run, FlowRun):
        raise TypeError("run_deployment was not called synchronously")
    with get_client(sync_client=True) as client:
        while not (state := (run := client.read_flow_run(run.id)).state) or not state.is_final():
            step.show(f"{_progress_of(client, run) or (state.name if state else 'Scheduled')}")
            time.sleep(LOOK_SECONDS)
    if not state.is_completed():
        raise ServiceAwayError(f"{deployment} ended as {state.name}: {state.message}; see the run {run.name} in the UI")
    return run


def is_at_work(deployment: str) -> bool:
    """True when a run of the deployment has been started and has not ended: someone else's, or of a demo that died."""
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[deployment.partition("/")[2]])),
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=AT_WORK))),
        )
    return bool(found)


def _progress_of(client: SyncPrefectClient, run: FlowRun) -> str | None:
    """The newest word of the run's progress artifacts."""
    mine = ArtifactFilter(
        flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]), type=ArtifactFilterType(any_=["progress"])
    )
    told = client.read_artifacts(artifact_filter=mine)
    newest = max(told, key=lambda artifact: artifact.updated or artifact.created, default=None)  # type: ignore[arg-type,return-value]  # the server sets both
    return newest.description if newest else None
