"""Every case of the data contract through the real source, from a real CSV on the real S3 server."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.known import SqlRow
from tests.shop import Shop, know_case_dimensions, open_shop

CASES = Path(__file__).parents[1] / "cases"
NAMES = sorted(folder.name for folder in CASES.iterdir() if folder.is_dir())
DEFAULT_LIMITS = {"bytes_per_file": 64 * 1024**2}
VERDICT = ("status", "reason", "rows_read", "rows_loaded", "rows_rejected", "amount_loaded")


def expected_of(name: str) -> dict[str, object]:
    case: dict[str, object] = json.loads((CASES / name / "expected.json").read_text(encoding="utf-8"))
    return case


@pytest.fixture(scope="module")
def loaded(servers: Path, spark: SparkSession) -> Iterator[dict[str, dict[str, object]]]:
    """What became of each case; those with the same limits and different bytes go in one batch."""
    with open_shop(servers) as shop:
        yield {name: case for limits, names in _batches() for name, case in _load(shop, spark, limits, names)}


def _batches() -> list[tuple[str, list[str]]]:
    batches: dict[tuple[str, int], list[str]] = defaultdict(list)
    seen: Counter[bytes] = Counter()
    for name in NAMES:
        case = expected_of(name)
        body = (CASES / name / str(case["file"])).read_bytes()
        batches[json.dumps(case.get("limits", DEFAULT_LIMITS)), seen[body]].append(name)
        seen[body] += 1
    return [(limits, names) for (limits, _), names in batches.items()]


def _load(shop: Shop, spark: SparkSession, limits: str, names: list[str]) -> Iterator[tuple[str, dict[str, object]]]:
    shop.start_over()
    know_case_dimensions(shop, CASES / "dimensions.json")
    shop.limit(*(f"{name} = {value}" for name, value in json.loads(limits).items()))
    for name in names:
        file = str(expected_of(name)["file"])
        shop.put(f"{name}/{file}", (CASES / name / file).read_bytes())
    (report,) = shop.ingest(spark)
    assert report.sums.deliveries == len(names)
    rejects, facts = _by_delivery(shop.rejects()), _by_delivery(shop.facts())
    for delivery in shop.deliveries():
        name, number = str(delivery["object_key"]).partition("/")[0], delivery["delivery_id"]
        yield name, {"delivery": delivery, "rejects": rejects[number], "facts": facts[number]}


def _by_delivery(rows: list[SqlRow]) -> dict[object, list[SqlRow]]:
    found: dict[object, list[SqlRow]] = defaultdict(list)
    for row in rows:
        found[row["delivery_id"]].append(row)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_stream_does_with_the_file_what_the_case_says(name: str, loaded: dict[str, dict[str, object]]) -> None:
    expected, found = expected_of(name), loaded[name]
    delivery = found["delivery"]
    assert isinstance(delivery, dict)
    assert {field: _plain(delivery[field]) for field in VERDICT} == {field: expected[field] for field in VERDICT}
    rejects = found["rejects"]
    assert isinstance(rejects, list)
    shown = [{field: row[field] for field in ("line_number", "reasons", "raw")} for row in rejects]
    assert shown == expected["rejects"]
    if "facts" in expected:
        wanted, facts = expected["facts"], found["facts"]
        assert isinstance(wanted, list)
        assert isinstance(facts, list)
        assert [_like(row, columns) for row, columns in zip(facts, wanted, strict=True)] == wanted


def _like(row: SqlRow, wanted: SqlRow) -> SqlRow:
    """The row with the columns that the case tells about, as JSON has them."""
    shown = {name: _plain(row[name]) for name in wanted}
    extra = shown.get("additional_columns")
    return {**shown, "additional_columns": json.loads(extra)} if isinstance(extra, str) else shown


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value.quantize(Decimal("0.01")))
    return value.isoformat() if isinstance(value, date) else value
