"""What a batch brings to lake and marts, and what it takes away."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from streaming.contract import columns as c
from streaming.contract.settlements import Settlement
from streaming.facts import Tally, only_facts, only_rejects, per_reason, sold_of, under_heirs
from streaming.frames import Rows
from streaming.incentives import causes_of, incentive_entries
from streaming.lake import ROWS_PER_TASK, Lake, LakeVersions
from streaming.marts import added, per_customer_month, per_sales_person_month, removed
from streaming.ranking import ranked
from streaming.schema import persisted
from streaming.warehouse.batches import MartChanges
from streaming.warehouse.connection import connected
from streaming.warehouse.team import team_of_store_months
from streaming.world import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a batch brings: its checked rows, what was decided of them, and where the lake stood before.

    `tallies` are the checked rows counted by `facts.tallied`; `gone` are the facts that corrections and withdrawals
    take away, None where there are none.
    """

    batch_id: int
    checked: DataFrame
    tallies: Sequence[Tally]
    settlement: Settlement
    before: LakeVersions
    gone: DataFrame | None

    @property
    def left_out(self) -> set[int]:
        """Deliveries that have rows here and do not load: files that turned out bad half-way."""
        with_rows = {tally["delivery_id"] for tally in self.tallies if tally["reason_codes"] is not None}
        return with_rows.difference(self.settlement.loaded)

    def loaded(self) -> DataFrame:
        """The facts of what loads."""
        return only_facts(self.checked, but_of=self.left_out)

    def facts(self) -> DataFrame:
        """The facts of what loads, and those that go on under another delivery."""
        facts, inherited = self.loaded(), self._inherited()
        return facts if inherited is None else facts.unionByName(inherited)

    def rejects(self, lake: Lake) -> DataFrame:
        """The rejects of what loads, and those that go on under another delivery."""
        rejects = only_rejects(self.checked, but_of=self.left_out)
        if not self.settlement.inherited:
            return rejects
        inherited = lake.rejects_of(self.settlement.inherited.keys(), at=self.before)
        return rejects.unionByName(under_heirs(inherited, self.settlement.heirs))

    def moved(self) -> DataFrame | None:
        """The facts that are gone, and those of them that go on, with their `sign`."""
        if self.gone is None:
            return None
        gone, inherited = removed(self.gone), self._inherited()
        return gone if inherited is None else gone.unionByName(added(inherited))

    def places(self) -> set[tuple[str, int]]:
        """The months and stores of the facts that are gone."""
        if self.gone is None:
            return set()
        places = self.gone.select(*c.FACTS_PARTITIONS).distinct().collect()
        return {(place.sales_month, place.store_id) for place in places}

    def _inherited(self) -> DataFrame | None:
        heirs = self.settlement.heirs
        if self.gone is None or not heirs:
            return None
        return self.gone.where(F.col("delivery_id").isin(*heirs)).transform(under_heirs, heirs)


@contextmanager
def facts_gone(settlement: Settlement, lake: Lake, *, at: LakeVersions) -> Iterator[DataFrame | None]:
    """The facts that corrections and withdrawals take away, read once and kept; None where there are none."""
    if not settlement.removed:
        yield None
        return
    gone = lake.facts_of(settlement.removed.keys(), at=at)
    with persisted(gone):
        yield gone


def mart_changes(batch: Brought, place: Place) -> MartChanges:
    """What the batch adds to the marts and, where it corrects or withdraws, takes away."""
    sold, moved = sold_of(batch.tallies, but_of=batch.left_out), batch.moved()
    are_few = batch.settlement.rows_loaded < ROWS_PER_TASK  # in one task they are added up without a shuffle
    changed = added(batch.loaded().coalesce(1) if are_few else batch.loaded())
    if moved is not None:
        changed = changed.unionByName(moved)
        sold += per_sales_person_month(moved).toArrow().to_pylist()
    customers = per_customer_month(changed).toArrow().sort_by("purchases")  # the mart keeps the last name: a new one
    causes = causes_of(sold, batch.settlement.causes)
    store_months = sorted(causes)
    with connected(place.settings.warehouse) as database:
        before = team_of_store_months(database, store_months)
    after = ranked(before, sold)
    return MartChanges(
        customers=Rows(customers),
        store_months=store_months,
        team_before=before,
        team=after,
        incentives=incentive_entries(before, after, causes),
        rejects=refused_rows(batch),
    )


def refused_rows(batch: Brought) -> Sequence[Mapping[str, object]]:
    """Why rows of the batch were refused, as `contract.columns.REJECT_TALLIES`."""
    if not batch.settlement.rows_rejected:
        return ()
    tallies: list[dict[str, object]] = per_reason(batch.checked, but_of=batch.left_out).toArrow().to_pylist()
    return tallies
