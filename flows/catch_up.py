"""Catch up: load selected deliveries now, also again."""

from datetime import date

from prefect import flow

from flows.command_line import run_alone
from streaming.contract.plans import Plan
from streaming.contract.settings import EnvironmentName
from tasks.archive import archive_settled
from tasks.attempts import Wanted, choose_redrives, request_redrives
from tasks.beginning import begin, end_with_parent
from tasks.door import Orders, PlanOrders
from tasks.landing import Fate, has_loaded, record_landing, select_waiting
from tasks.planning import plan
from tasks.reporting.showing import show_state
from tasks.selection import selection_of
from tasks.settling import see_settled


@flow(name="catch_up", flow_run_name="{environment}-{key_pattern}")
def catch_up(
    environment: EnvironmentName = "dev",
    key_pattern: str = "*",
    arrived_from: date | None = None,
    arrived_until: date | None = None,
    delivery_ids: str = "",
    status: Wanted = "waiting",
    wait: bool = True,
    dry_run: bool = False,
) -> Plan | list[Fate]:
    """Load the waiting deliveries of some keys or days now, and say what became of them.

    Deliveries with rows that were refused for an unknown customer, store, product or salesperson are loaded again once
    these are known. With another status, deliveries that have it are loaded again from where they rest: those
    withdrawn or quarantined, or (`processed`) those with refused rows, after a rule has changed. A newer version of a
    file is never replaced by an older one. While a stream runs it takes them all, and this run waits for it.

    Args:
        environment: Where to do it.
        key_pattern: Shell pattern of the keys below landing; `*` crosses folders.
        arrived_from: First day on which the store put the file, in UTC.
        arrived_until: Last day on which the store put the file, in UTC.
        delivery_ids: Only these deliveries are loaded again, such as `7` or `3-5,7`.
        status: Which deliveries to load: those that wait, or those that have another status, again.
        wait: Whether to wait when a running stream takes the deliveries.
        dry_run: Tell what would change, and change nothing.
    """
    begin(environment)
    end_with_parent()
    selection = selection_of(key_pattern, arrived_from, arrived_until)
    again = choose_redrives(environment, selection_of(key_pattern, arrived_from, arrived_until, delivery_ids), status)
    if dry_run:
        orders = PlanOrders(redrives=tuple(again))
        return plan(Orders(environment=environment, trigger="available_now", selection=selection, plan=orders))
    record_landing(environment)
    if again:
        archive_settled(environment, return_state=True)  # what does not come to rest now is loaded again later
        request_redrives(environment, again)
    selected = select_waiting(environment, selection)
    fates = see_settled(environment, selected, selection, wait=wait)
    if has_loaded(fates):
        show_state(environment)
    return fates


if __name__ == "__main__":
    run_alone(catch_up)
