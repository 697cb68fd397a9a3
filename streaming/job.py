"""The corridor: a batch walks from landing to the marts; it knows the order of the rooms and nothing else."""

import logging
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field

from pyspark.sql import DataFrame

from streaming.brought import Brought, brought_by, mart_changes, unused
from streaming.contract.decisions import settle
from streaming.contract.faults import fault_point
from streaming.contract.logs import logging_about
from streaming.contract.readings import Reading
from streaming.contract.settlements import FileReport, Settlement
from streaming.facts import reports
from streaming.lake import Lake, LakeVersions
from streaming.landing.tasks import Knowledge, keys_named, read_and_lay
from streaming.laying import Depot
from streaming.warehouse.batches import (
    BatchSums,
    MartChanges,
    commit_batch,
    forget_open_batches,
    open_batch,
    open_batches,
)
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import deliveries_of, known_about
from streaming.warehouse.writer import still_writing
from streaming.world import World

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Stages:
    """Seconds that each stage of a batch took."""

    seconds: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        """For the log."""
        return ", ".join(f"{stage} {seconds:.2f} s" for stage, seconds in self.seconds.items())

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time spent inside to the stage."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.monotonic() - started, 3)


def recover(world: World) -> None:
    """Take back what a batch that died wrote to the lake, so that lake and marts agree before anything is added."""
    world.lake.create()
    abandoned = open_batches(world.settings)
    if abandoned:
        first, last = abandoned[0], abandoned[-1]
        log.warning("batch %d died before its commit: taking it back", first.batch_id)
        fault_point("recovery.before")
        with still_writing(world.settings, world.writer):  # or it would take back what a successor has loaded
            world.lake.restore(LakeVersions(facts=first.facts_version, rejects=first.rejects_version))
        fault_point("recovery.restored")
        world.lake.fence(last.batch_id)
        fault_point("recovery.fenced")
        forget_open_batches(world.settings, world.writer)
        fault_point("recovery.forgotten")
    log.info("lake and ledger agree")


def load_batch(shares: DataFrame, world: World) -> BatchSums | None:
    """Walk one micro-batch from landing to the marts; None where it held no delivery.

    Args:
        shares: which deliveries, as `contract.columns.ERRANDS`.
        world: where to, and by which right.
    """
    stages, settings = Stages(), world.settings
    with stages.timed("dimensions"):
        dimensions = world.dimensions.now(settings, lambda columns: keys_named(shares, settings, columns))
    with stages.timed("read"):
        reading = read_and_lay(shares, Knowledge.of(settings, dimensions), Depot.of(settings))
    return _load(reading, world=world, stages=stages) if reading.tallies else None


def _load(reading: Reading, *, world: World, stages: Stages) -> BatchSums:
    settlement, versions = decide(reports(reading.tallies), world), world.lake.versions()
    fault_point("batch.before")
    batch_id = open_batch(world.settings, world.writer, settlement, versions=(versions.facts, versions.rejects))
    fault_point("batch.opened")
    with logging_about(batch=batch_id):
        with stages.timed("lake and marts"):
            batch = brought_by(reading, settlement, world, at=versions)
            changes = bring(batch, world, batch_id=batch_id)
        with stages.timed("commit"):
            sums = commit_batch(world.settings, world.writer, batch_id, settlement, changes, stages=stages.seconds)
        log.info("%s; %s", sums, stages)
        facts, rejects = unused(batch)
        world.lake.clear(facts=facts, rejects=rejects)
    return sums


def bring(batch: Brought, world: World, *, batch_id: int) -> MartChanges:
    """Have the lake take the batch's files and reckon the marts' changes, all at once as none needs another."""
    with ThreadPoolExecutor(2, thread_name_prefix="lake") as beside:
        takes = [
            beside.submit(copy_context().run, take, batch, world.lake, batch_id) for take in (take_facts, take_rejects)
        ]
        changes = mart_changes(batch, world)
        for take in takes:
            take.result()
    return changes


def decide(read: Mapping[int, FileReport], world: World) -> Settlement:
    """What becomes of each delivery, given what reading it showed and what the ledger counts already."""
    with connected(world.settings.warehouse) as database:
        deliveries = deliveries_of(database, read)
        ledger = known_about(database, deliveries)
    return settle(deliveries, ledger, read, policy=world.settings.policy.duplicates)


def take_facts(batch: Brought, lake: Lake, batch_id: int) -> None:
    """The facts of what loads; what they replace goes in the same commit."""
    if batch.facts.added or batch.facts.removed:
        fault_point("facts.before")
        lake.take_facts(batch.facts, batch_id=batch_id)
        fault_point("facts.written")


def take_rejects(batch: Brought, lake: Lake, batch_id: int) -> None:
    """The rejects of what loads; what they replace goes in the same commit."""
    if batch.rejects.added or batch.rejects.removed:
        fault_point("rejects.before")
        lake.take_rejects(batch.rejects, batch_id=batch_id)
        fault_point("rejects.written")
