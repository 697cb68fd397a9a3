"""Withdraw: take deliveries out of lake and marts."""

from prefect import flow

from flows.command_line import run_alone
from streaming.contract.plans import Plan
from streaming.contract.settings import EnvironmentName
from tasks.approval import ask_before
from tasks.attempts import choose_withdrawals, request_withdrawals
from tasks.beginning import begin, end_with_parent
from tasks.door import Orders, PlanOrders
from tasks.landing import Fate
from tasks.planning import plan
from tasks.selection import exactly, named_selection
from tasks.settling import see_settled


@flow(name="withdraw", flow_run_name="{environment}-{key_pattern}{delivery_ids}")
def withdraw(
    environment: EnvironmentName = "dev",
    delivery_ids: str = "",
    key_pattern: str = "",
    wait: bool = True,
    dry_run: bool = False,
) -> Plan | list[Fate]:
    """Take deliveries out of lake and marts, as if they had never come; `catch_up` can load them again.

    The files stay in archive. While a stream runs it takes the withdrawals, and this run waits for it.

    Args:
        environment: Where to do it.
        delivery_ids: Which deliveries, such as `7` or `3-5,7`.
        key_pattern: Shell pattern of the keys below landing, in place of ids or to narrow them; `*` crosses folders.
        wait: Whether to wait when a running stream takes the withdrawals.
        dry_run: Tell what would change, and change nothing.
    """
    begin(environment)
    end_with_parent()
    chosen = choose_withdrawals(environment, named_selection(delivery_ids, key_pattern))
    if dry_run:
        orders = PlanOrders(withdrawals=tuple(chosen), only_named=True)
        return plan(Orders(environment=environment, trigger="available_now", plan=orders))
    ask_before(f"withdraw {len(chosen)} deliveries from lake and marts", environment)
    entered = request_withdrawals(environment, chosen)
    return see_settled(environment, entered, exactly(entered), wait=wait)


if __name__ == "__main__":
    run_alone(withdraw)
