"""What becomes of re-drives, withdrawals, and files that were given up."""

from dataclasses import replace

from streaming.contract.columns import NOT_READ
from streaming.contract.decisions import settle, to_read
from streaming.contract.deliveries import Delivery, Status
from streaming.contract.settlements import Ledger
from tests.unit.test_decisions import bad, counted, delivery, good, reports, told


def redrive(number: int, of: int, key: str = "a.csv", etag: str = "A", attempt: int = 2) -> Delivery:
    return Delivery(
        delivery_id=number,
        object_key=key,
        etag=etag,
        size_bytes=10,
        attempt=attempt,
        arrival_id=of,
        rests_at=f"archive/{of}/{key}",
    )


def withdrawal(number: int, of: int, key: str = "a.csv", etag: str = "A") -> Delivery:
    return replace(redrive(number, of, key, etag), withdraws=of, rests_at=None)


def test_a_redrive_replaces_the_earlier_attempt_although_the_bytes_are_the_same() -> None:
    batch, ledger = [redrive(2, of=1)], Ledger(counted=[counted(1)])
    assert to_read(batch, ledger.counted) == {2}
    settlement = settle(batch, ledger, reports(good(2)))
    assert told(settlement) == [(2, "processed", None)]
    assert settlement.removed == {counted(1): 2}
    assert settlement.first_of == {1: 2}


def test_a_redriven_file_that_cannot_be_read_any_more_leaves_the_earlier_attempt_counting() -> None:
    settlement = settle([redrive(2, of=1)], Ledger(counted=[counted(1)]), reports(bad(2)))
    assert told(settlement) == [(2, "quarantined", None)]
    assert not settlement.removed


def test_an_old_version_redriven_does_not_replace_a_newer_one() -> None:
    ledger = Ledger(counted=[counted(2, etag="B")])
    settlement = settle([redrive(3, of=1)], ledger, reports(good(3)))
    assert told(settlement) == [(3, "superseded", 2)]
    assert settlement.verdicts[0].reason == "outdated"
    assert not settlement.removed


def test_an_old_version_redriven_beside_a_new_arrival_is_outdated_by_it() -> None:
    settlement = settle([redrive(3, of=1), delivery(4, etag="B")], Ledger(), reports(good(3), good(4)))
    assert told(settlement) == [(3, "superseded", 4), (4, "processed", None)]


def test_a_redriven_file_counts_where_the_new_arrival_beside_it_cannot_be_read() -> None:
    settlement = settle([redrive(3, of=1), delivery(4, etag="B")], Ledger(), reports(good(3), bad(4)))
    assert told(settlement) == [(3, "processed", None), (4, "quarantined", None)]


def test_a_withdrawal_takes_out_what_counted() -> None:
    batch = [withdrawal(2, of=1)]
    assert to_read(batch, [counted(1)]) == set()
    settlement = settle(batch, Ledger(counted=[counted(1)]), reports(bad(2, NOT_READ)))
    assert [(v.status, v.reason) for v in settlement.verdicts] == [("withdrawn", "withdrawal")]
    assert (settlement.removed, settlement.withdrawn) == ({counted(1): 2}, {1: 2})


def test_a_withdrawal_of_what_was_corrected_meanwhile_finds_nothing_and_leaves_the_correction() -> None:
    ledger = Ledger(counted=[counted(2, etag="B")])
    settlement = settle([withdrawal(3, of=1)], ledger, reports(bad(3, NOT_READ)))
    assert [(v.status, v.reason) for v in settlement.verdicts] == [("withdrawn", "nothing_to_withdraw")]
    assert not settlement.removed


def test_a_withdrawn_file_whose_bytes_stand_under_another_key_goes_on_there() -> None:
    copy = replace(delivery(2, "b.csv"), status=Status.DUPLICATE)
    ledger = Ledger(counted=[counted(1)], duplicates={1: [copy]})
    settlement = settle([withdrawal(3, of=1)], ledger, reports(bad(3, NOT_READ)))
    assert settlement.inherited == {counted(1): copy}


