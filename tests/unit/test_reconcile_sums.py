"""Sums of the facts, reckoned without Spark: ranks, incentives, lines ticked off."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.reconcile.differences import Kind, Sold
from tasks.reconcile.marts import MonthOfFacts, MonthOfMarts, TeamLine, incentive, ranked, unlike_facts
from tasks.reconcile.sums import LinesSeen, Sums

MARCH = "2026-03"


def sold(amount: str, rows: int = 1) -> Sold:
    return Sold(rows, Decimal(amount))


def test_equals_share_a_rank_and_the_best_of_each_store_earn_one_percent() -> None:
    team = {(1, 1): sold("10.50"), (1, 2): sold("10.50"), (1, 3): sold("4.00"), (2, 1): sold("0.49")}
    lines = ranked(team)
    assert {who: (line.rank, line.incentive) for who, line in lines.items()} == {
        (1, 1): (1, Decimal("0.11")),
        (1, 2): (1, Decimal("0.11")),
        (1, 3): (3, Decimal("0.00")),
        (2, 1): (1, Decimal("0.00")),
    }


@pytest.mark.parametrize(
    ("amount", "earned"), [("10.49", "0.10"), ("10.50", "0.11"), ("0.50", "0.01"), ("0.00", "0.00")]
)
def test_an_incentive_is_rounded_half_up_to_the_cent(amount: str, earned: str) -> None:
    assert incentive(Decimal(amount)) == Decimal(earned)


def test_marts_are_sums_of_the_facts_in_rows_money_rank_and_incentive() -> None:
    facts = MonthOfFacts(customers={1: sold("10.00"), 2: sold("5.00")}, team={(1, 1): sold("15.00", 2)})
    line = TeamLine(sold("15.00", 2), 1, Decimal("0.15"))
    right = MonthOfMarts(customers=facts.customers, team={(1, 1): line}, incentives={(1, 1): Decimal("0.15")})
    assert list(unlike_facts(MARCH, facts, right)) == []
    wrong = MonthOfMarts(
        customers={1: sold("10.01"), 3: sold("5.00")},
        team={(1, 1): line._replace(rank=2)},
        incentives={(1, 1): Decimal("0.14"), (1, 2): Decimal("0.00")},
    )
    found = [(each.kind, each.month, each.key, each.expected) for each in unlike_facts(MARCH, facts, wrong)]
    assert found == [
        (Kind.CUSTOMER_MART, MARCH, "customer 1", "1 for 10.00"),
        (Kind.CUSTOMER_MART, MARCH, "customer 2", "1 for 5.00"),
        (Kind.CUSTOMER_MART, MARCH, "customer 3", "nothing"),
        (Kind.TEAM_MART, MARCH, "store 1, salesperson 1", "2 for 15.00, rank 1, incentive 0.15"),
        (Kind.INCENTIVES, MARCH, "store 1, salesperson 1", "0.15"),
    ]


def lines_table(rows: list[tuple[int, int]]) -> pa.Table:
    deliveries, lines = zip(*rows, strict=True) if rows else ((), ())
    columns = {"delivery_id": deliveries, "line_number": lines}
    return pa.table({name: pa.array(values, pa.int64()) for name, values in columns.items()})


@given(st.lists(st.lists(st.tuples(st.integers(1, 3), st.sampled_from((2, 3, 65_535, 65_536, 10**12))), max_size=8)))
def test_each_line_beyond_the_first_of_its_number_is_a_repeated_one(chunks: list[list[tuple[int, int]]]) -> None:
    seen_lines = LinesSeen()
    for chunk in chunks:
        seen_lines.add(lines_table(chunk))
    rows = [row for chunk in chunks for row in chunk]
    expected = {n: sum(d == n for d, _ in rows) - len({line for d, line in rows if d == n}) for n in (1, 2, 3)}
    assert seen_lines.repeated == {number: repeated for number, repeated in expected.items() if repeated}


def test_sums_stay_exact_over_any_number_of_chunks() -> None:
    sums = Sums("delivery_id")
    assert sums.sold() == {}
    cents = pa.array([Decimal("0.01"), Decimal("9999999999999999.99")], pa.decimal128(18, 2))
    for _ in range(3):
        sums.add(pa.table({"delivery_id": pa.array([7, 8], pa.int64()), "total_cost": cents}))
    assert sums.sold() == {(7,): sold("0.03", 3), (8,): sold("29999999999999999.97", 3)}
