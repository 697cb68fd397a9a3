"""What counts as a difference, without S3, MySQL or a lake; each plan is given the books as data."""

from datetime import datetime
from decimal import Decimal

import pytest

from streaming.contract.deliveries import Arrival, Delivery, Status
from streaming.contract.reasons import CONTROL_TOTALS, AbsenceReason
from streaming.contract.repairs import RepairOrder
from streaming.contract.sections import Prefixes
from streaming.warehouse.proofs import Entry, ProvenUntil
from tasks.reconcile.differences import NOTHING_SOLD, Difference, Kind, Sold
from tasks.reconcile.ledger import Extent, LakeBooks, counting_twice, uncounted_duplicates, unlike_lake
from tasks.reconcile.objects import Objects, delivery_in, differing_objects
from tasks.reconcile.proving import Proof
from tasks.reconcile.repairing import order_for
from tasks.reconcile.restoring import Deed, deeds_for

PREFIXES = Prefixes()
THEN = datetime(2026, 3, 1, 12)  # noqa: DTZ001  as MySQL's DATETIME keeps it
ETAG, OTHER_ETAG = "a" * 32, "b" * 32
IN_PARTS = f"{'c' * 32}-3"
MARCH = "2026-03"


def entry(  # noqa: PLR0913  one row of the ledger, all but the id as most rows have it
    number: int,
    *,
    key: str = "a.csv",
    etag: str = ETAG,
    status: Status = Status.PROCESSED,
    rests_at: str | None = None,
    is_archived: bool = False,
    reason: str | None = None,
    duplicate_of: int | None = None,
    rows: tuple[int, int] = (0, 0),
    amount: str = "0.00",
    months: tuple[str, ...] = (),
) -> Entry:
    delivery = Delivery(
        delivery_id=number, object_key=f"landing/{key}", etag=etag, size_bytes=9, status=status, rests_at=rests_at
    )
    return Entry(
        delivery=delivery,
        last_modified=THEN,
        reason=reason,
        duplicate_of=duplicate_of,
        is_archived=is_archived or rests_at is not None,
        rows_read=sum(rows),
        rows_loaded=rows[0],
        rows_rejected=rows[1],
        amount_loaded=Decimal(amount),
        sales_months=frozenset(months),
    )


def seen(key: str, *, etag: str = ETAG, size: int = 9, at: datetime = THEN) -> Arrival:
    return Arrival(object_key=key, etag=etag, size_bytes=size, last_modified=at)


def objects(*arrivals: Arrival) -> Objects:
    by_key = {each.object_key: each for each in arrivals}
    landing = {key for key in by_key if key.startswith("landing/")}
    return Objects(
        landing={key: by_key[key] for key in landing}, resting={key: by_key[key] for key in by_key.keys() - landing}
    )


def misplaced(one: Entry, *arrivals: Arrival, newest: int | None = None) -> list[tuple[Kind, int | None, str]]:
    found = differing_objects(
        {one.delivery.delivery_id: one},
        objects(*arrivals),
        newest={one.delivery.object_key: newest or one.delivery.delivery_id},
        prefixes=PREFIXES,
    )
    return [(each.kind, each.delivery_id, each.key) for each in found]


LANDED, RESTING = "landing/a.csv", "archive/7/a.csv"
LATER = datetime(2026, 3, 2, 12)  # noqa: DTZ001  the same


@pytest.mark.parametrize(
    ("one", "arrivals"),
    [
        (entry(7, rests_at=RESTING), (seen(RESTING),)),
        (entry(7, rests_at=RESTING), (seen(RESTING, etag=IN_PARTS),)),
        (entry(7, rests_at=RESTING), (seen(RESTING), seen(LANDED, at=LATER))),
        (entry(7, is_archived=True), ()),
        (entry(7), (seen(LANDED),)),
        (entry(7), (seen(LANDED, etag=OTHER_ETAG),)),
        (entry(7), (seen(RESTING),)),
        (entry(7, status=Status.WAITING), ()),
        (entry(7, status=Status.WITHDRAWN, reason=AbsenceReason.DELETED_BEFORE_READ), ()),
    ],
    ids=[
        "archived",
        "archived in parts",
        "put again since",
        "gone before it was archived",
        "still in landing",
        "overwritten in landing",
        "moved, not noted yet",
        "waiting, deleted by the store",
        "deleted before it was read",
    ],
)
def test_an_object_in_its_one_place_is_no_difference(one: Entry, arrivals: tuple[Arrival, ...]) -> None:
    assert misplaced(one, *arrivals) == []


