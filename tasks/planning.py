"""Dry runs: what a run would change, told by the door, shown where the run is watched."""

import json
import logging
from collections.abc import Iterable, Iterator

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from streaming.contract.plans import Plan
from tasks.door import Door, Line, Orders
from tasks.progress import publish_table
from tasks.reporting.state import as_cells
from tasks.tales import LogTale, error_of, reason_in, told

log = logging.getLogger(__name__)

SHOWN = 1_000


@task(name="plan", task_run_name="plan-{orders.environment}", cache_policy=NO_CACHE)
def plan(orders: Orders) -> Plan:
    """What carrying out the orders would change, in the log and as two table artifacts; nothing is changed.

    Raises:
        TillstreamError: what the door ended with.
    """
    door = Door.opened(orders)
    try:
        lines = list(_passed_on(door.lines()))
    finally:
        door.close()
    plans = [Plan.of_json(json.loads(line.text)) for line in lines if _is_plan(line)]
    if door.exit_code or not plans:
        raise error_of(door.exit_code or 0, next(filter(None, map(reason_in, lines)), None))
    _show(plans[0], orders)
    return plans[0]


def lines_of(planned: Plan) -> list[str]:
    """A plan as a person reads it, one fact a line."""
    if not planned.deliveries and not any(each.is_change for each in planned.months):
        return ["nothing would change"]
    deliveries = [
        f"{each.object_key} (delivery {each.delivery_id or 'new'}) becomes {each.becomes}"
        f"{f', {each.reason}' if each.reason else ''}: {each.rows_loaded:+,} facts, {each.rows_rejected:+,} rejects, "
        f"{each.amount:+,}"
        for each in planned.deliveries
    ]
    months = [
        f"{each.mart} {each.sales_month}: {each.sales:+,} sales, {each.amount:+,} money"
        f"{f', {each.incentive:+,} incentives' if each.mart == 'sales_team_mart' else ''}"
        for each in planned.months
        if each.is_change
    ]
    return [*deliveries, *(months or ["both marts stay as they are"])]


def _is_plan(line: Line) -> bool:
    return line.source == "stdout" and line.text.startswith('{"event": "plan"')


def _passed_on(lines: Iterable[Line]) -> Iterator[Line]:
    """All lines; those of the log go to the run's log as well."""
    run_log = get_run_logger()
    for line in lines:
        tale = None if _is_plan(line) else told(line)
        if isinstance(tale, LogTale):
            run_log.log(tale.level, "%s", tale.text)
        yield line


def _show(planned: Plan, orders: Orders) -> None:
    for line in lines_of(planned)[:SHOWN]:
        log.info("would change: %s", line)
    for name, cells in (("deliveries", as_cells(planned.deliveries[:SHOWN])), ("marts", as_cells(planned.months))):
        publish_table(cells, key=f"plan-{name}-{orders.environment}", description=f"Plan: {name}")
