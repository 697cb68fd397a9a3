"""What a task makes of its deliveries, without a server: sums, and which of them share files."""

from collections.abc import Collection
from decimal import Decimal

import pytest

from streaming.contract.readings import Reading
from streaming.facts import reports
from streaming.landing import gathering
from streaming.landing.gathering import gather
from tests.checked import batches_of, checked, closing_of, refused, values_of
from tests.landed import Values


def gathered(*rows: Values, apart: Collection[int] | None = (), at_once: int = 3) -> Reading:
    return gather(batches_of(checked(*rows), at_once), apart=apart)


def parcels(reading: Reading) -> list[set[int]]:
    return sorted((set(parcel.deliveries) for parcel in reading.parcels), key=sorted)


THREE = (
    {"delivery_id": 1},
    {"delivery_id": 1, "line_number": 3},
    closing_of(1, rows=2),
    {"delivery_id": 2},
    refused(2, 3, "missing:price"),
    closing_of(2, rows=2),
    {"delivery_id": 3, "customer_id": 8},
    closing_of(3, rows=1),
)


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
def test_good_deliveries_share_a_parcel_wherever_their_rows_are_cut(at_once: int) -> None:
    reading = gathered(*THREE, at_once=at_once)
    assert parcels(reading) == [{1, 2, 3}]
    (parcel,) = reading.parcels
    assert values_of(parcel.customers, "customer_id", "purchases", "total_purchases") == [
        (7, 3, Decimal("30.00")),
        (8, 1, Decimal("10.00")),
    ]
    assert {n: (r.rows_loaded, r.rows_rejected) for n, r in reports(reading.tallies).items()} == {
        1: (2, 0),
        2: (1, 1),
        3: (1, 0),
    }
    assert [refusal["delivery_id"] for refusal in reading.refusals] == [2]


def test_a_delivery_that_may_not_count_has_a_parcel_of_its_own() -> None:
    assert parcels(gathered(*THREE, apart={2})) == [{1, 3}, {2}]
    assert parcels(gathered(*THREE, apart=None)) == [{1}, {2}, {3}]


@pytest.mark.parametrize("apart", [(), {2}])
@pytest.mark.parametrize("at_once", [1, 100])
@pytest.mark.parametrize("bytes_in_memory", [0, 1_000_000])
def test_what_turns_out_bad_leaves_its_closing_row_alone(
    apart: Collection[int], at_once: int, bytes_in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "BYTES_IN_MEMORY", bytes_in_memory)
    bad = ({"delivery_id": 2}, refused(2, 3, "missing:price"), closing_of(2, rows=2, reason="not_csv"))
    reading = gathered(*THREE[:3], *bad, *THREE[6:], apart=apart, at_once=at_once)
    assert set[int]().union(*parcels(reading)) == {1, 3}
    assert sum(row["purchases"] for parcel in reading.parcels for row in parcel.customers.to_pylist()) == 3
    report = reports(reading.tallies)[2]
    assert (report.reason, report.rows_in_file, report.rows_loaded, report.rows_rejected) == ("not_csv", 2, 0, 0)
    assert not reading.refusals


def test_what_is_too_large_to_wait_for_its_end_has_a_parcel_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "BYTES_IN_MEMORY", 1_000)
    many = [{"delivery_id": 1, "line_number": line} for line in range(2, 102)]
    reading = gathered(*many, closing_of(1, rows=100), *THREE[3:])
    assert parcels(reading) == [{1}, {2, 3}]
    assert reports(reading.tallies)[1].rows_loaded == len(many)
    assert sum(row["purchases"] for parcel in reading.parcels for row in parcel.customers.to_pylist()) == 102


def test_a_delivery_without_rows_is_in_no_parcel() -> None:
    reading = gathered(closing_of(1, rows=0), closing_of(2, rows=0, reason="not_read"))
    assert not reading.parcels
    assert {n: r.reason for n, r in reports(reading.tallies).items()} == {1: None, 2: "not_read"}


def test_no_rows_come_to_nothing() -> None:
    assert gather(()) == Reading(tallies=[], refusals=[], parcels=[])
