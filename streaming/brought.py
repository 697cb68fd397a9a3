"""What a batch brings to lake and marts, and what it takes away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from streaming.contract.arrow import Rows
from streaming.contract.readings import Change, LaidFile, Parcel, Reading
from streaming.contract.settlements import Settlement
from streaming.facts import sold_of
from streaming.incentives import causes_of, incentive_entries
from streaming.lake import LakeVersions
from streaming.lake_actions import as_standing, log_path_of
from streaming.laying import Depot
from streaming.marts import customers_summed, team_summed
from streaming.ranking import ranked
from streaming.rewriting import Rewriting, Rewritten, rewritten
from streaming.warehouse.batches import MartChanges
from streaming.warehouse.connection import connected
from streaming.warehouse.team import team_of_store_months
from streaming.world import Place


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What a batch brings: what reading it came to, what was decided of it, and which files are written anew for it.

    replaced: those of the lake that held rows of deliveries which are corrected or withdrawn.
    sorted_out: those of this batch that held rows of deliveries which do not load.
    """

    reading: Reading
    settlement: Settlement
    replaced: Sequence[Rewritten]
    sorted_out: Sequence[Rewritten]

    @cached_property
    def facts(self) -> Change:
        """What becomes of the lake's facts."""
        laid = [file for parcel in _loaded(self.reading, self.settlement) for file in parcel.facts]
        return self._change(laid, of_facts=True)

    @cached_property
    def rejects(self) -> Change:
        """What becomes of the lake's rejects."""
        laid = [file for parcel in _loaded(self.reading, self.settlement) for file in parcel.rejects]
        return self._change(laid, of_facts=False)

    def _change(self, laid: Sequence[LaidFile], *, of_facts: bool) -> Change:
        replaced, sorted_out = (
            [each for each in some if each.was.of_facts is of_facts] for some in (self.replaced, self.sorted_out)
        )
        spoilt = {each.was.file.log_path for each in sorted_out}
        anew = [file for each in (*replaced, *sorted_out) for file in each.laid]
        return Change(
            added=[*(file for file in laid if log_path_of(file) not in spoilt), *anew],
            removed=[each.was.file for each in replaced],
        )


def brought_by(
    reading: Reading, settlement: Settlement, place: Place, *, at: LakeVersions, lay: bool = True
) -> Brought:
    """What a batch brings, once it is settled; files that it needs are laid, unless one only wants to know.

    Args:
        reading: what reading its deliveries came to.
        settlement: what becomes of them.
        place: where the lake is.
        at: where it stands.
        lay: False for a dry run.
    """
    depot, lake, removed = Depot.of(place.settings), place.lake, settlement.removed.keys()
    standing = [
        *(Rewriting(file=file, of_facts=True) for file in (lake.facts_with(removed, at=at) if removed else ())),
        *(Rewriting(file=file, of_facts=False) for file in (lake.rejects_with(removed, at=at) if removed else ())),
    ]
    left_out = left_out_of(reading, settlement)
    mixed = [
        Rewriting(file=as_standing(file), of_facts=of_facts)
        for parcel in _loaded(reading, settlement)
        if parcel.deliveries & left_out
        for of_facts, files in ((True, parcel.facts), (False, parcel.rejects))
        for file in files
    ]
    return Brought(
        reading=reading,
        settlement=settlement,
        replaced=rewritten(
            place.spark, standing, without=settlement.causes.keys(), heirs=settlement.heirs, depot=depot, lay=lay
        ),
        sorted_out=rewritten(place.spark, mixed, without=left_out, heirs={}, depot=depot, lay=lay),
    )


def left_out_of(reading: Reading, settlement: Settlement) -> frozenset[int]:
    """Deliveries that have rows in a batch and do not load."""
    with_rows = (parcel.deliveries for parcel in reading.parcels)
    return frozenset[int]().union(*with_rows).difference(settlement.loaded)


def _loaded(reading: Reading, settlement: Settlement) -> list[Parcel]:
    """The parcels with deliveries that load."""
    return [parcel for parcel in reading.parcels if not parcel.deliveries.isdisjoint(settlement.loaded)]


def unused(batch: Brought) -> tuple[list[LaidFile], list[LaidFile]]:
    """The facts and rejects of a batch, as files, that are in no version of the lake."""
    return (
        _not_in(batch.facts, (file for parcel in batch.reading.parcels for file in parcel.facts)),
        _not_in(batch.rejects, (file for parcel in batch.reading.parcels for file in parcel.rejects)),
    )


def _not_in(change: Change, laid: Iterable[LaidFile]) -> list[LaidFile]:
    added = {file.path for file in change.added}
    return [file for file in laid if file.path not in added]


def mart_changes(batch: Brought, place: Place) -> MartChanges:
    """What the batch adds to the marts and, where it corrects or withdraws, takes away."""
    left_out = left_out_of(batch.reading, batch.settlement)
    moved = [row for each in batch.replaced for row in each.gone.team]
    sold = team_summed([*sold_of(batch.reading.tallies, but_of=left_out), *moved])
    purchased = customers_summed(
        [
            *(parcel.customers for parcel in _loaded(batch.reading, batch.settlement)),
            *(each.gone.customers for each in (*batch.replaced, *batch.sorted_out)),
        ]
    )
    causes = causes_of(sold, batch.settlement.causes)
    store_months = sorted(causes)
    with connected(place.settings.warehouse) as database:
        before = team_of_store_months(database, store_months)
    after = ranked(before, sold)
    return MartChanges(
        customers=Rows(purchased.sort_by("purchases")),  # the mart keeps the last name: a new one
        store_months=store_months,
        team_before=before,
        team=after,
        incentives=incentive_entries(before, after, causes),
        rejects=[refusal for refusal in batch.reading.refusals if refusal["delivery_id"] not in left_out],
    )
