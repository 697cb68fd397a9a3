"""The gate's decisions: what passes, what waits for how long, and what is refused."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.contract.deliveries import Arrival, Status
from streaming.contract.gate import (
    FILE_IS_HELD,
    NO_FILE,
    NO_OK_FILE,
    NOT_COMPARED,
    SETTLING,
    Passage,
    Sight,
    Totals,
    file_of,
    passages,
    read_totals,
    version_of,
)
from streaming.contract.reasons import CONTROL_TOTALS, FileReason
from streaming.contract.sections import Gate

PUT = datetime(2026, 3, 14, tzinfo=UTC)
SALES = Arrival(object_key="a.csv", etag="e1", size_bytes=100, last_modified=PUT)
OK = Arrival(object_key="a.csv.ok", etag="k1", size_bytes=20, last_modified=PUT)
PAIR = (version_of(SALES), version_of(OK))
TOTALS = Gate(control_totals=True, hold_seconds=900)
MISMATCH = f"{FileReason.CONTROL_TOTAL_MISMATCH}:"
WAITING, PROCESSED, QUARANTINED = Status.WAITING, Status.PROCESSED, Status.QUARANTINED


def sight(
    *news: Arrival,
    control: Arrival | None = None,
    age: float = 0,
    findings: dict[tuple[tuple[str, str, int], tuple[str, str, int]], str | None] | None = None,
) -> Sight:
    controls = {str(file_of(control.object_key)): control} if control else {}
    return Sight(news=news, controls=controls, ages={version_of(a): age for a in news}, findings=findings or {})


def told(found: list[Passage]) -> dict[str, tuple[Status | None, str | None]]:
    return {passage.arrival.object_key: (passage.status, passage.reason) for passage in found}


@pytest.mark.parametrize(("age", "fate"), [(0, (None, SETTLING)), (29.9, (None, SETTLING)), (30, (WAITING, None))])
@pytest.mark.parametrize("arrival", [SALES, OK, replace(SALES, object_key="note.txt")])
def test_whatever_it_is_called_an_arrival_settles(arrival: Arrival, age: float, fate: object) -> None:
    assert told(passages(sight(arrival, age=age), Gate(settle_seconds=30))) == {arrival.object_key: fate}


def test_other_bytes_settle_anew_and_the_date_of_a_file_does_not_matter() -> None:
    seen = sight(SALES, age=60)
    for arrival, is_held in (
        (replace(SALES, last_modified=PUT.replace(year=2091)), False),
        (replace(SALES, etag="e2"), True),
        (replace(SALES, size_bytes=101), True),
    ):
        (passage,) = passages(replace(seen, news=[arrival]), Gate(settle_seconds=30))
        assert passage.is_held is is_held


def test_a_file_that_agrees_passes_and_its_totals_are_filed_with_it() -> None:
    found = passages(sight(SALES, OK, control=OK, findings={PAIR: None}), TOTALS)
    assert told(found) == {"a.csv": (WAITING, None), "a.csv.ok": (PROCESSED, CONTROL_TOTALS)}


@pytest.mark.parametrize(
    ("control", "findings", "difference"), [(None, {}, NO_OK_FILE), (OK, {PAIR: "rows 3 of 4"}, "rows 3 of 4")]
)
def test_a_file_that_disagrees_is_held_then_refused(
    control: Arrival | None, findings: dict[object, str | None], difference: str
) -> None:
    for age, fate in ((899, (None, difference)), (900, (QUARANTINED, MISMATCH + difference))):
        seen = replace(sight(SALES, control=control, age=age), findings=findings)  # type: ignore[arg-type]  # no pairs in {}
        assert told(passages(seen, TOTALS)) == {"a.csv": fate}


def test_totals_go_where_their_file_goes() -> None:
    for age, file, ok in (
        (0, (None, "rows 3 of 4"), (None, FILE_IS_HELD)),
        (900, (QUARANTINED, f"{MISMATCH}rows 3 of 4"), (PROCESSED, CONTROL_TOTALS)),
    ):
        found = passages(sight(SALES, OK, control=OK, age=age, findings={PAIR: "rows 3 of 4"}), TOTALS)
        assert told(found) == {"a.csv": file, "a.csv.ok": ok}


def test_totals_without_a_file_wait_for_it_before_they_are_filed() -> None:
    assert told(passages(sight(OK, control=OK, age=899), TOTALS)) == {"a.csv.ok": (None, NO_FILE)}
    assert told(passages(sight(OK, control=OK, age=900), TOTALS)) == {"a.csv.ok": (PROCESSED, CONTROL_TOTALS)}


def test_nothing_is_refused_before_it_was_compared_with_the_newest_totals() -> None:
    newer = replace(OK, etag="k2")
    for findings in ({}, {PAIR: "rows 3 of 4"}):
        seen = sight(SALES, control=newer, age=9_000, findings=dict(findings))
        assert told(passages(seen, TOTALS)) == {"a.csv": (None, NOT_COMPARED)}


def test_other_objects_need_no_totals() -> None:
    strange = [replace(SALES, object_key=key) for key in ("a.txt", "a.txt.ok", "ok", ".ok")]
    assert set(told(passages(sight(*strange), TOTALS)).values()) == {(WAITING, None)}


@given(
    age=st.floats(0, 5_000),
    settle=st.sampled_from([0, 60]),
    hold=st.sampled_from([0, 900]),
    has_ok=st.booleans(),
    difference=st.sampled_from([None, "rows 3 of 4", NOT_COMPARED]),
)
def test_each_arrival_has_one_fate_and_none_is_held_for_ever(
    *,
    age: float,
    settle: float,
    hold: float,
    has_ok: bool,
    difference: str | None,
) -> None:
    news = [SALES, OK] if has_ok else [SALES]
    findings = {} if difference == NOT_COMPARED else {PAIR: difference}
    seen = sight(*news, control=OK if has_ok else None, age=age, findings=findings)
    found = passages(seen, Gate(settle_seconds=settle, control_totals=True, hold_seconds=hold))
    assert sorted(p.arrival.object_key for p in found) == [a.object_key for a in news]
    sales = found[0]
    assert (sales.status is WAITING) == (has_ok and difference is None and age >= settle)
    assert sales.is_held <= (age < max(settle, hold) or (has_ok and difference == NOT_COMPARED))
    assert all(p.is_held == sales.is_held for p in found)


@pytest.mark.parametrize(
    "content",
    [
        b"rows,amount\n120,1234.50\n",
        b"\xef\xbb\xbf Rows , AMOUNT \r\n 120 , 1234.5 ",
        b'\n"rows","amount"\n\n"120","1234.50"\n\n',
        b"rows,amount\r120,1234.50",
    ],
)
def test_totals_are_read_as_stores_write_them(content: bytes) -> None:
    assert read_totals(content) == Totals(120, Decimal("1234.50"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"120,1234.50\n",
        b"rows,amount\n",
        b"rows,amount\n120\n",
        b"rows,amount\n120,1,234.50\n",
        b"rows,amount\n120,1234.50\n120,1234.50\n",
        b"amount,rows\n1234.50,120\n",
        b"rows,amount\n120,1234.505\n",
        b"rows,amount\n120,NaN\n",
        b"rows,amount\n-1,0\n",
        b"rows,amount\n1_0,0\n",
        b"rows,amount\n\xff,0\n",
        b'rows,amount\n"1"2,0\n',
        "rows,amount\n\u0661,0\n".encode(),
    ],
)
def test_anything_else_announces_nothing(content: bytes) -> None:
    assert read_totals(content) is None


def test_a_difference_names_what_was_found_and_what_was_announced() -> None:
    found = Totals(3, Decimal("10.00"))
    assert found.difference(Totals(3, Decimal(10))) is None
    assert found.difference(Totals(4, Decimal("10.00"))) == "rows 3 of 4"
    assert found.difference(Totals(4, Decimal("12.5"))) == "rows 3 of 4, amount 10.00 of 12.5"


@pytest.mark.parametrize(
    ("key", "file"),
    [
        ("a.csv.ok", "a.csv"),
        ("a/B.CSV.GZ.OK", "a/B.CSV.GZ"),
        ("a.csv", None),
        ("a.ok", None),
        ("a.csv.ok.ok", None),
        ("a.csvok", None),
    ],
)
def test_totals_are_named_after_their_file(key: str, file: str | None) -> None:
    assert file_of(key) == file


def test_whoever_discovers_need_not_know_spark() -> None:
    program = "import sys, streaming.discovery; sys.exit(bool({'pyspark', 'pyarrow'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
