"""Keeps Prefect's books true for one environment, and its stream at work: what nobody else does when a machine dies."""

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import psutil
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelled, Crashed

from deployments.worker.plan import Here, crashed_stream, lost_runs
from tasks.surroundings import RUN_VARIABLE

log = logging.getLogger(__name__)

AT_WORK = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
LOOKED_AT = 10


class Keeper:
    """Looks after the runs of one work pool, if they are processes, and after the stream of its environment."""

    def __init__(self, *, environment: str, pool: str, worker: str, kind: str) -> None:
        self._kind = kind
        self._stream = f"ingest-{environment}"
        self._pool = pool
        self._worker = worker

    def look(self) -> None:
        """Settle runs that have lost their process; start the stream again if it crashed.

        Raises:
            httpx.HTTPError: Prefect's server does not answer: look again later.
        """
        with get_client(sync_client=True) as client:
            if self._kind == "process":
                for run in lost_runs(self._at_work(client), self._here(client), now=datetime.now(UTC)):
                    _settle(client, run)
            self._start_again(client)

    def _at_work(self, client: SyncPrefectClient) -> list[FlowRun]:
        return client.read_flow_runs(
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[self._pool])),
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=AT_WORK))),
        )

    def _here(self, client: SyncPrefectClient) -> Here:
        workers = client.read_workers_for_work_pool(self._pool)
        online = {worker.name for worker in workers if worker.status is not None and worker.status.value == "ONLINE"}
        return Here(worker=self._worker, alive=set(runs_here()), online=online)

    def _start_again(self, client: SyncPrefectClient) -> None:
        """The crashed run's id is the key under which Prefect makes the new one: two keepers make only one."""
        runs = client.read_flow_runs(
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[self._stream])),
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=LOOKED_AT,
        )
        crashed = crashed_stream(runs, now=datetime.now(UTC))
        if crashed is not None and crashed.deployment_id is not None:
            new = client.create_flow_run_from_deployment(
                crashed.deployment_id, parameters=crashed.parameters, idempotency_key=f"after-{crashed.id}"
            )
            log.warning("the stream's run %s crashed: %s takes over", crashed.name, new.name)


def runs_here() -> Iterator[UUID]:
    """The flow runs that have a process on this machine, as that process itself says."""
    for process in psutil.process_iter():
        try:
            run = process.environ().get(RUN_VARIABLE)
            if run and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                yield UUID(run)
        except (psutil.Error, ValueError):
            continue


def _settle(client: SyncPrefectClient, run: FlowRun) -> None:
    """Call it cancelled if that was wanted, else crashed; this also gives back its place in the deployment's limit."""
    was_wanted = run.state_type is StateType.CANCELLING
    message = "its process is gone"
    state: State[object] = Cancelled(message=message) if was_wanted else Crashed(message=message)
    client.set_flow_run_state(run.id, state, force=True)
    log.warning("run %s is %s: %s", run.name, state.name, message)
