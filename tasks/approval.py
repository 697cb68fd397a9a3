"""What destroys something in prod waits until a person says yes."""

import logging
import sys

from prefect.flow_runs import pause_flow_run
from prefect.input import RunInput
from pydantic import Field

from streaming.contract.errors import UsageError
from streaming.contract.settings import EnvironmentName
from tasks.surroundings import is_run_of_worker

log = logging.getLogger(__name__)

ASKED_IN: EnvironmentName = "prod"
PATIENCE_SECONDS = 4 * 60 * 60
LOOK_SECONDS = 5


class Approval(RunInput):
    """The form that the run's page shows at Resume."""

    approve: bool = Field(description="Whether it may be done")
    because: str = Field(min_length=1, max_length=500, description="Why, for the run's log")


def ask_before(what: str, environment: EnvironmentName) -> None:
    """In prod, pause the run until somebody approves of it in Prefect's UI; at a terminal, ask there.

    Args:
        what: what would be done, for the person who is asked.
        environment: where; elsewhere than in prod nobody is asked.

    Raises:
        UsageError: the answer was no.
    """
    if environment != ASKED_IN:
        return
    if is_run_of_worker():
        _ask_in_ui(what)
    else:
        _ask_at_terminal(what, environment)


def _ask_in_ui(what: str) -> None:
    log.warning("to be approved of, by Resume on this run's page: %s", what)
    answer = pause_flow_run(
        wait_for_input=Approval.with_initial_data(description=f"**To be approved of in {ASKED_IN}:** {what}"),
        timeout=PATIENCE_SECONDS,
        poll_interval=LOOK_SECONDS,
    )
    if not answer.approve:
        raise UsageError(f"not approved, because {answer.because}: nothing was done")
    log.info("approved, because %s", answer.because)


def _ask_at_terminal(what: str, environment: EnvironmentName) -> None:
    sys.stderr.write(f"{what}\nType {environment} to go on: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip() != environment:
        raise UsageError("not approved: nothing was done")
