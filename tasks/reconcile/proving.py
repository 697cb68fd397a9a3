"""The proof: where files rest against the ledger, the ledger against the lake, the lake against the marts."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Self

from streaming.bucket import Bucket
from streaming.contract.settings import Settings
from streaming.warehouse.connection import connected, fetch
from streaming.warehouse.proofs import (
    Entry,
    ProofResult,
    ProvenUntil,
    all_entries,
    entries_of,
    ids_moved_since,
    ids_of_twins,
    ids_settled_since,
    is_unwritten,
    months_told,
    proven_until,
)
from tasks.reconcile.differences import NOTHING_SOLD, Difference, Kind, Sold
from tasks.reconcile.ledger import (
    Extent,
    LakeBooks,
    counting_twice,
    uncounted_duplicates,
    unlike_lake,
    without_batch,
)
from tasks.reconcile.looking import all_objects, first_look, objects_of, second_look
from tasks.reconcile.marts import unlike_facts
from tasks.reconcile.sums import LinesSeen
from tasks.reconcile.view import View, month_of_marts, view_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was read, and all that does not agree; `months` of a delivery are those that ledger or lake tell of."""

    is_full: bool
    until: ProvenUntil
    months_read: tuple[str, ...]
    deliveries: int
    facts: Sold
    differences: tuple[Difference, ...]
    months: Mapping[int, frozenset[str]]

    @property
    def result(self) -> ProofResult:
        """What is kept of it."""
        return ProofResult(
            is_full=self.is_full,
            until=self.until,
            deliveries=self.deliveries,
            facts=self.facts.rows,
            amount=self.facts.amount,
            differences=len(self.differences),
        )

    def __str__(self) -> str:
        how = "all" if self.is_full else "what is new"
        return (
            f"{how}: {self.deliveries:,} deliveries, {self.facts} facts in {len(self.months_read)} months, "
            f"{len(self.differences):,} differences"
        )


@dataclass(slots=True, kw_only=True)
class Reading:
    """What one proof reads, gathered step by step."""

    settings: Settings
    view: View
    since: ProvenUntil | None
    entries: dict[int, Entry]
    months: tuple[str, ...]
    extent: Extent
    books: LakeBooks = field(default_factory=LakeBooks)

    @classmethod
    def begun(cls, settings: Settings, view: View, *, full: bool) -> Self:
        """Decide what is to be read: all, or what is new since the newest proof without differences."""
        since = None if full else proven_until(view.database)
        if since is None:
            entries, extent = all_entries(view.database), Extent()
        else:
            entries = entries_of(view.database, ids_settled_since(view.database, since))
            extent = _new_part(since, view, entries)
        months = extent.months if extent.months is not None else view.facts.months() | months_told(view.database)
        return cls(
            settings=settings,
            view=view,
            since=since,
            entries=entries,
            months=tuple(sorted(months)),
            extent=extent,
        )

    @property
    def is_full(self) -> bool:
        """True when everything is read."""
        return self.since is None

    def lake_and_marts(self) -> Iterator[Difference]:
        """Month by month: the facts, and the marts that should be their sums."""
        lines = LinesSeen()
        for month in self.months:
            facts = self.view.facts.facts_of(month, lines)
            self.books.add_facts(facts.deliveries, month=month)
            yield from unlike_facts(month, facts, month_of_marts(self.view.database, month))
        self.books.rejects = self.view.rejects.rejects_of(self.extent.rejects_of, lines)
        self.books.repeated = lines.repeated

    def ledger(self) -> Iterator[Difference]:
        """The ledger, held against the lake and itself."""
        known = self.entries | self._others()
        yield from unlike_lake(known, self.books, self.extent)
        yield from without_batch(self.entries.values())
        yield from counting_twice(known.values(), self.settings.policy.duplicates)
        if self.is_full:
            yield from uncounted_duplicates(known)
        yield from self._abandoned()

    def objects(self) -> list[Difference]:
        """Where files rest, as far as one look can tell."""
        bucket, database = Bucket(self.settings.storage), self.view.database
        if self.since is None:
            return first_look(database, self.settings, self.entries, all_objects(bucket))
        entries = self.entries | entries_of(database, ids_moved_since(database, self.since))
        return first_look(database, self.settings, entries, objects_of(bucket, entries.values()))

    def told_months(self, delivery_ids: set[int]) -> dict[int, frozenset[str]]:
        """The months of some deliveries, by ledger and lake."""
        entries = entries_of(self.view.database, delivery_ids)
        by_ledger = {each: entries[each].sales_months if each in entries else frozenset() for each in delivery_ids}
        return {each: months | self.books.months.get(each, set()) for each, months in by_ledger.items()}

    def _others(self) -> dict[int, Entry]:
        """Deliveries that are not new, but have rows in what was read, or share keys or bytes with what is new."""
        database = self.view.database
        twins = ids_of_twins(database, self.entries) if not self.is_full else set[int]()
        return entries_of(database, (self.books.deliveries | twins) - self.entries.keys())

    def _abandoned(self) -> Iterator[Difference]:
        """The open batch, if it is still open after nobody was found to hold the lock."""
        with connected(self.settings.warehouse) as database:
            if self.view.open_batch is None or not is_unwritten(database, self.settings):
                return
            if any(row["batch_id"] == self.view.open_batch for row in fetch(database, "batches/open")):
                yield Difference(kind=Kind.ABANDONED_BATCH, key=f"batch {self.view.open_batch}")


def prove(settings: Settings, *, full: bool = False) -> Proof:
    """Hold the books against each other; nothing is changed.

    Args:
        settings: the environment.
        full: whether to read everything, or what is new since the newest proof that found no difference.

    Raises:
        ServiceAwayError: S3 or MySQL does not answer, or the lake never stands still.
    """
    with view_of(settings) as view:
        reading = Reading.begun(settings, view, full=full)
        differences = [*reading.lake_and_marts(), *reading.ledger()]
        suspicions = reading.objects()
        touched = {each.delivery_id for each in differences if each.delivery_id is not None}
        months = reading.told_months(touched)
    facts = reading.books.facts.values()
    return Proof(
        is_full=reading.is_full,
        until=_until(view),
        months_read=reading.months,
        deliveries=len(reading.entries),
        facts=Sold(sum(sold.rows for sold in facts), sum((sold.amount for sold in facts), NOTHING_SOLD.amount)),
        differences=(*second_look(settings, suspicions), *differences),
        months=months,
    )


def _new_part(since: ProvenUntil, view: View, entries: Mapping[int, Entry]) -> Extent:
    """The months in which files of the lake came or went, those of what is new, and the rejects of new files."""
    months = view.facts.months_since(since.facts_version).union(*(entry.sales_months for entry in entries.values()))
    rejects_of = entries.keys() | view.rejects.deliveries_since(since.rejects_version)
    return Extent(frozenset(months), frozenset(rejects_of))


def _until(view: View) -> ProvenUntil:
    return ProvenUntil(
        last_batch=view.last_batch,
        facts_version=view.facts.version,
        rejects_version=view.rejects.version,
        started_at=view.started_at,
    )
