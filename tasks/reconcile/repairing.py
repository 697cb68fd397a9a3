"""Mending what a proof found: the order for Spark, and the door through which it goes."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from prefect import task
from prefect.cache_policies import NO_CACHE

from streaming.contract.errors import BusyError
from streaming.contract.repairs import RepairOrder
from streaming.contract.settings import EnvironmentName, read_settings
from tasks.door import Orders, PlanOrders
from tasks.planning import plan
from tasks.reconcile.differences import Kind
from tasks.reconcile.proving import Proof
from tasks.reconcile.restoring import Deed, restore
from tasks.supervision import keep_streaming

log = logging.getLogger(__name__)


def order_for(proof: Proof) -> RepairOrder | None:
    """The deliveries to read again or to forget, and the months whose marts to reckon again; None if there is nothing.

    Of deliveries that count beside each other wrongly none is touched before one of them is withdrawn. An abandoned
    batch needs no more than somebody who writes, which an empty order is.
    """
    kinds = {each.kind for each in proof.differences}
    undecided = {each.delivery_id for each in proof.differences if each.kind.is_about_counting_twice}
    deliveries = {each.delivery_id for each in proof.differences if each.kind.is_about_a_delivery}
    ids = sorted(each for each in deliveries - undecided if each is not None)
    months = {each.month for each in proof.differences if each.kind.is_about_a_month and each.month is not None}
    months = months.union(*(proof.months.get(each, frozenset()) for each in ids))
    if not ids and not months and Kind.ABANDONED_BATCH not in kinds:
        return None
    return RepairOrder(deliveries=tuple(ids), months=tuple(sorted(months)))


@task(name="restore objects", task_run_name="objects-{environment}", cache_policy=NO_CACHE)
def restore_objects(environment: EnvironmentName, proof: Proof, *, dry_run: bool) -> list[Deed]:
    """Fill the places of lost or altered objects from others with the same bytes, and rid landing of what rests.

    Files first: lake and marts are mended from them.
    """
    return restore(read_settings(environment), proof.differences, dry_run=dry_run)


def mend_books(environment: EnvironmentName, proof: Proof, *, dry_run: bool) -> None:
    """Mend lake, ledger and marts, or only tell how, through the door.

    Raises:
        BusyError: a stream is at work; it has to be stopped first.
    """
    order = order_for(proof)
    if order is None:
        log.info("nothing in lake, ledger or marts that a repair could mend")
        return
    with TemporaryDirectory(prefix="tillstream-order-") as folder:
        file = Path(folder) / "order.json"
        file.write_text(order.as_json(), encoding="utf-8")
        planning = PlanOrders() if dry_run else None
        orders = Orders(environment=environment, trigger="available_now", repair=file, plan=planning)
        if dry_run:
            plan(orders)
        elif busy := keep_streaming(orders).busy:
            raise BusyError(busy)
