"""Delivery ids as a person writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.contract.errors import UsageError
from streaming.contract.ranges import ids_of, ranges_of


@given(st.sets(st.integers(min_value=1, max_value=300)))
def test_ids_survive_being_written_and_read(ids: set[int]) -> None:
    assert set(ids_of(ranges_of(ids))) == ids


@pytest.mark.parametrize(
    ("text", "ids"), [("", ()), ("7", (7,)), ("3-5, 7", (3, 4, 5, 7)), ("7,3-4,7", (3, 4, 7)), ("5-3", ())]
)
def test_ids_are_read_as_they_are_meant(text: str, ids: tuple[int, ...]) -> None:
    assert ids_of(text) == ids


@pytest.mark.parametrize("text", ["x", "3-", "-3", "1-2-3", "1;2", "1-9999999"])
def test_what_is_no_list_of_ids_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="deliver"):
        ids_of(text)