def test_a_delivery_replaced_under_its_key_need_not_lie_there() -> None:
    assert misplaced(entry(7), newest=8) == []
    assert misplaced(entry(7)) == [(Kind.MISSING_OBJECT, 7, RESTING)]


def test_objects_that_are_lost_altered_doubled_or_foreign_are_named() -> None:
    archived = entry(7, rests_at=RESTING)
    assert misplaced(archived) == [(Kind.MISSING_OBJECT, 7, RESTING)]
    assert misplaced(archived, seen(RESTING, etag=OTHER_ETAG)) == [(Kind.ALTERED_OBJECT, 7, RESTING)]
    assert misplaced(archived, seen(RESTING, etag=IN_PARTS, size=8)) == [(Kind.ALTERED_OBJECT, 7, RESTING)]
    assert misplaced(archived, seen(RESTING), seen(LANDED)) == [(Kind.TWO_PLACES, 7, RESTING)]
    assert misplaced(entry(7), seen(RESTING), seen(LANDED)) == [(Kind.TWO_PLACES, 7, RESTING)]
    assert misplaced(entry(7), seen(LANDED), seen("archive/8/b.csv")) == [
        (Kind.FOREIGN_OBJECT, None, "archive/8/b.csv")
    ]


@pytest.mark.parametrize(("key", "number"), [("archive/12/a/b.csv", 12), ("quarantine/3/x", 3), ("archive/x/1", None)])
def test_a_key_says_whose_object_it_is(key: str, number: int | None) -> None:
    assert delivery_in(key, PREFIXES) == number


def books(facts: dict[int, Sold], rejects: dict[int, int] | None = None) -> LakeBooks:
    kept = LakeBooks(rejects=rejects or {})
    kept.add_facts(facts, month=MARCH)
    return kept


TWO_SALES = Sold(2, Decimal("10.00"))


@pytest.mark.parametrize(
    ("facts", "rejects", "kinds"),
    [
        ({7: TWO_SALES}, {7: 1}, set()),
        ({7: Sold(1, Decimal("10.00"))}, {7: 1}, {Kind.FACTS}),
        ({7: Sold(2, Decimal("9.99"))}, {7: 1}, {Kind.FACTS}),
        ({7: TWO_SALES}, {}, {Kind.REJECTS}),
        ({}, {}, {Kind.FACTS, Kind.REJECTS}),
        ({7: TWO_SALES, 9: TWO_SALES}, {7: 1, 9: 2}, {Kind.STRAY_FACTS, Kind.STRAY_REJECTS}),
    ],
)
def test_the_lake_holds_what_the_ledger_says_and_nothing_else(
    facts: dict[int, Sold], rejects: dict[int, int], kinds: set[Kind]
) -> None:
    one = entry(7, rows=(2, 1), amount="10.00", months=(MARCH,))
    assert {each.kind for each in unlike_lake({7: one}, books(facts, rejects), Extent())} == kinds


def test_facts_in_another_month_than_the_ledger_says_are_a_difference() -> None:
    one = entry(7, rows=(2, 0), amount="10.00", months=("2026-04",))
    (found,) = unlike_lake({7: one}, books({7: TWO_SALES}), Extent())
    assert (found.kind, found.delivery_id) == (Kind.FACTS, 7)
    assert found.text == (
        "facts: delivery 7: the lake has other facts than the ledger says "
        "(expected 2 for 10.00 in 2026-04, found 2 for 10.00 in 2026-03)"
    )


def test_rows_of_deliveries_that_do_not_count_are_strays() -> None:
    for status in set(Status) - {Status.PROCESSED}:
        (found,) = unlike_lake({7: entry(7, status=status)}, books({7: TWO_SALES}), Extent())
        assert (found.kind, found.delivery_id, found.key) == (Kind.STRAY_FACTS, 7, str(status))


