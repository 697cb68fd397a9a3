"""Catch up: load selected deliveries now."""

from datetime import date

from prefect import flow

from flows.command_line import run_alone
from streaming.contract.settings import EnvironmentName
from tasks.beginning import begin, end_with_parent
from tasks.door import Orders
from tasks.landing import Fate, await_verdicts, fates_of, record_landing, select_waiting
from tasks.selection import selection_of
from tasks.supervision import keep_streaming


@flow(name="catch_up", flow_run_name="{environment}-{key_pattern}")
def catch_up(
    environment: EnvironmentName = "dev",
    key_pattern: str = "*",
    arrived_from: date | None = None,
    arrived_until: date | None = None,
    wait: bool = True,
) -> list[Fate]:
    """Load the waiting deliveries of some keys or days now, and say what became of them.

    While a stream runs it takes them, and this run waits for it.

    Args:
        environment: Where to do it.
        key_pattern: Shell pattern of the keys below landing; `*` crosses folders.
        arrived_from: First day on which the store put the file, in UTC.
        arrived_until: Last day on which the store put the file, in UTC.
        wait: Whether to wait when a running stream takes the deliveries.
    """
    begin(environment)
    end_with_parent()
    selection = selection_of(key_pattern, arrived_from, arrived_until)
    record_landing(environment)
    selected = select_waiting(environment, selection)
    if selected:
        run = keep_streaming(Orders(environment=environment, trigger="available_now", selection=selection))
        if run.busy and wait:
            await_verdicts(environment, selected, selection)
    return fates_of(environment, selected)


if __name__ == "__main__":
    run_alone(catch_up)
