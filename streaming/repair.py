"""Repair: rows of the lake replaced by a fresh reading of their files, marts reckoned again, all of it one batch."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from pyspark.sql import functions as F

from streaming.callback import BatchReport
from streaming.contract.faults import fault_point
from streaming.contract.logs import logging_about
from streaming.contract.plans import Plan, PlannedDelivery
from streaming.contract.repairs import RepairOrder
from streaming.contract.settings import Settings
from streaming.job import recover
from streaming.lake import Lake, LakeVersions
from streaming.mending import Mending, mending
from streaming.planning import months_of, versions_before
from streaming.session import spark_session
from streaming.stamps import require_stamps
from streaming.warehouse.batches import BatchSums, open_for
from streaming.warehouse.repairs import commit_repair
from streaming.warehouse.writer import only_writer
from streaming.world import Place, World

log = logging.getLogger(__name__)

NOTHING = Decimal("0.00")
UNKNOWN = "(not in the ledger)"

Stand = tuple[int, int, Decimal]
"""Facts and rejects of a delivery, and the money of the facts."""


def run_repair(settings: Settings, order: RepairOrder, *, announce: Callable[[BatchReport], None]) -> None:
    """Mend what the order names, as the environment's only writer.

    Raises:
        BusyError: another writer holds the environment.
        TillstreamError: the world is broken; nothing counts that was not committed.
    """
    require_stamps(settings)
    with (
        only_writer(settings) as writer,
        TemporaryDirectory(prefix="tillstream-repair-") as folder,
        spark_session(settings, trigger="available-now", folder=Path(folder)) as spark,
    ):
        started = time.monotonic()
        world = World(spark=spark, settings=settings, writer=writer, lake=Lake(spark, settings.storage))
        sums = repair(world, order)
        announce(BatchReport(sums=sums, seconds=round(time.monotonic() - started, 3)))


def repair(world: World, order: RepairOrder) -> BatchSums:
    """Carry out the order, whatever dies on the way: before its commit the next writer takes it back, as any batch."""
    recover(world)
    before = world.lake.versions()
    with mending(world, order, at=before) as found:
        _tell(_plan(world, order, found, at=before))
        corrections = found.corrections
        fault_point("batch.before")
        versions = (before.facts, before.rejects)
        batch_id = open_for(world.settings, world.writer, corrections.deliveries, versions=versions)
        fault_point("batch.opened")
        with logging_about(batch=batch_id):
            if corrections.deliveries:
                _write(world, found, batch_id=batch_id)
            return commit_repair(world.settings, world.writer, batch_id, corrections)


def plan_repair(place: Place, order: RepairOrder) -> Plan:
    """What carrying out the order now would end in; nothing is changed."""
    at = versions_before(place)
    with mending(place, order, at=at) as found:
        return _plan(place, order, found, at=at)


def _write(world: World, found: Mending, *, batch_id: int) -> None:
    replacing = found.corrections.deliveries
    fault_point("facts.before")
    rows = found.corrections.sums(batch_id).rows_loaded
    world.lake.add_facts(found.facts, batch_id=batch_id, rows=rows, replacing=replacing)
    fault_point("facts.written")
    fault_point("rejects.before")
    world.lake.add_rejects(found.rejects, batch_id=batch_id, replacing=replacing)
    fault_point("rejects.written")


def _plan(place: Place, order: RepairOrder, found: Mending, *, at: LakeVersions) -> Plan:
    stands = _stands(place, order, at=at)
    whole = found.corrections.changes
    taken = [
        {**row, "purchases": -int(str(row["purchases"])), "total_purchases": -Decimal(str(row["total_purchases"]))}
        for row in found.before.customers
    ]
    return Plan(
        deliveries=tuple(_fate(each, found, stands.get(each, (0, 0, NOTHING))) for each in order.deliveries),
        months=tuple(months_of(replace(whole, customers=[*whole.customers, *taken]))),
    )


def _stands(place: Place, order: RepairOrder, *, at: LakeVersions) -> Mapping[int, Stand]:
    """What the lake holds of the deliveries in the order."""
    if not order.deliveries:
        return {}
    mine = F.col("delivery_id").isin(*order.deliveries)
    facts = place.lake.all_facts(at=at).where(mine).groupBy("delivery_id")
    sold = facts.agg(F.count(F.lit(1)).alias("rows"), F.sum("total_cost").alias("amount")).collect()
    rejects = place.lake.all_rejects(at=at).where(mine).groupBy("delivery_id").count().collect()
    refused = {row.delivery_id: row["count"] for row in rejects}
    stands = {row.delivery_id: (row.rows, refused.get(row.delivery_id, 0), row.amount) for row in sold}
    return {each: (0, rows, NOTHING) for each, rows in refused.items()} | stands


def _fate(delivery_id: int, found: Mending, stand: Stand) -> PlannedDelivery:
    """By how much the delivery's rows in the lake change."""
    entry, reason = found.entries.get(delivery_id), found.unreadable.get(delivery_id)
    report = found.corrections.read.get(delivery_id)
    after = (report.rows_loaded, report.rows_rejected, report.amount_loaded) if report else (0, 0, NOTHING)
    after = stand if reason else after
    return PlannedDelivery(
        delivery_id=delivery_id,
        object_key=entry.delivery.object_key if entry else UNKNOWN,
        becomes=str(entry.delivery.status) if entry else "unknown",
        reason=f"left as it is: {reason}" if reason else None,
        rows_loaded=after[0] - stand[0],
        rows_rejected=after[1] - stand[1],
        amount=after[2] - stand[2],
    )


def _tell(plan: Plan) -> None:
    """Say what is mended, one line each."""
    for line in _lines(plan):
        log.info("mending %s", line)


def _lines(plan: Plan) -> Iterator[str]:
    for each in plan.deliveries:
        what = each.reason or f"{each.rows_loaded:+,} facts, {each.rows_rejected:+,} rejects, {each.amount:+,}"
        yield f"delivery {each.delivery_id}, {each.object_key}, {each.becomes}: {what}"
    for month in plan.months:
        what = f"{month.sales:+,} sales, {month.amount:+,}, {month.incentive:+,} incentives"
        yield f"{month.mart} {month.sales_month}: {what}"
