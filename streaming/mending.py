"""What a repair would put in order: files read again, and the marts that come of it. Nothing is written here."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from streaming.bucket import Bucket, GoneError
from streaming.contract import columns as c
from streaming.contract.arrow import Rows
from streaming.contract.deliveries import Delivery, has_bytes_of
from streaming.contract.reasons import AbsenceReason
from streaming.contract.repairs import RepairOrder
from streaming.contract.settlements import FileReport
from streaming.facts import only_facts, only_rejects, reports
from streaming.incentives import incentive_entries
from streaming.lake import LakeVersions
from streaming.landing.tasks import checked_rows, known_at_once, read_only
from streaming.marts import customers_summed, per_customer_month, per_sales_person_month, team_summed
from streaming.ranking import ranked, store_month_of
from streaming.schema import mapped, persisted
from streaming.warehouse.batches import MartChanges
from streaming.warehouse.connection import connected
from streaming.warehouse.proofs import Entry, entries_of
from streaming.warehouse.repairs import Corrections, MonthsBefore, months_before
from streaming.world import Place

NOT_WHOLE = "not_read_whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """What a repair writes, and why some of its order is left as it is.

    entries: what the ledger knows of the deliveries in the order.
    facts, rejects: what reading the files again gave.
    corrections: what changes in the database.
    unreadable: deliveries that count, but whose bytes are not to be had: nothing of them, nor of their months, changes.
    """

    entries: Mapping[int, Entry]
    facts: DataFrame
    rejects: DataFrame
    corrections: Corrections
    before: MonthsBefore
    unreadable: Mapping[int, str]


@contextmanager
def mending(place: Place, order: RepairOrder, *, at: LakeVersions) -> Iterator[Mending]:
    """Read again what counts, leave out what does not, and reckon the marts of all months that this touches."""
    with connected(place.settings.warehouse) as database:
        entries = entries_of(database, order.deliveries)
    counting = [entry.delivery for entry in entries.values() if entry.has_sales]
    lost = dict(_lost(Bucket(place.settings.storage), counting))
    there = [each for each in counting if each.delivery_id not in lost]
    reads = {each.delivery_id for each in there}
    shares, knowledge = known_at_once(place.spark, place.settings, there, reads=reads)
    reading = read_only(shares, knowledge)
    read = reports(reading.tallies)
    unreadable = lost | dict(_unusable(read.values()))
    good = {each: report for each, report in read.items() if each not in unreadable}
    months = touched(order, entries, good, unreadable)
    gone = sorted(set(order.deliveries) - unreadable.keys())
    with connected(place.settings.warehouse) as database:
        before = months_before(database, months)
    standing = facts_without(place, gone, months=months, at=at)
    checked = without(checked_rows(shares, knowledge), unreadable)
    with persisted(checked):
        facts = mapped(checked, only_facts, c.FACTS)
        rejects = [refusal for refusal in reading.refusals if refusal["delivery_id"] not in unreadable]
        yield Mending(
            entries=entries,
            facts=facts,
            rejects=mapped(checked, only_rejects, c.REJECTS),
            corrections=Corrections(
                read=good,
                forgotten=[each for each in gone if each not in good],
                months=months,
                changes=marts_of(standing.unionByName(facts), months=months, before=before, rejects=rejects),
            ),
            before=before,
            unreadable=unreadable,
        )


def touched(
    order: RepairOrder, entries: Mapping[int, Entry], good: Mapping[int, FileReport], unreadable: Collection[int]
) -> list[str]:
    """The months whose marts are reckoned again: those of the order and of what is read, but not of what cannot be.

    Of a month with an unreadable delivery the marts may be all that is left.
    """
    months = set(order.months)
    for delivery_id, report in good.items():
        months |= {*report.sales_months, *entries[delivery_id].sales_months}
    spoilt = {month for delivery_id in unreadable for month in entries[delivery_id].sales_months}
    return sorted(months - spoilt)


def facts_without(place: Place, deliveries: Collection[int], *, months: Collection[str], at: LakeVersions) -> DataFrame:
    """The facts of some months as they stand, but for those of some deliveries."""
    facts = place.lake.all_facts(at=at).where(F.col("sales_month").isin(*months))
    return without(facts, deliveries)


def without(rows: DataFrame, deliveries: Collection[int]) -> DataFrame:
    """Rows but for those of some deliveries."""
    return rows.where(~F.col("delivery_id").isin(*deliveries)) if deliveries else rows


def marts_of(
    facts: DataFrame,
    *,
    months: Collection[str],
    before: MonthsBefore,
    rejects: Sequence[Mapping[str, object]],
) -> MartChanges:
    """Both marts of these months whole, and what payroll has to be told for it to come to the same."""
    whole = facts.where(F.col("sales_month").isin(*months)).transform(under_newest_names)
    team = ranked((), team_summed(mapped(whole, per_sales_person_month, c.TEAM_CHANGES).toArrow().to_pylist()))
    return MartChanges(
        customers=Rows(customers_summed([mapped(whole, per_customer_month, c.CUSTOMER_CHANGES).toArrow()])),
        store_months=sorted({store_month_of(row) for row in team}),
        team_before=before.team,
        team=team,
        incentives=incentive_entries(before.incentives, team, {}),
        rejects=rejects,
    )


def under_newest_names(facts: DataFrame) -> DataFrame:
    """The facts, with each customer and salesperson under the name that their newest sale of the month has."""
    age = F.struct("delivery_id", "line_number")
    customer = Window.partitionBy("customer_id", "sales_month")
    person = Window.partitionBy("store_id", "sales_month", "sales_person_id")
    everything = (Window.unboundedPreceding, Window.unboundedFollowing)
    return facts.withColumn(
        "customer_name", F.max_by("customer_name", age).over(customer.rowsBetween(*everything))
    ).withColumn("sales_person_name", F.max_by("sales_person_name", age).over(person.rowsBetween(*everything)))


def _lost(bucket: Bucket, deliveries: Iterable[Delivery]) -> Iterator[tuple[int, str]]:
    """Deliveries whose object is not there any more, or is another."""
    for delivery in deliveries:
        try:
            if not has_bytes_of(delivery, bucket.seen(delivery.read_key)):
                yield delivery.delivery_id, AbsenceReason.CHANGED_BEFORE_READ
        except GoneError:
            yield delivery.delivery_id, AbsenceReason.DELETED_BEFORE_READ


def _unusable(read: Iterable[FileReport]) -> Iterator[tuple[int, str]]:
    """Deliveries that counted once, and cannot be read as sales now."""
    for report in read:
        if report.reason is not None or report.rows_in_file != report.rows_loaded + report.rows_rejected:
            yield report.delivery_id, report.reason or NOT_WHOLE
