"""The oracle agrees with every case folder, whose expectations were reasoned out from the contract by hand."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.oracle import Delivery, Fact, Limits, Outcome, Shop, replay

CASES = Path(__file__).parents[1] / "cases"
NAMES = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir())
TODAY = date(2026, 11, 24)
Json = dict[str, object]


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop.of(**json.loads((CASES / "dimensions.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", NAMES)
def test_the_oracle_agrees_with_the_case(name: str, shop: Shop) -> None:
    expected = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))
    body = (CASES / name / expected["file"]).read_bytes()
    limits = Limits(**expected.get("limits", {}))
    world = replay([[Delivery(1, expected["file"], body)]], shop, today=TODAY, limits=limits)
    outcome = world.outcomes[1]
    assert _verdict(outcome) == {name: expected[name] for name in _verdict(outcome)}
    assert _rejects(outcome) == expected["rejects"]
    assert _facts(outcome, like=expected.get("facts")) == expected.get("facts")


def test_each_case_folder_holds_its_file_and_what_to_expect() -> None:
    for name in NAMES:
        expected = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))
        assert {path.name for path in (CASES / name).iterdir()} == {"expected.json", expected["file"]}


def test_the_cases_cover_every_reason_and_every_verdict() -> None:
    expected = [json.loads((CASES / name / "expected.json").read_text(encoding="utf-8")) for name in NAMES]
    row_reasons = {reason for case in expected for reject in case["rejects"] for reason in reject["reasons"]}
    verdicts = {case["reason"].split(":")[0] for case in expected if case["reason"]}
    typed = ("customer_id", "store_id", "sales_date", "sales_person_id", "price", "quantity", "total_cost")
    assert row_reasons == {
        "malformed_row",
        *(f"missing:{name}" for name in (*typed, "product_name")),
        *(f"bad_type:{name}" for name in typed),
        *(f"out_of_range:{name}" for name in ("quantity", "price", "sales_date")),
        "total_mismatch",
        *(f"unknown_{name}" for name in ("customer", "store", "product", "sales_person")),
    }
    assert verdicts == {
        "unsupported_key",
        "empty_file",
        "corrupt_gzip",
        "too_large",
        "not_utf8",
        "not_csv",
        "missing_columns",
        "duplicate_columns",
    }


def _verdict(outcome: Outcome) -> Json:
    return {
        "status": outcome.status,
        "reason": outcome.reason,
        "rows_read": outcome.rows_read,
        "rows_loaded": outcome.rows_loaded,
        "rows_rejected": outcome.rows_rejected,
        "amount_loaded": str(outcome.amount),
    }


def _rejects(outcome: Outcome) -> list[Json]:
    return [{"line_number": r.line_number, "reasons": list(r.reasons), "raw": r.raw} for r in outcome.rejects]


def _facts(outcome: Outcome, *, like: list[Json] | None) -> list[Json] | None:
    """The facts as JSON has them, with the columns that the case tells about; None where it tells of none."""
    if like is None:
        return None
    shown = zip(outcome.facts, like, strict=True)
    return [{name: _plain(fact, name) for name in wanted} for fact, wanted in shown]


def _plain(fact: Fact, name: str) -> object:
    value = getattr(fact, name)
    if isinstance(value, Decimal):
        return str(value.quantize(Decimal("0.01")))
    return value.isoformat() if isinstance(value, date) else value
