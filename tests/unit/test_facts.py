"""Facts, rejects and the report on each delivery."""

from decimal import Decimal

from streaming.contract.settlements import FileReport
from streaming.facts import fates_summed, only_facts, only_rejects, per_fate, reports, sold_of
from tests.checked import checked, closing_of, refused, values_of


def test_facts_are_the_rows_without_reasons() -> None:
    rows = checked({"line_number": 2}, refused(1, 3, "missing:price"), {"delivery_id": 2}, closing_of(1, rows=2))
    assert values_of(only_facts(rows), "delivery_id", "line_number") == [(1, 2), (2, 2)]


def test_rejects_carry_all_reasons_and_their_text() -> None:
    rows = checked({}, refused(1, 3, "missing:price total_mismatch"), closing_of(1, rows=2))
    assert values_of(only_rejects(rows), "delivery_id", "line_number", "reasons", "raw") == [
        (1, 3, ["missing:price", "total_mismatch"], "line 3")
    ]


def test_a_report_counts_rows_and_money_by_what_became_of_them() -> None:
    rows = checked(
        {"total_cost": Decimal("10.00")},
        {"line_number": 3, "total_cost": Decimal("0.05"), "sales_month": "2026-02"},
        refused(1, 4, "missing:price"),
        refused(1, 5, "missing:price total_mismatch"),
        closing_of(1, rows=4),
        closing_of(2, rows=0, reason="not_csv"),
    )
    assert reports(per_fate(rows).to_pylist()) == {
        1: FileReport(
            delivery_id=1,
            rows_in_file=4,
            rows_loaded=2,
            rows_rejected=2,
            amount_loaded=Decimal("10.05"),
            sales_months=("2026-02", "2026-03"),
        ),
        2: FileReport(delivery_id=2, reason="not_csv"),
    }


def test_a_report_is_the_same_wherever_its_rows_are_cut() -> None:
    rows = checked({}, {"line_number": 3}, refused(1, 4, "missing:price"), closing_of(1, rows=3))
    whole, parts = per_fate(rows), [per_fate(rows.slice(start, 1)) for start in range(4)]
    assert sorted(fates_summed(parts).to_pylist(), key=str) == sorted(whole.to_pylist(), key=str)
    assert reports(fates_summed(parts).to_pylist()) == reports(whole.to_pylist())


def test_an_empty_batch_reports_nothing() -> None:
    assert reports(per_fate(checked()).to_pylist()) == {}


def test_what_salespeople_sold_is_told_by_delivery_but_for_those_left_out() -> None:
    elsewhere = {"store_id": 2, "sales_person_id": 4, "sales_person_name": "Ada Byron"}
    rows = checked({}, {"line_number": 3}, refused(1, 4, "missing:price"), elsewhere, {"delivery_id": 2})
    assert sorted(sold_of(per_fate(rows).to_pylist(), but_of={2}), key=str) == [
        {
            "store_id": 1,
            "sales_month": "2026-03",
            "sales_person_id": 3,
            "full_name": "Grace Hopper",
            "sales": 2,
            "total_sales": Decimal("20.00"),
            "deliveries": [1],
        },
        {
            "store_id": 2,
            "sales_month": "2026-03",
            "sales_person_id": 4,
            "full_name": "Ada Byron",
            "sales": 1,
            "total_sales": Decimal("10.00"),
            "deliveries": [1],
        },
    ]
