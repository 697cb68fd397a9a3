"""The corridor: a batch walks from landing to the marts; it knows the order of the rooms and nothing else."""

import logging
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession

from streaming.contract.columns import TEAM_TOTALS
from streaming.contract.decisions import FileReport, Settlement, settle
from streaming.contract.logs import logging_about
from streaming.contract.settings import Settings
from streaming.enrichment import as_checked, join_dimensions
from streaming.facts import only_facts, only_rejects, per_fate, per_reason, reports, under_heirs
from streaming.frames import Rows, frame_of, frame_of_table, snapshot_of_dimensions
from streaming.lake import Lake, LakeVersions
from streaming.marts import changes, per_customer_month, per_sales_person_month, ranked
from streaming.validation import with_checks
from streaming.warehouse.batches import (
    BatchSums,
    MartChanges,
    commit_batch,
    forget_open_batches,
    open_batch,
    open_batches,
)
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import (
    counted_with_content,
    counted_with_key,
    deliveries_of,
    living_duplicates,
)
from streaming.warehouse.team import team_of_store_months
from streaming.warehouse.writer import Writer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a batch needs beside its rows."""

    spark: SparkSession
    settings: Settings
    writer: Writer
    lake: Lake


@dataclass(slots=True)
class Stages:
    """Seconds that each stage of a batch took."""

    seconds: dict[str, float] = field(default_factory=dict)

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
        first = abandoned[0]
        log.warning("batch %d died before its commit: taking it back", first.batch_id)
        world.lake.restore(LakeVersions(facts=first.facts_version, rejects=first.rejects_version))
        forget_open_batches(world.settings, world.writer)
    log.info("lake and ledger agree")


def load_batch(landed: DataFrame, world: World) -> BatchSums | None:
    """Walk one micro-batch from validation to the marts; None where it held no delivery.

    Args:
        landed: rows and closing rows as `contract.columns.LANDED`.
        world: where to, and by which right.
    """
    stages = Stages()
    with stages.timed("dimensions"):
        dimensions = snapshot_of_dimensions(world.spark, world.settings)
    checked = (
        landed.transform(with_checks, today=datetime.now(UTC).date())
        .transform(join_dimensions, dimensions)
        .transform(as_checked)
    )
    with persisted(checked):
        with stages.timed("read"):
            read = reports(per_fate(checked).collect())
        return _load(checked, read, world=world, stages=stages) if read else None


def _load(checked: DataFrame, read: Mapping[int, FileReport], *, world: World, stages: Stages) -> BatchSums:
    settlement, versions = decide(read, world), world.lake.versions()
    batch_id = open_batch(world.settings, world.writer, settlement, versions=(versions.facts, versions.rejects))
    with logging_about(batch=batch_id):
        with stages.timed("lake and marts"):
            brought = bring(Brought(checked=checked, settlement=settlement, before=versions), world)
        with stages.timed("commit"):
            sums = commit_batch(world.settings, world.writer, batch_id, settlement, brought, stages=stages.seconds)
        log.info("%s; seconds: %s", sums, stages.seconds)
    return sums


def bring(batch: "Brought", world: World) -> MartChanges:
    """Write the lake and reckon the marts' changes, all at once as none needs another."""
    with ThreadPoolExecutor(2, thread_name_prefix="lake") as beside:
        writes = [beside.submit(copy_context().run, write, batch, world) for write in (write_facts, write_rejects)]
        brought = mart_changes(batch, world)
        for write in writes:
            write.result()
    return brought


def decide(read: Mapping[int, FileReport], world: World) -> Settlement:
    """What becomes of each delivery, given what reading it showed and what the ledger counts already."""
    with connected(world.settings.warehouse) as database:
        deliveries = deliveries_of(database, read)
        of_same_key = counted_with_key(database, deliveries)
        counted = {*counted_with_content(database, deliveries), *of_same_key}
        duplicates = living_duplicates(database, of_same_key)
    return settle(deliveries, counted, read, duplicates=duplicates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a batch brings: its checked rows, what was decided of them, and where the lake stood before."""

    checked: DataFrame
    settlement: Settlement
    before: LakeVersions

    def facts(self, lake: Lake) -> DataFrame:
        """The facts of what loads, and those that go on under another delivery."""
        facts = only_facts(self.checked, self.settlement.loaded)
        if not self.settlement.inherited:
            return facts
        inherited = lake.facts_of(self.settlement.inherited.keys(), at=self.before)
        return facts.unionByName(under_heirs(inherited, self.settlement.heirs))

    def rejects(self, lake: Lake) -> DataFrame:
        """The rejects of what loads, and those that go on under another delivery."""
        rejects = only_rejects(self.checked, self.settlement.loaded)
        if not self.settlement.inherited:
            return rejects
        inherited = lake.rejects_of(self.settlement.inherited.keys(), at=self.before)
        return rejects.unionByName(under_heirs(inherited, self.settlement.heirs))

    def removed(self, lake: Lake) -> DataFrame | None:
        """The facts that its corrections take away, None where it corrects nothing."""
        superseded = self.settlement.superseded
        return lake.facts_of(superseded.keys(), at=self.before) if superseded else None


def mart_changes(batch: Brought, world: World) -> MartChanges:
    """What the batch adds to the marts and, where it corrects, takes away."""
    changed = changes(batch.facts(world.lake), batch.removed(world.lake))
    customers = per_customer_month(changed).toArrow()
    team = per_sales_person_month(changed).toArrow()
    store_months = sorted({(row["store_id"], row["sales_month"]) for row in team.to_pylist()})
    with connected(world.settings.warehouse) as database:
        standing = team_of_store_months(database, store_months)
    rank = ranked(frame_of(world.spark, standing, TEAM_TOTALS), frame_of_table(world.spark, team))
    rejects = only_rejects(batch.checked, batch.settlement.loaded)
    return MartChanges(
        customers=Rows(customers),
        store_months=store_months,
        team=rank.toArrow().to_pylist() if store_months else (),
        rejects=per_reason(rejects).toArrow().to_pylist() if batch.settlement.rows_rejected else (),
    )


def write_facts(batch: Brought, world: World) -> None:
    """The facts of what loads; what they replace goes in the same commit."""
    replacing = batch.settlement.superseded.keys()
    if batch.settlement.rows_loaded or replacing:
        world.lake.add_facts(batch.facts(world.lake), rows=batch.settlement.rows_loaded, replacing=replacing)


def write_rejects(batch: Brought, world: World) -> None:
    """The rejects of what loads; what they replace goes in the same commit."""
    replacing = batch.settlement.superseded.keys()
    if batch.settlement.rows_rejected or replacing:
        world.lake.add_rejects(batch.rejects(world.lake), replacing=replacing)


@contextmanager
def persisted(rows: DataFrame) -> Iterator[None]:
    """Keep rows that are computed once and used several times, on disk what memory cannot hold."""
    rows.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        yield
    finally:
        rows.unpersist()
