"""Where files should rest: the plan of clean_up, without S3 or MySQL."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.contract.deliveries import Delivery, Status
from streaming.contract.sections import Prefixes
from tasks.resting import LONGEST_KEY_BYTES, LONGEST_NAME_BYTES, reason_key, resting_key, to_archive

PREFIXES = Prefixes()


def delivery(key: str, *, number: int = 7, status: Status = Status.PROCESSED) -> Delivery:
    return Delivery(delivery_id=number, object_key=f"landing/{key}", etag="e", size_bytes=1, status=status)


@pytest.mark.parametrize(
    ("status", "prefix"),
    [
        (Status.PROCESSED, "archive/"),
        (Status.DUPLICATE, "archive/"),
        (Status.SUPERSEDED, "archive/"),
        (Status.WITHDRAWN, "archive/"),
        (Status.QUARANTINED, "quarantine/"),
    ],
)
def test_each_final_verdict_has_its_place_of_rest(status: Status, prefix: str) -> None:
    assert resting_key(delivery("store-1/a.csv", status=status), PREFIXES) == f"{prefix}7/store-1/a.csv"


def test_a_waiting_delivery_stays_in_landing() -> None:
    waiting = delivery("a.csv", status=Status.WAITING)
    assert to_archive([waiting], newest={waiting.object_key: 7}, prefixes=PREFIXES) == []


def test_only_the_newest_delivery_of_a_key_owns_the_object_in_landing() -> None:
    old, new = delivery("a.csv", number=1), delivery("a.csv", number=2, status=Status.DUPLICATE)
    first, second = to_archive([old, new], newest={old.object_key: 2}, prefixes=PREFIXES)
    assert (first.is_overwritten, second.is_overwritten) == (True, False)


def test_an_older_delivery_does_not_take_the_file_of_a_waiting_one() -> None:
    old = delivery("a.csv", number=1)
    (move,) = to_archive([old], newest={old.object_key: 9}, prefixes=PREFIXES)
    assert move.is_overwritten


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("../../etc/passwd.csv", "%2E%2E/%2E%2E/etc/passwd.csv"),
        ("./a.csv", "%2E/a.csv"),
        ("/a.csv", "%2Fa.csv"),
        ("a//b.csv", "a/%2Fb.csv"),
        ("a.csv/", "a.csv%2F"),
        ("tab\tnewline\n.csv", "tab%09newline%0A.csv"),
        ("nul\0.csv", "nul%00.csv"),
        ("100%.csv", "100%25.csv"),
        (r"back\slash.csv", "back%5Cslash.csv"),
        ("glob*[a]?{b}.csv", "glob*%5Ba%5D%3F%7Bb%7D.csv"),
        ("year=2026/a.csv", "year=2026/a.csv"),
        ("ventes été.csv", "ventes été.csv"),
    ],
)
def test_a_hostile_name_is_tamed_and_a_decent_one_stays(key: str, name: str) -> None:
    assert resting_key(delivery(key), PREFIXES) == f"archive/7/{name}"


@pytest.mark.parametrize("key", ["x" * 1020, "é/" * 500, "\n" * 340, "y" * 256])
def test_a_name_that_grows_too_long_becomes_its_digest(key: str) -> None:
    resting = resting_key(delivery(key), PREFIXES)
    assert resting.removeprefix("archive/7/").isalnum()
    assert resting != resting_key(delivery(key + "z"), PREFIXES)


@given(st.text(min_size=1, max_size=1024))
def test_no_key_leaves_its_folder_or_s3s_limits(key: str) -> None:
    resting = resting_key(delivery(_utf8(key)), PREFIXES)
    parts = resting.split("/")
    assert parts[:2] == ["archive", "7"]
    assert not {"", ".", ".."} & set(parts)
    assert len(resting.encode()) <= LONGEST_KEY_BYTES
    assert max(len(part.encode()) for part in parts) <= LONGEST_NAME_BYTES
    assert resting.isprintable()


@given(st.text(min_size=1, max_size=60, alphabet="a.%/é\n "))
def test_a_tamed_name_tells_the_name_it_had(key: str) -> None:
    assert unquote(resting_key(delivery(key), PREFIXES).removeprefix("archive/7/")) == key


def _utf8(text: str) -> str:
    return text.encode("utf-8", "ignore").decode()


def test_a_reason_lies_beside_its_file_unless_its_name_grows_too_long() -> None:
    assert reason_key("quarantine/7/a/b.csv", 7, PREFIXES) == "quarantine/7/a/b.csv.reason.json"
    for rests_at in (f"quarantine/7/{'x' * 250}", "quarantine/7/" + "y" * 200 + "/z" * 400):
        key = reason_key(rests_at, 7, PREFIXES)
        assert key.startswith("quarantine/7/")
        assert key.endswith(".reason.json")
        assert len(key) < 120
