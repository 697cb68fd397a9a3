"""Ingest: keep the stream from landing to lake and marts running."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.command_line import BUSY, run_alone
from streaming.contract.settings import EnvironmentName
from tasks.beginning import begin, end_with_parent
from tasks.door import Orders, Trigger
from tasks.reporting.showing import show_state
from tasks.supervision import StreamRun, keep_streaming


@flow(name="ingest", flow_run_name="{environment}-{trigger}")
def ingest(environment: EnvironmentName = "dev", trigger: Trigger = "continuous") -> StreamRun | State[StreamRun]:
    """Load what arrives in landing into lake and marts, and start the stream again whenever it dies.

    There is one stream per environment. A second one ends at once, as Busy: the first takes all files. A worker's
    continuous run stands by instead: it waits for another writer to end, and for a service that is away, as long as
    that takes.

    Args:
        environment: Where to do it.
        trigger: `continuous` runs until it is cancelled, `available_now` ends when landing holds nothing new.
    """
    begin(environment, stands_by=trigger == "continuous")
    end_with_parent()
    run = keep_streaming(Orders(environment=environment, trigger=trigger))
    if run.busy:
        return Completed(name=BUSY, message=run.busy)
    show_state(environment)
    return run


if __name__ == "__main__":
    run_alone(ingest)
