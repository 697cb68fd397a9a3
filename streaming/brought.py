"""What a batch brings to lake and marts, and what it takes away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from streaming.contract.settlements import Settlement
from streaming.facts import Tally, only_facts, only_rejects, per_reason, sold_of, under_heirs
from streaming.frames import Rows
from streaming.incentives import causes_of, incentive_entries
from streaming.lake import Lake, LakeVersions, gathered
from streaming.marts import added, per_customer_month, per_sales_person_month, removed
from streaming.ranking import ranked
from streaming.warehouse.batches import MartChanges
from streaming.warehouse.connection import connected
from streaming.warehouse.team import team_of_store_months
from streaming.world import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a batch brings: its checked rows, what was decided of them, and where the lake stood before.

    `tallies` are the checked rows counted by `facts.tallied`.
    """

    batch_id: int
    checked: DataFrame
    tallies: Sequence[Tally]
    settlement: Settlement
    before: LakeVersions

    @property
    def left_out(self) -> set[int]:
        """Deliveries that have rows here and do not load: files that turned out bad half-way."""
        with_rows = {tally["delivery_id"] for tally in self.tallies if tally["reason_codes"] is not None}
        return with_rows.difference(self.settlement.loaded)

    def facts(self, lake: Lake) -> DataFrame:
        """The facts of what loads, and those that go on under another delivery."""
        facts = only_facts(self.checked, but_of=self.left_out)
        return facts.unionByName(self._inherited(lake)) if self.settlement.inherited else facts

    def rejects(self, lake: Lake) -> DataFrame:
        """The rejects of what loads, and those that go on under another delivery."""
        rejects = only_rejects(self.checked, but_of=self.left_out)
        if not self.settlement.inherited:
            return rejects
        inherited = lake.rejects_of(self.settlement.inherited.keys(), at=self.before)
        return rejects.unionByName(under_heirs(inherited, self.settlement.heirs))

    def moved(self, lake: Lake) -> DataFrame | None:
        """The facts that its corrections and withdrawals take away, and those that go on, with their `sign`."""
        if not self.settlement.removed:
            return None
        gone = removed(lake.facts_of(self.settlement.removed.keys(), at=self.before))
        return gone.unionByName(added(self._inherited(lake))) if self.settlement.inherited else gone

    def _inherited(self, lake: Lake) -> DataFrame:
        inherited = lake.facts_of(self.settlement.inherited.keys(), at=self.before)
        return under_heirs(inherited, self.settlement.heirs)


def mart_changes(batch: Brought, place: Place) -> MartChanges:
    """What the batch adds to the marts and, where it corrects or withdraws, takes away."""
    sold, moved = sold_of(batch.tallies, but_of=batch.left_out), batch.moved(place.lake)
    facts = only_facts(batch.checked, but_of=batch.left_out)
    changed = added(gathered(facts, rows=batch.settlement.rows_loaded))
    if moved is not None:
        changed = changed.unionByName(moved)
        sold += per_sales_person_month(moved).toArrow().to_pylist()
    customers = per_customer_month(changed).toArrow()
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
