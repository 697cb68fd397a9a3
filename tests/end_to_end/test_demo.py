"""The demo's path at 20,000 sales, by the worker, from generation to the archive; then held against the oracle."""

import csv
import gzip
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from streaming.bucket import Bucket
from streaming.contract.places import CHECKOUT
from streaming.contract.settings import read_settings
from tests import oracle
from tests.generated import by_etag, world_of
from tests.oracle.marts import customer_mart, sales_team_mart
from tests.shop import Shop, drop_tables

ROWS, FILES = 20_000, 12
PATIENCE_SECONDS = 280
DIMENSIONS = ("customers", "stores", "products", "sales_team")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the demo left and said, and what the oracle says of the same files."""

    shop: Shop
    said: str
    world: oracle.World
    bodies: Mapping[int, bytes]


def run_demo() -> str:
    """Run the demo to its end; what it printed."""
    command = [sys.executable, "-m", "deployments.demo", "--rows", str(ROWS), "--files", str(FILES)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def demo(servers: Path) -> Told:
    """The demo on an environment without tables, prefixes or files."""
    settings = read_settings("dev")
    drop_tables(settings)
    said = run_demo()
    shop = Shop(settings=settings, bucket=Bucket(settings.storage), overlay=servers / "nowhere")
    made = by_etag(servers / "generated")
    bodies = {int(str(d["delivery_id"])): made[str(d["etag"])] for d in shop.deliveries()}
    return Told(shop=shop, said=said, world=world_of(shop, bodies), bodies=bodies)


def test_every_delivery_has_the_verdict_of_the_oracle(demo: Told) -> None:
    found = {
        d["delivery_id"]: (d["status"], d["reason"], d["duplicate_of"], d["superseded_by"], d["rows_read"],
                           d["rows_loaded"], d["rows_rejected"], d["amount_loaded"])
        for d in demo.shop.deliveries()
    }  # fmt: skip
    expected = {
        number: (o.status, o.reason, o.duplicate_of, o.superseded_by, o.rows_read, o.rows_loaded, o.rows_rejected,
                 o.amount)
        for number, o in demo.world.outcomes.items()
    }  # fmt: skip
    assert found == expected


def test_the_files_hold_every_verdict_and_every_reason(demo: Told) -> None:
    statuses = {d["status"] for d in demo.shop.deliveries()}
    verdicts = {str(d["reason"]).partition(":")[0] for d in demo.shop.deliveries() if d["status"] == "quarantined"}
    reasons = {str(r["reason"]) for r in demo.shop.sql("SELECT DISTINCT reason FROM delivery_rejects")}
    assert statuses == {"processed", "quarantined", "duplicate", "superseded"}
    assert verdicts == {
        "missing_columns", "duplicate_columns", "empty_file", "not_utf8", "not_csv", "corrupt_gzip", "too_large",
        "unsupported_key",
    }  # fmt: skip
    assert len(reasons) == 24


def test_the_facts_in_the_lake_are_those_of_the_oracle(demo: Told) -> None:
    columns = (
        "delivery_id", "line_number", "customer_id", "store_id", "product_name", "sales_date", "sales_person_id",
        "price", "quantity", "total_cost", "sales_month", "customer_name", "product_id", "list_price",
        "sales_person_name", "sales_person_store_id",
    )  # fmt: skip
    found = [(*(row[name] for name in columns), _parsed(row["additional_columns"])) for row in demo.shop.facts()]
    expected = [
        (*(getattr(fact, name) for name in columns), fact.additional_columns)
        for fact in sorted(demo.world.facts, key=lambda f: (f.delivery_id, f.line_number))
    ]
    assert len(found) == len(expected) > ROWS * 0.9
    assert found == expected


def test_the_rejects_keep_line_reasons_and_text(demo: Told) -> None:
    found = [(r["delivery_id"], r["line_number"], tuple(_list(r["reasons"])), r["raw"]) for r in demo.shop.rejects()]
    rejects = sorted(demo.world.rejects, key=lambda r: (r.delivery_id, r.line_number))
    assert found == [(r.delivery_id, r.line_number, r.reasons, r.raw) for r in rejects]


def test_the_customer_mart_is_that_of_the_oracle(demo: Told) -> None:
    found = [
        (r["customer_id"], r["sales_month"], r["full_name"], r["purchases"], r["total_purchases"])
        for r in demo.shop.customer_mart()
    ]
    assert found == sorted(tuple(row) for row in customer_mart(demo.world.facts))


def test_the_sales_team_mart_is_that_of_the_oracle(demo: Told) -> None:
    found = [
        (r["store_id"], r["sales_month"], r["sales_person_id"], r["full_name"], r["sales"], r["total_sales"],
         r["sales_rank"], r["incentive"])
        for r in demo.shop.team_mart()
    ]  # fmt: skip
    assert found == sorted(tuple(row) for row in sales_team_mart(demo.world.facts))


def test_every_file_rests_in_archive_or_quarantine_with_the_same_bytes(demo: Told) -> None:
    storage = demo.shop.settings.storage
    resting = {
        arrival.object_key: arrival
        for prefix in (storage.prefixes.archive, storage.prefixes.quarantine)
        for arrival in demo.shop.bucket.listing(prefix)
    }
    assert list(demo.shop.bucket.listing(storage.prefixes.landing)) == []
    archived = {str(d["archived_key"]): d for d in demo.shop.deliveries() if d["archived_key"]}
    reasons = {f"{key}.reason.json" for key, delivery in archived.items() if delivery["status"] == "quarantined"}
    assert archived.keys() | reasons == resting.keys()
    for key, delivery in archived.items():
        body = demo.shop.bucket.open(key, etag=resting[key].etag).read() if resting[key].size_bytes else b""
        assert hashlib.sha256(body).digest() == hashlib.sha256(demo.bodies[int(str(delivery["delivery_id"]))]).digest()
        place = storage.prefixes.quarantine if delivery["status"] == "quarantined" else storage.prefixes.archive
        assert key.startswith(place)


def test_the_lake_is_partitioned_by_month_and_store(demo: Told) -> None:
    table = demo.shop.lake_table(demo.shop.settings.storage.prefixes.facts)
    assert table.metadata().partition_columns == ["sales_month", "store_id"]


def test_the_demo_says_what_happened(demo: Told) -> None:
    for text in ("Deliveries by verdict", "Refused rows by reason", "Top customers", "incentive", "Facts", "make down"):
        assert text in demo.said
    (best,) = demo.shop.sql("SELECT full_name FROM customer_totals ORDER BY total_purchases DESC, customer_id LIMIT 1")
    assert str(best["full_name"]) in demo.said


@pytest.mark.soak
def test_a_second_demo_reuses_all_that_is_there_and_changes_nothing(demo: Told) -> None:
    before = (demo.shop.state(), demo.shop.deliveries(), demo.shop.rejects())
    said = run_demo()
    assert "No new files since the last run: nothing changed." in said
    assert (demo.shop.state(), demo.shop.deliveries(), demo.shop.rejects()) == before


def test_money_adds_up_from_the_files_to_both_marts(demo: Told) -> None:
    """By nothing but csv and Decimal over the lines that count, without rules: the accepted lines, summed."""
    counting = {fact.delivery_id for fact in demo.world.facts}
    total = sum((_money_of(demo, number) for number in counting), Decimal(0))
    marts = demo.shop.sql(
        "SELECT (SELECT SUM(total_purchases) FROM customer_mart) AS customers,"
        " (SELECT SUM(total_sales) FROM sales_team_mart) AS team"
    )
    assert marts == [{"customers": total, "team": total}]


def _money_of(demo: Told, number: int) -> Decimal:
    rejected = {reject.line_number for reject in demo.world.rejects if reject.delivery_id == number}
    body = demo.bodies[number]
    text = (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode("utf-8-sig")
    reader = csv.reader(io.StringIO(text, newline=""))
    at = [name.strip().lower() for name in next(reader)].index("total_cost")
    total, line = Decimal(0), reader.line_num + 1
    for row in reader:
        if row and line not in rejected:
            total += Decimal(row[at].strip())
        line = reader.line_num + 1
    return total


def _parsed(text: object) -> object:
    return json.loads(str(text)) if text is not None else None


def _list(value: object) -> list[str]:
    assert isinstance(value, list)
    return value
