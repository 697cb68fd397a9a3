"""What a run would change, found out by walking its rows without writing: nothing is entered, nothing is locked."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from streaming.brought import brought_by, mart_changes
from streaming.bucket import Bucket
from streaming.contract.decisions import settle, to_read
from streaming.contract.deliveries import Delivery, Selection, Verdict
from streaming.contract.plans import Plan, PlannedDelivery, PlannedMonth
from streaming.contract.settings import Settings
from streaming.contract.settlements import Ledger, Settlement
from streaming.facts import reports
from streaming.lake import LakeVersions
from streaming.landing.tasks import known_at_once, read_only
from streaming.warehouse.attempts import eligible
from streaming.warehouse.batches import MartChanges, open_batches
from streaming.warehouse.connection import Database, Row, connected, fetch
from streaming.warehouse.ledger import (
    arrival_row,
    delivery_of_row,
    is_selected,
    known_about,
    new_arrivals,
    newest_id,
    waiting,
)
from streaming.world import Place

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a run is to do: load what waits and fits the selection, unless that is None; load again; take out."""

    selection: Selection | None = None
    redrives: tuple[int, ...] = ()
    withdrawals: tuple[int, ...] = ()


def plan(place: Place, order: Order) -> Plan:
    """What carrying out the order now would end in."""
    settings = place.settings
    with connected(settings.warehouse) as database:
        last = newest_id(database)
        deliveries = provisional(database, settings, order, last=last)
        ledger = known_about(database, deliveries)
    if not deliveries:
        return Plan(deliveries=(), months=())
    policy, most_crashes = settings.policy.duplicates, settings.limits.crashes_per_file
    reads = to_read(deliveries, ledger.counted, policy=policy, most_crashes=most_crashes)
    reading = read_only(*known_at_once(place.spark, settings, deliveries, reads=reads))
    settlement = settle(deliveries, ledger, reports(reading.tallies), policy=policy)
    before = versions_before(place) if settlement.removed else LakeVersions(facts=0, rejects=0)
    changes = mart_changes(brought_by(reading, settlement, place, at=before, lay=False), place)
    told = [*fates(deliveries, settlement, last=last), *losses(settings, settlement, ledger)]
    return Plan(deliveries=tuple(told), months=tuple(months_of(changes)))


def provisional(database: Database, settings: Settings, order: Order, *, last: int) -> list[Delivery]:
    """The deliveries of the batch that would carry out the order; those that are new have ids after the last."""
    found = [] if order.selection is None else _what_waits(database, settings, order.selection, last=last)
    further = [
        *((d, None) for d in eligible(database, order.redrives, lambda d: d.is_worth_redriving)),
        *((d, d.delivery_id) for d in eligible(database, order.withdrawals, lambda d: d.is_withdrawable)),
    ]
    start = max([last, *(delivery.delivery_id for delivery in found)]) + 1
    return [
        *found,
        *(_attempt(d, number=number, withdraws=target) for number, (d, target) in enumerate(further, start)),
    ]


def _what_waits(database: Database, settings: Settings, selection: Selection, *, last: int) -> list[Delivery]:
    """The waiting deliveries that are selected, and the arrivals that would be entered and selected."""
    prefix = settings.storage.prefixes.landing
    entered = list(waiting(database, after=0, until=last, selection=selection, prefix=prefix))
    arrivals = new_arrivals(database, list(Bucket(settings.storage).listing(prefix)))
    rows: Iterable[Row] = ({**arrival_row(a), "delivery_id": n} for n, a in enumerate(arrivals, last + 1))
    return [*entered, *(delivery_of_row(row) for row in rows if is_selected(row, selection, prefix))]


def _attempt(delivery: Delivery, *, number: int, withdraws: int | None) -> Delivery:
    """The next attempt at a delivery; it reads from landing what does not rest elsewhere yet."""
    return replace(
        delivery,
        delivery_id=number,
        attempt=delivery.attempt + 1,
        arrival_id=delivery.version[0],
        withdraws=withdraws,
    )


