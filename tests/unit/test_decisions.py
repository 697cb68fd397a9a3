"""What becomes of each delivery of a batch, whatever the batches are."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.contract.columns import NOT_READ
from streaming.contract.decisions import settle, to_read, uncertain
from streaming.contract.deliveries import Counted, Delivery, Status, Verdict
from streaming.contract.errors import ServiceAwayError
from streaming.contract.settlements import FileReport, Ledger, Settlement


def delivery(number: int, key: str = "a.csv", etag: str = "A") -> Delivery:
    return Delivery(delivery_id=number, object_key=key, etag=etag, size_bytes=10)


def good(number: int) -> FileReport:
    return FileReport(
        delivery_id=number, rows_in_file=2, rows_loaded=2, amount_loaded=Decimal(5), sales_months=("2026-01",)
    )


def bad(number: int, reason: str = "not_csv") -> FileReport:
    return FileReport(delivery_id=number, reason=reason)


def counted(number: int, key: str = "a.csv", etag: str = "A") -> Counted:
    processed = replace(delivery(number, key, etag), status=Status.PROCESSED)
    return Counted(delivery=processed, sales_months=("2025-12",))


def told(settlement: Settlement) -> list[tuple[int, str, int | None]]:
    return [(v.delivery_id, str(v.status), v.duplicate_of or v.superseded_by) for v in settlement.verdicts]


def reports(*each: FileReport) -> dict[int, FileReport]:
    return {report.delivery_id: report for report in each}


def test_a_readable_file_is_processed() -> None:
    settlement = settle([delivery(1)], Ledger(), reports(good(1)))
    assert told(settlement) == [(1, "processed", None)]
    assert settlement.loaded == (1,)
    assert (settlement.rows_loaded, settlement.rows_rejected) == (2, 0)


def test_the_same_bytes_under_another_key_are_a_duplicate_of_the_first() -> None:
    settlement = settle([delivery(1), delivery(2, "b.csv")], Ledger(), reports(good(1), good(2)))
    assert told(settlement) == [(1, "processed", None), (2, "duplicate", 1)]
    assert settlement.loaded == (1,)


def test_the_same_bytes_under_the_same_key_again_are_a_duplicate() -> None:
    settlement = settle([delivery(2)], Ledger(counted=[counted(1)]), reports(bad(2, NOT_READ)))
    assert told(settlement) == [(2, "duplicate", 1)]
    assert not settlement.superseded


def test_other_bytes_under_a_key_replace_what_it_brought_before() -> None:
    settlement = settle([delivery(2, etag="B")], Ledger(counted=[counted(1)]), reports(good(2)))
    assert told(settlement) == [(2, "processed", None)]
    assert settlement.superseded == {1: 2}


def test_a_worse_correction_leaves_the_old_one_counting() -> None:
    settlement = settle([delivery(2, etag="B")], Ledger(counted=[counted(1)]), reports(bad(2)))
    assert told(settlement) == [(2, "quarantined", None)]
    assert not settlement.superseded


def test_of_two_versions_in_one_batch_the_older_is_superseded_unread() -> None:
    versions = [delivery(1), delivery(2, etag="B")]
    assert to_read(versions, []) == {2}
    settlement = settle(versions, Ledger(), reports(bad(1, NOT_READ), good(2)))
    assert told(settlement) == [(1, "superseded", 2), (2, "processed", None)]


def test_of_two_versions_that_rest_both_are_read_and_the_older_counts_if_the_newer_cannot() -> None:
    """As after a restore: no store can overwrite what has been archived."""
    versions = [replace(delivery(1), rests_at="archive/1"), replace(delivery(2, etag="B"), rests_at="archive/2")]
    assert to_read(versions, []) == {1, 2}
    assert told(settle(versions, Ledger(), reports(good(1), good(2)))) == [(1, "superseded", 2), (2, "processed", None)]
    assert told(settle(versions, Ledger(), reports(good(1), bad(2)))) == [
        (1, "processed", None),
        (2, "quarantined", None),
    ]


def test_a_version_that_comes_back_counts_again() -> None:
    settlement = settle([delivery(3)], Ledger(counted=[counted(2, etag="B")]), reports(good(3)))
    assert told(settlement) == [(3, "processed", None)]
    assert settlement.superseded == {2: 3}


def test_a_duplicate_that_overwrites_another_file_takes_that_out() -> None:
    here, there = counted(1, "a.csv", "A"), counted(2, "b.csv", "B")
    settlement = settle([delivery(3, "a.csv", "B")], Ledger(counted=[here, there]), reports(bad(3, NOT_READ)))
    assert told(settlement) == [(3, "duplicate", 2)]
    assert settlement.superseded == {1: 3}


def test_bytes_whose_first_copy_is_replaced_in_the_same_batch_load_from_the_second() -> None:
    """The key of the first copy gets other bytes before the second copy arrives."""
    batch = [delivery(2, "a.csv", "B"), delivery(3, "b.csv", "A")]
    assert to_read(batch, [counted(1)]) == {2, 3}
    settlement = settle(batch, Ledger(counted=[counted(1)]), reports(good(2), good(3)))
    assert told(settlement) == [(2, "processed", None), (3, "processed", None)]
    assert settlement.superseded == {1: 2}


def test_bytes_stay_when_their_first_key_changes_but_a_duplicate_still_holds_them() -> None:
    """A file sent under a wrong name, then under the right one; then the wrong name gets its own file."""
    batch, copy = [delivery(3, "a.csv", "B")], delivery(2, "b.csv", "A")
    settlement = settle(batch, Ledger(counted=[counted(1)], duplicates={1: [copy]}), reports(good(3)))
    assert told(settlement) == [(3, "processed", None)]
    assert settlement.superseded == {1: 3}
    assert settlement.inherited == {counted(1): copy}
    assert settlement.first_of == {1: 2}


def test_a_duplicate_whose_key_changes_as_well_inherits_nothing() -> None:
    batch = [delivery(3, "a.csv", "B"), delivery(4, "b.csv", "C")]
    copy = replace(delivery(2, "b.csv", "A"), status=Status.DUPLICATE)
    ledger = Ledger(counted=[counted(1)], copies=[copy], duplicates={1: [copy]})
    settlement = settle(batch, ledger, reports(good(3), good(4)))
    assert told(settlement) == [(3, "processed", None), (4, "processed", None)]
    assert not settlement.inherited


def test_bytes_that_count_already_are_not_read_again() -> None:
    assert to_read([delivery(2, "b.csv")], [counted(1)]) == set()


def test_a_key_that_is_no_csv_is_quarantined_unread() -> None:
    assert to_read([delivery(1, "a.xlsx")], []) == set()
    (verdict,) = settle([delivery(1, "a.xlsx")], Ledger(), reports(bad(1, NOT_READ))).verdicts
    assert (verdict.status, verdict.reason) == (Status.QUARANTINED, "unsupported_key")


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        ("changed_before_read", Status.SUPERSEDED),
        ("deleted_before_read", Status.WITHDRAWN),
        ("missing_columns:price", Status.QUARANTINED),
    ],
)
def test_what_reading_showed_becomes_the_verdict(reason: str, status: Status) -> None:
    (verdict,) = settle([delivery(1)], Ledger(), reports(bad(1, reason))).verdicts
    assert (verdict.status, verdict.reason, verdict.rows_loaded) == (status, reason, 0)


def test_rows_that_do_not_add_up_are_never_settled() -> None:
    half_read = FileReport(delivery_id=1, rows_in_file=3, rows_loaded=2)
    with pytest.raises(ServiceAwayError, match="not read whole"):
        settle([delivery(1)], Ledger(), reports(half_read))


def test_a_file_is_uncertain_where_another_has_its_key_or_its_bytes_or_it_comes_from_elsewhere_than_landing() -> None:
    alone = delivery(1, "a.csv", "A")
    assert uncertain([alone, delivery(2, "b.csv", "B")], [counted(9, "c.csv", "C")]) == set()
    assert uncertain([alone, delivery(2, "a.csv", "B")], []) == {1, 2}
    assert uncertain([alone, delivery(2, "b.csv", "A"), delivery(3, "c.csv", "C")], []) == {1, 2}
    assert uncertain([alone], [counted(9, "b.csv", "A")]) == {1}
    assert uncertain([replace(alone, attempt=2)], []) == {1}
    assert uncertain([replace(alone, rests_at="archive/1")], []) == {1}


def test_a_verdict_cannot_leave_a_delivery_waiting() -> None:
    with pytest.raises(ValueError, match="cannot decide"):
        Verdict(delivery_id=1, status=Status.WAITING)


arrivals = st.lists(
    st.tuples(st.sampled_from(["a.csv", "b.csv", "c.csv"]), st.sampled_from(["A", "B", "bad"])), max_size=8
)


@given(arrivals=arrivals, cuts=st.sets(st.integers(min_value=1, max_value=7)))
def test_what_counts_is_the_newest_readable_version_of_each_key_wherever_batches_are_cut(
    arrivals: list[tuple[str, str]], cuts: set[int]
) -> None:
    newest = {key: etag for key, etag in arrivals if etag != "bad"}
    if cuts:  # an unreadable version that overwrote a readable one in the same batch hides it: that one was never read
        arrivals = [(key, etag) for key, etag in arrivals if etag != "bad"]
    else:
        newest = {key: etag for key, etag in dict(arrivals).items() if etag != "bad"}
    standing = History().load(arrivals, cuts=cuts)
    assert sorted(each.delivery.etag for each in standing) == sorted(set(newest.values()))


class History:
    """A ledger in memory."""

    def __init__(self) -> None:
        self.standing: dict[int, Counted] = {}
        self.copies: dict[int, Delivery] = {}
        self.first: dict[int, int] = {}

    def load(self, arrivals: list[tuple[str, str]], *, cuts: set[int]) -> list[Counted]:
        """Load arrivals in batches; what counts at the end."""
        batch: list[Delivery] = []
        for number, (key, etag) in enumerate(arrivals, start=1):
            batch.append(delivery(number, key, etag))
            if number in cuts or number == len(arrivals):
                self._load(batch)
                batch = []
        return list(self.standing.values())

    def _load(self, batch: list[Delivery]) -> None:
        reads = to_read(batch, self.standing.values())
        read = {d.delivery_id: _read(d, is_read=d.delivery_id in reads) for d in batch}
        duplicates = {
            number: [copy for copy in self.copies.values() if self.first[copy.delivery_id] == number]
            for number in self.standing
        }
        ledger = Ledger(counted=list(self.standing.values()), copies=list(self.copies.values()), duplicates=duplicates)
        settlement = settle(batch, ledger, read)
        left_out = {number for number, report in read.items() if not report.reason} - set(settlement.loaded)
        assert left_out <= uncertain(batch, ledger.counted), "its rows would share a file with others"
        self._apply(settlement, {d.delivery_id: d for d in batch})

    def _apply(self, settlement: Settlement, batch: dict[int, Delivery]) -> None:
        for earlier in settlement.superseded:
            self.standing.pop(earlier, None)
            self.copies.pop(earlier, None)
        for heir in settlement.inherited.values():
            self._count(self.copies.pop(heir.delivery_id))
        self.first = {copy: settlement.first_of.get(first, first) for copy, first in self.first.items()}
        for verdict in settlement.verdicts:
            this = batch[verdict.delivery_id]
            if verdict.status is Status.PROCESSED:
                self._count(this)
            if verdict.duplicate_of is not None:
                self.copies[this.delivery_id] = replace(this, status=Status.DUPLICATE)
                self.first[this.delivery_id] = verdict.duplicate_of

    def _count(self, this: Delivery) -> None:
        self.standing[this.delivery_id] = counted(this.delivery_id, this.object_key, this.etag)


def _read(this: Delivery, *, is_read: bool) -> FileReport:
    if not is_read:
        return bad(this.delivery_id, NOT_READ)
    return bad(this.delivery_id) if this.etag == "bad" else good(this.delivery_id)