def test_a_file_withdrawn_with_its_duplicates_is_gone() -> None:
    copy = replace(delivery(2, "b.csv"), status=Status.DUPLICATE)
    ledger = Ledger(counted=[counted(1)], duplicates={1: [copy]}, copies=[copy])
    batch = [withdrawal(3, of=1), withdrawal(4, of=2, key="b.csv")]
    settlement = settle(batch, ledger, reports(bad(3, NOT_READ), bad(4, NOT_READ)))
    assert settlement.withdrawn == {1: 3, 2: 4}
    assert not settlement.inherited


def test_the_same_bytes_arriving_while_they_are_withdrawn_count_as_the_new_arrival() -> None:
    ledger = Ledger(counted=[counted(1)])
    settlement = settle([withdrawal(2, of=1), delivery(3)], ledger, reports(bad(2, NOT_READ), good(3)))
    assert told(settlement) == [(2, "withdrawn", None), (3, "processed", None)]
    assert settlement.removed == {counted(1): 2}


def test_who_wants_it_counts_equal_bytes_again_under_each_key() -> None:
    batch = [delivery(2, "b.csv")]
    assert to_read(batch, [counted(1)], policy="load") == {2}
    settlement = settle(batch, Ledger(counted=[counted(1)]), reports(good(2)), policy="load")
    assert told(settlement) == [(2, "processed", None)]
    again = settle([delivery(3, "b.csv")], Ledger(counted=[counted(2, "b.csv")]), reports(good(3)), policy="load")
    assert told(again) == [(3, "duplicate", 2)]


def test_a_file_that_ended_its_reader_too_often_is_not_read_again() -> None:
    poison = replace(delivery(1), crashes=3)
    assert to_read([poison, delivery(2, "b.csv", "B")], []) == {2}
    (verdict,) = settle([poison], Ledger(), reports(bad(1, "crashes_reader"))).verdicts
    assert (verdict.status, verdict.reason) == (Status.QUARANTINED, "crashes_reader")


def test_a_duplicate_that_its_key_overwrites_is_superseded_and_never_inherits() -> None:
    copy = replace(delivery(2, "b.csv"), status=Status.DUPLICATE)
    ledger = Ledger(counted=[counted(1)], copies=[copy])
    assert settle([delivery(3, "b.csv", "B")], ledger, reports(good(3))).superseded == {2: 3}
    beside = Ledger(counted=[counted(1)], copies=[copy], duplicates={1: [copy]})
    settlement = settle([delivery(3, "b.csv", "B"), withdrawal(4, of=1)], beside, reports(good(3), bad(4, NOT_READ)))
    assert not settlement.inherited


def test_an_old_version_redriven_after_the_withdrawal_of_the_newer_one_counts_in_the_same_batch() -> None:
    ledger = Ledger(counted=[counted(2, etag="B")])
    batch = [withdrawal(3, of=2, etag="B"), redrive(4, of=1)]
    settlement = settle(batch, ledger, reports(bad(3, NOT_READ), good(4)))
    assert told(settlement) == [(3, "withdrawn", None), (4, "processed", None)]
    assert settlement.withdrawn == {2: 3}
    turned = [redrive(3, of=1), withdrawal(4, of=2, etag="B")]
    settlement = settle(turned, ledger, reports(good(3), bad(4, NOT_READ)))
    assert told(settlement) == [(3, "superseded", 2), (4, "withdrawn", None)]


def test_an_old_copy_of_the_newest_bytes_redriven_leaves_the_newest_counting() -> None:
    settlement = settle([redrive(4, of=1)], Ledger(counted=[counted(3)]), reports(good(4)))
    assert told(settlement) == [(4, "superseded", 3)]
    assert not settlement.removed
