"""Why rows were refused, counted as they come."""

import pyarrow as pa
import pytest

from streaming.contract.columns import LONGEST_DIMENSION_KEY, LONGEST_SAMPLE
from streaming.facts import only_refused
from streaming.refusals import Refusals
from tests.checked import batches_of, checked, closing_of, refused
from tests.landed import Values

Told = list[tuple[object, ...]]


def told(*rows: Values, most_keys: int = 100, at_once: int = 100) -> Told:
    refusals = Refusals(most_keys=most_keys)
    for batch in batches_of(only_refused(checked(*rows)), at_once):
        refusals.add(pa.Table.from_batches([batch]))
    return sorted(tuple(tally.values()) for tally in refusals.tallies())


@pytest.mark.parametrize("at_once", [1, 100])
def test_rejects_are_counted_by_reason_with_the_first_as_a_sample(at_once: int) -> None:
    rows: list[Values] = [
        {},
        refused(1, 4, "missing:price total_mismatch"),
        refused(1, 9, "missing:price"),
        closing_of(1, rows=3),
    ]
    assert told(*rows, at_once=at_once) == [
        (1, "missing:price", 2, "line 4", []),
        (1, "total_mismatch", 1, "line 4", []),
    ]


def test_deliveries_are_counted_apart() -> None:
    assert told(refused(1, 2, "missing:price"), refused(2, 5, "missing:price")) == [
        (1, "missing:price", 1, "line 2", []),
        (2, "missing:price", 1, "line 5", []),
    ]


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_no_more_unknown_keys_are_named_than_may_be(at_once: int) -> None:
    strangers = [
        {**refused(1, line, "unknown_customer"), "customer_id": key}
        for line, key in ((2, 102), (3, 103), (5, 105), (9, 109), (11, 102), (12, 112))
    ]
    assert told(*strangers, most_keys=3, at_once=at_once) == [
        (1, "unknown_customer", 6, "line 2", [("102", 2), ("103", 1), ("105", 1)])
    ]


def test_each_reason_names_its_own_keys() -> None:
    stranger = {**refused(1, 2, "unknown_store unknown_product"), "store_id": 9, "product_name": "Oats"}
    assert told(stranger) == [
        (1, "unknown_product", 1, "line 2", [("Oats", 1)]),
        (1, "unknown_store", 1, "line 2", [("9", 1)]),
    ]


def test_a_key_longer_than_any_dimension_has_is_counted_and_not_named() -> None:
    long = "x" * (LONGEST_DIMENSION_KEY + 1)
    rows = [{**refused(1, line, "unknown_product"), "product_name": name} for line, name in ((2, long), (3, "Oats"))]
    assert told(*rows) == [(1, "unknown_product", 2, "line 2", [("Oats", 1)])]


def test_of_a_long_row_the_beginning_is_shown() -> None:
    assert told({**refused(1, 2, "malformed_row"), "raw": "ä" * 5_000})[0][3] == "ä" * LONGEST_SAMPLE


def test_nothing_refused_tells_nothing() -> None:
    assert told({}, closing_of(1, rows=1)) == []