def test_what_was_not_read_is_not_judged() -> None:
    one = entry(7, rows=(2, 1), amount="10.00", months=(MARCH, "2026-04"))
    part = Extent(months=frozenset({MARCH}), rejects_of=frozenset({8}))
    assert list(unlike_lake({7: one}, books({7: Sold(1, Decimal("5.00"))}), part)) == []


def test_of_a_key_and_of_the_same_bytes_one_delivery_counts() -> None:
    same_key, same_bytes = entry(8, etag=OTHER_ETAG), entry(9, key="b.csv")
    totals = entry(10, key="c.csv", reason=CONTROL_TOTALS)
    ledger = [entry(7), same_key, same_bytes, totals, entry(6, status=Status.SUPERSEDED)]
    found = [(each.kind, each.delivery_id) for each in counting_twice(ledger, "quarantine")]
    assert found == [
        (Kind.KEY_COUNTS_TWICE, 7),
        (Kind.KEY_COUNTS_TWICE, 8),
        (Kind.BYTES_COUNT_TWICE, 7),
        (Kind.BYTES_COUNT_TWICE, 9),
    ]
    assert {each.kind for each in counting_twice(ledger, "load")} == {Kind.KEY_COUNTS_TWICE}


def test_the_bytes_of_a_duplicate_count_somewhere() -> None:
    duplicate = entry(8, key="b.csv", status=Status.DUPLICATE, duplicate_of=7)
    counted, superseded = entry(7), entry(7, status=Status.SUPERSEDED)
    assert list(uncounted_duplicates({7: counted, 8: duplicate})) == []
    assert [each.delivery_id for each in uncounted_duplicates({7: superseded, 8: duplicate})] == [8]


def proof_of(*differences: Difference, months: dict[int, frozenset[str]] | None = None) -> Proof:
    until = ProvenUntil(last_batch=1, facts_version=1, rejects_version=1, started_at=THEN)
    return Proof(
        is_full=True,
        until=until,
        months_read=(),
        deliveries=0,
        facts=NOTHING_SOLD,
        differences=differences,
        months=months or {},
    )


def test_a_repair_reads_deliveries_again_and_reckons_their_months() -> None:
    proof = proof_of(
        Difference(kind=Kind.FACTS, delivery_id=7),
        Difference(kind=Kind.STRAY_FACTS, delivery_id=9),
        Difference(kind=Kind.TEAM_MART, month="2026-05", key="store 1, salesperson 1"),
        months={7: frozenset({MARCH}), 9: frozenset({"2026-04"})},
    )
    assert order_for(proof) == RepairOrder(deliveries=(7, 9), months=(MARCH, "2026-04", "2026-05"))


def test_a_repair_decides_nothing_for_a_person() -> None:
    twice = [Difference(kind=Kind.KEY_COUNTS_TWICE, delivery_id=number) for number in (7, 8)]
    assert order_for(proof_of(*twice, Difference(kind=Kind.FACTS, delivery_id=7))) is None
    assert order_for(proof_of(Difference(kind=Kind.MISSING_OBJECT, delivery_id=7))) is None
    assert order_for(proof_of(Difference(kind=Kind.ABANDONED_BATCH))) == RepairOrder()


def test_a_lost_object_is_restored_from_another_with_the_same_bytes_and_from_no_other() -> None:
    lost = Difference(kind=Kind.MISSING_OBJECT, delivery_id=7, key=RESTING)
    twin, ledger = seen("archive/8/b.csv"), {7: entry(7, rests_at=RESTING)}
    same = deeds_for([lost], ledger, intact={(ETAG, 9): twin}, landing={})
    assert list(same) == [Deed(delivery_id=7, place=RESTING, source=twin)]
    assert list(deeds_for([lost], ledger, intact={(OTHER_ETAG, 9): twin}, landing={})) == []


def test_what_rests_is_deleted_from_landing() -> None:
    twofold, lying = Difference(kind=Kind.TWO_PLACES, delivery_id=7, key=RESTING), seen(LANDED)
    deeds = deeds_for([twofold], {7: entry(7, rests_at=RESTING)}, intact={}, landing={LANDED: lying})
    assert list(deeds) == [Deed(delivery_id=7, place=RESTING, landing=lying)]
