"""The corridor: a batch walks from landing to the marts; it knows the order of the rooms and nothing else."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    settlement = decide(read, world)
    versions = world.lake.versions()
    batch_id = open_batch(world.settings, world.writer, settlement, versions=(versions.facts, versions.rejects))
    with logging_about(batch=batch_id):
        with stages.timed("marts"):
            brought = mart_changes(checked, settlement, world)
        with stages.timed("lake"):
            write_lake(checked, settlement, world.lake)
        with stages.timed("commit"):
            sums = commit_batch(world.settings, world.writer, batch_id, settlement, brought, stages=stages.seconds)
        log.info("%s; %s", sums, stages.seconds)
    return sums


def decide(read: Mapping[int, FileReport], world: World) -> Settlement:
    """What becomes of each delivery, given what reading it showed and what the ledger counts already."""
    with connected(world.settings.warehouse) as database:
        deliveries = deliveries_of(database, read)
        of_same_key = counted_with_key(database, deliveries)
        counted = {*counted_with_content(database, deliveries), *of_same_key}
        duplicates = living_duplicates(database, of_same_key)
    return settle(deliveries, counted, read, duplicates=duplicates)


def facts_to_add(checked: DataFrame, settlement: Settlement, lake: Lake) -> DataFrame:
    """The facts of what loads, and those that go on under another delivery."""
    facts = only_facts(checked, settlement.loaded)
    if not settlement.inherited:
        return facts
    return facts.unionByName(under_heirs(lake.facts_of(settlement.inherited.keys()), settlement.heirs))


def rejects_to_add(checked: DataFrame, settlement: Settlement, lake: Lake) -> DataFrame:
    """The rejects of what loads, and those that go on under another delivery."""
    rejects = only_rejects(checked, settlement.loaded)
    if not settlement.inherited:
        return rejects
    return rejects.unionByName(under_heirs(lake.rejects_of(settlement.inherited.keys()), settlement.heirs))


def mart_changes(checked: DataFrame, settlement: Settlement, world: World) -> MartChanges:
    """What the batch adds to the marts and, where it corrects, takes away."""
    superseded = settlement.superseded
    removed = world.lake.facts_of(superseded.keys()) if superseded else None
    changed = changes(facts_to_add(checked, settlement, world.lake), removed)
    customers = per_customer_month(changed).toArrow()
    team = per_sales_person_month(changed).toArrow()
    store_months = sorted({(row["store_id"], row["sales_month"]) for row in team.to_pylist()})
    with connected(world.settings.warehouse) as database:
        standing = team_of_store_months(database, store_months)
    rank = ranked(frame_of(world.spark, standing, TEAM_TOTALS), frame_of_table(world.spark, team))
    return MartChanges(
        customers=Rows(customers),
        store_months=store_months,
        team=rank.toArrow().to_pylist() if store_months else (),
        rejects=per_reason(only_rejects(checked, settlement.loaded)).toArrow().to_pylist(),
    )


def write_lake(checked: DataFrame, settlement: Settlement, lake: Lake) -> None:
    """Facts and rejects of what loads; what they replace goes in the same commit."""
    replacing = settlement.superseded.keys()
    if settlement.rows_loaded or replacing:
        facts = facts_to_add(checked, settlement, lake)
        lake.add_facts(facts, rows=settlement.rows_loaded, replacing=replacing)
    if settlement.rows_rejected or replacing:
        lake.add_rejects(rejects_to_add(checked, settlement, lake), replacing=replacing)


@contextmanager
def persisted(rows: DataFrame) -> Iterator[None]:
    """Keep rows that are computed once and used several times, on disk what memory cannot hold."""
    rows.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        yield
    finally:
        rows.unpersist()
