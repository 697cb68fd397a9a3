"""What a batch brings to lake and marts, and what it takes away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame

from streaming.contract.settlements import Settlement
from streaming.facts import only_facts, only_rejects, per_reason, under_heirs
from streaming.frames import Rows
from streaming.incentives import causes_of, incentive_entries
from streaming.lake import Lake, LakeVersions
from streaming.marts import changes, per_customer_month, per_sales_person_month
from streaming.ranking import ranked
from streaming.warehouse.batches import MartChanges
from streaming.warehouse.connection import connected
from streaming.warehouse.team import team_of_store_months
from streaming.world import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a batch brings: its checked rows, what was decided of them, and where the lake stood before."""

    batch_id: int
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
        """The facts that its corrections and withdrawals take away, None where there are none."""
        removed = self.settlement.removed
        return lake.facts_of(removed.keys(), at=self.before) if removed else None


def mart_changes(batch: Brought, place: Place) -> MartChanges:
    """What the batch adds to the marts and, where it corrects or withdraws, takes away."""
    changed = changes(batch.facts(place.lake), batch.removed(place.lake))
    customers = per_customer_month(changed).toArrow()
    sold: list[dict[str, object]] = per_sales_person_month(changed).toArrow().to_pylist()
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
    tallies: list[dict[str, object]] = per_reason(batch.checked, batch.settlement.loaded).toArrow().to_pylist()
    return tallies
