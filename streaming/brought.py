"""What a batch brings to lake and marts, and what it takes away."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from streaming.contract import columns as c
from streaming.contract.arrow import Rows
from streaming.contract.readings import Parcel, Reading
from streaming.contract.settlements import Settlement
from streaming.facts import sold_of
from streaming.incentives import causes_of, incentive_entries
from streaming.lake import Lake, LakeVersions
from streaming.marts import (
    TeamChange,
    customers_summed,
    per_customer_month,
    per_sales_person_month,
    taken_away,
    team_summed,
)
from streaming.ranking import ranked
from streaming.schema import mapped, persisted
from streaming.warehouse.batches import MartChanges
from streaming.warehouse.connection import connected
from streaming.warehouse.team import team_of_store_months
from streaming.world import Place


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What a batch brings: what reading it came to, what was decided of it, and where the lake stood before.

    `gone` are the facts that corrections and withdrawals take away, None where there are none.
    """

    batch_id: int
    lake: Lake
    reading: Reading
    settlement: Settlement
    before: LakeVersions
    gone: DataFrame | None

    @cached_property
    def left_out(self) -> frozenset[int]:
        """Deliveries that have rows here and do not load."""
        with_rows = (parcel.deliveries for parcel in self.reading.parcels)
        return frozenset[int]().union(*with_rows).difference(self.settlement.loaded)

    @cached_property
    def loaded(self) -> Sequence[Parcel]:
        """The parcels with deliveries that load."""
        return [parcel for parcel in self.reading.parcels if not parcel.deliveries <= self.left_out]

    @cached_property
    def mixed(self) -> Sequence[Parcel]:
        """Those of them that also hold rows of deliveries that do not."""
        return [parcel for parcel in self.loaded if parcel.deliveries & self.left_out]

    @property
    def is_as_laid(self) -> bool:
        """True when the files of what loads are what is new in the lake, and nothing in it goes."""
        return not self.mixed and not self.settlement.causes

    def laid(self, parcels: Sequence[Parcel]) -> DataFrame:
        """The facts of what loads, of some parcels."""
        facts = self.lake.laid_facts([file for parcel in parcels for file in parcel.facts])
        return without(facts, self.left_out)

    def facts(self) -> DataFrame:
        """The facts of what loads, and those that go on under another delivery."""
        facts, inherited = self.laid(self.loaded), self.inherited()
        return facts if inherited is None else facts.unionByName(inherited)

    def rejects(self) -> DataFrame:
        """The rejects of what loads, and those that go on under another delivery."""
        laid = self.lake.laid_rejects([file for parcel in self.loaded for file in parcel.rejects])
        rejects = without(laid, self.left_out)
        if not self.settlement.inherited:
            return rejects
        inherited = self.lake.rejects_of(self.settlement.inherited.keys(), at=self.before)
        return rejects.unionByName(under_heirs(inherited, self.settlement.heirs))

    def inherited(self) -> DataFrame | None:
        """The facts that are gone and go on under another delivery, None where there are none."""
        heirs = self.settlement.heirs
        if self.gone is None or not heirs:
            return None
        return self.gone.where(F.col("delivery_id").isin(*heirs)).transform(under_heirs, heirs)

    def places(self) -> set[tuple[str, int]]:
        """The months and stores of the facts that are gone."""
        if self.gone is None:
            return set()
        places = self.gone.select(*c.FACTS_PARTITIONS).distinct().collect()
        return {(place.sales_month, place.store_id) for place in places}

    def unused(self) -> Sequence[Parcel]:
        """The parcels whose files no version of the lake will hold."""
        return [parcel for parcel in self.reading.parcels if not self.is_as_laid or parcel.deliveries <= self.left_out]


@contextmanager
def facts_gone(settlement: Settlement, lake: Lake, *, at: LakeVersions) -> Iterator[DataFrame | None]:
    """The facts that corrections and withdrawals take away, read once and kept; None where there are none."""
    if not settlement.removed:
        yield None
        return
    gone = lake.facts_of(settlement.removed.keys(), at=at)
    with persisted(gone):
        yield gone


def without(rows: DataFrame, deliveries: Collection[int]) -> DataFrame:
    """Rows but for those of some deliveries."""
    return rows.where(~F.col("delivery_id").isin(*deliveries)) if deliveries else rows


def under_heirs(rows: DataFrame, heirs: Mapping[int, int]) -> DataFrame:
    """The same facts or rejects as rows of the deliveries that inherit them: old delivery id to new."""
    heir = F.coalesce(*(F.when(F.col("delivery_id") == old, F.lit(new)) for old, new in heirs.items()))
    return rows.withColumn("delivery_id", heir.cast("BIGINT"))


def mart_changes(batch: Brought, place: Place) -> MartChanges:
    """What the batch adds to the marts and, where it corrects or withdraws, takes away."""
    sold = team_summed([*sold_of(batch.reading.tallies, but_of=batch.left_out), *_team_moved(batch)])
    causes = causes_of(sold, batch.settlement.causes)
    store_months = sorted(causes)
    with connected(place.settings.warehouse) as database:
        before = team_of_store_months(database, store_months)
    after = ranked(before, sold)
    return MartChanges(
        customers=Rows(_purchased(batch)),
        store_months=store_months,
        team_before=before,
        team=after,
        incentives=incentive_entries(before, after, causes),
        rejects=[refusal for refusal in batch.reading.refusals if refusal["delivery_id"] not in batch.left_out],
    )


def _purchased(batch: Brought) -> pa.Table:
    """As `contract.columns.CUSTOMER_CHANGES`; the mart keeps the last name, which must be a new one."""
    changes = [parcel.customers for parcel in batch.loaded if parcel not in batch.mixed]
    changes += [customers_of(batch.laid(batch.mixed))] if batch.mixed else []
    if batch.gone is not None:
        inherited = batch.inherited()
        changes += [taken_away(customers_of(batch.gone)), *([] if inherited is None else [customers_of(inherited)])]
    return customers_summed(changes).sort_by("purchases")


def _team_moved(batch: Brought) -> list[TeamChange]:
    """As `contract.columns.TEAM_CHANGES`: the facts that are gone, and those of them that go on."""
    if batch.gone is None:
        return []
    inherited = batch.inherited()
    gone = taken_away(team_of(batch.gone)).to_pylist()
    return [*gone, *([] if inherited is None else team_of(inherited).to_pylist())]


def customers_of(facts: DataFrame) -> pa.Table:
    """What facts in the lake come to, as `contract.columns.CUSTOMER_CHANGES`."""
    return customers_summed([mapped(facts, per_customer_month, c.CUSTOMER_CHANGES).toArrow()])


def team_of(facts: DataFrame) -> pa.Table:
    """The same, as `contract.columns.TEAM_CHANGES`, in parts."""
    return mapped(facts, per_sales_person_month, c.TEAM_CHANGES).toArrow()
