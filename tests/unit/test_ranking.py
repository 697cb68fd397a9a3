"""Ranks and incentives of a store's team, also where a correction takes sales away."""

from decimal import Decimal

from streaming.contract.columns import TEAM_TOTALS, names
from streaming.ranking import ranked

RANKED = ("store_id", "sales_month", "sales_person_id", "sales", "total_sales", "sales_rank", "incentive")
Line = tuple[int, str, int, str, int, str]


def team(*lines: Line) -> list[dict[str, object]]:
    named = (dict(zip(names(TEAM_TOTALS), line, strict=True)) for line in lines)
    return [{**row, "total_sales": Decimal(str(row["total_sales"]))} for row in named]


def values_of(rows: list[dict[str, object]], *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in columns) for row in rows]


def test_the_best_of_a_store_and_month_earns_one_percent_half_up() -> None:
    change = team((1, "2026-03", 1, "A", 1, "150.50"), (1, "2026-03", 2, "B", 1, "150.49"))
    assert values_of(ranked((), change), *RANKED) == [
        (1, "2026-03", 1, 1, Decimal("150.50"), 1, Decimal("1.51")),
        (1, "2026-03", 2, 1, Decimal("150.49"), 2, Decimal("0.00")),
    ]


def test_equals_share_the_first_rank_and_both_earn() -> None:
    change = team(
        (1, "2026-03", 1, "A", 1, "9.00"), (1, "2026-03", 2, "B", 3, "9.00"), (1, "2026-03", 3, "C", 1, "8.00")
    )
    assert values_of(ranked((), change), "sales_person_id", "sales_rank", "incentive") == [
        (1, 1, Decimal("0.09")),
        (2, 1, Decimal("0.09")),
        (3, 3, Decimal("0.00")),
    ]


def test_stores_and_months_are_ranked_apart() -> None:
    change = team(
        (1, "2026-03", 1, "A", 1, "9.00"), (1, "2026-04", 2, "B", 1, "1.00"), (2, "2026-03", 3, "C", 1, "2.00")
    )
    assert values_of(ranked((), change), "sales_person_id", "sales_rank") == [(1, 1), (2, 1), (3, 1)]


def test_a_late_sale_can_move_the_incentive() -> None:
    standing = team((1, "2026-03", 1, "A", 4, "100.00"), (1, "2026-03", 2, "B", 3, "90.00"))
    late = team((1, "2026-03", 2, "B", 1, "20.00"))
    assert values_of(ranked(standing, late), *RANKED) == [
        (1, "2026-03", 2, 4, Decimal("110.00"), 1, Decimal("1.10")),
        (1, "2026-03", 1, 4, Decimal("100.00"), 2, Decimal("0.00")),
    ]


def test_someone_whose_sales_were_all_taken_away_leaves_the_mart() -> None:
    standing = team((1, "2026-03", 1, "A", 1, "5.00"))
    assert ranked(standing, team((1, "2026-03", 1, "A", -1, "-5.00"))) == []


def test_the_newest_name_is_kept() -> None:
    standing = team((1, "2026-03", 1, "Maiden", 1, "5.00"))
    new = team((1, "2026-03", 1, "Married", 1, "5.00"), (1, "2026-03", 1, "Maiden", -1, "-5.00"))
    assert values_of(ranked(standing, new), "full_name", "sales") == [("Married", 1)]
