"""Runs that came late: after an outage one does what all of them would have done, and the others are cancelled."""

import logging
import os
from datetime import UTC
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.states import Cancelled
from prefect.types import DateTime

from tasks.surroundings import RUN_VARIABLE, told_if_away

log = logging.getLogger(__name__)


def collapse_late_runs() -> int:
    """Cancel the runs of this run's deployment that wait with the same parameters and are due; returns how many.

    Whatever came to be done since they were due, this run does.

    Raises:
        ServiceAwayError: Prefect's server does not answer.
    """
    with told_if_away(), get_client(sync_client=True) as client:
        mine = client.read_flow_run(UUID(os.environ[RUN_VARIABLE]))
        if mine.deployment_id is None:
            return 0
        due = client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[mine.deployment_id])),
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
                expected_start_time=FlowRunFilterExpectedStartTime(before_=DateTime.now(UTC)),
            ),
        )
        same = [run for run in due if run.id != mine.id and run.parameters == mine.parameters]
        for run in same:
            client.set_flow_run_state(run.id, Cancelled(message=f"{mine.name} does what it was to do"), force=True)
    if same:
        log.info("%d runs that were due for the same are cancelled: this one does it", len(same))
    return len(same)