def versions_before(place: Place) -> LakeVersions:
    """Where the lake stands, less what an open batch may have written."""
    if opened := open_batches(place.settings):
        return LakeVersions(facts=opened[0].facts_version, rejects=opened[0].rejects_version)
    return place.lake.versions()


def fates(deliveries: Sequence[Delivery], settlement: Settlement, *, last: int) -> Iterator[PlannedDelivery]:
    """What would become of each delivery that waits or would wait."""
    for delivery, verdict in zip(deliveries, settlement.verdicts, strict=True):
        yield _fate(delivery, verdict, delivery_id=delivery.delivery_id if delivery.delivery_id <= last else None)


def _fate(delivery: Delivery, verdict: Verdict, *, delivery_id: int | None) -> PlannedDelivery:
    return PlannedDelivery(
        delivery_id=delivery_id,
        object_key=delivery.object_key,
        becomes=str(verdict.status),
        reason=str(verdict.reason) if verdict.reason else None,
        rows_loaded=verdict.rows_loaded,
        rows_rejected=verdict.rows_rejected,
        amount=verdict.amount_loaded,
    )


def losses(settings: Settings, settlement: Settlement, ledger: Ledger) -> Iterator[PlannedDelivery]:
    """The deliveries that count now, or are duplicates, and would not be any more."""
    counted = {c.delivery.delivery_id for c in settlement.removed}
    causes = settlement.superseded.keys() | settlement.withdrawn.keys()
    lost = {d.delivery_id: d for d in ledger.holders if d.delivery_id in causes}
    figures = _figures(settings, counted)
    for delivery_id, delivery in sorted(lost.items()):
        rows_loaded, rows_rejected, amount = figures.get(delivery_id, (0, 0, NOTHING))
        yield PlannedDelivery(
            delivery_id=delivery_id,
            object_key=delivery.object_key,
            becomes="superseded" if delivery_id in settlement.superseded else "withdrawn",
            rows_loaded=-rows_loaded,
            rows_rejected=-rows_rejected,
            amount=-amount,
        )


def _figures(settings: Settings, delivery_ids: Iterable[int]) -> dict[int, tuple[int, int, Decimal]]:
    ids = tuple(delivery_ids)
    with connected(settings.warehouse) as database:
        rows = fetch(database, "deliveries/figures", delivery_ids=ids) if ids else []
    return {
        int(str(row["delivery_id"])): (
            int(str(row["rows_loaded"])),
            int(str(row["rows_rejected"])),
            Decimal(str(row["amount_loaded"])),
        )
        for row in rows
    }


def months_of(changes: MartChanges) -> Iterator[PlannedMonth]:
    """By how much each month of both marts would change."""
    customers = _sums(changes.customers, sales="purchases", amount="total_purchases")
    before, after = (
        _sums(team, sales="sales", amount="total_sales", incentive="incentive")
        for team in (changes.team_before, changes.team)
    )
    for month, (sales, amount, _) in sorted(customers.items()):
        yield PlannedMonth(mart="customer_mart", sales_month=month, sales=int(sales), amount=amount)
    for month in sorted(before.keys() | after.keys()):
        sales, amount, incentive = (new - old for new, old in zip(after[month], before[month], strict=True))
        yield PlannedMonth(
            mart="sales_team_mart", sales_month=month, sales=int(sales), amount=amount, incentive=incentive
        )


def _sums(
    rows: Iterable[Mapping[str, object]], *, sales: str, amount: str, incentive: str | None = None
) -> defaultdict[str, tuple[Decimal, Decimal, Decimal]]:
    """Sales, money and incentives by month."""
    sums: defaultdict[str, tuple[Decimal, Decimal, Decimal]] = defaultdict(lambda: (NOTHING, NOTHING, NOTHING))
    for row in rows:
        figures = (row[sales], row[amount], row[incentive] if incentive else 0)
        month = str(row["sales_month"])
        sums[month] = tuple(  # type: ignore[assignment]  # three go in, three come out
            old + Decimal(str(figure)) for old, figure in zip(sums[month], figures, strict=True)
        )
    return sums
