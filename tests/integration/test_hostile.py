"""Names and cells made to break whoever handles them: each file comes to rest, each text arrives as it was sent."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.contract.columns import LONGEST_SAMPLE
from tasks.archive import Archived, archive
from tests.integration.hostile_texts import NAMES, TEXTS, of_greatest_length
from tests.known import SqlRow
from tests.shop import HEADER, Shop, know, open_shop

pytestmark = [pytest.mark.servers, pytest.mark.spark]

DAY = date(2020, 1, 1)
FIRST_ID = 100


def csv_text(*rows: list[str]) -> str:
    """Rows as a well-behaved program writes them, each value in quotes."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return text.getvalue()


def sale(number: int, product: str) -> list[str]:
    """A sale of this product by the salesperson with a hostile name to the customer with one."""
    return [str(FIRST_ID + number), "1", product, "2026-03-14", str(FIRST_ID + number), "2.50", "4", "10.00"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """The shop after one ingest of it all and two clean-ups, and the files that were put."""

    shop: Shop
    put: dict[str, bytes]
    done: tuple[Archived, Archived]
    resting: tuple[dict[str, bytes], dict[str, bytes]]
    deliveries: dict[str, SqlRow]


@pytest.fixture(scope="module")
def aftermath(servers: Path, spark: SparkSession) -> Iterator[Aftermath]:
    with open_shop(servers) as shop:
        know_hostile_people(shop)
        put = {name: body.encode() for name, body in (*hostile_names(shop), *hostile_cells())}
        for name, body in put.items():
            shop.put(name, body)
        shop.ingest(spark)
        assert shop.ingest(spark) == []
        done, resting = archive(shop.settings), whole_bucket(shop)
        again = archive(shop.settings)
        yield Aftermath(
            shop=shop,
            put=put,
            done=(done, again),
            resting=(resting, whole_bucket(shop)),
            deliveries={str(row["object_key"]): row for row in shop.deliveries()},
        )


def hostile_names(shop: Shop) -> Iterator[tuple[str, str]]:
    """Files with hostile names and harmless, different contents."""
    longest = of_greatest_length(shop.settings.storage.prefixes.landing)
    for number, name in enumerate((*NAMES, longest)):
        yield name, f"{HEADER},till\n1,1,Rye flour,2026-03-14,1,2.50,4,10.00,{number}\n"


def hostile_cells() -> Iterator[tuple[str, str]]:
    """Files with harmless names: the hostile texts in known and in unknown values, and in names of columns."""
    header = [*HEADER.split(","), "note"]
    yield "known.csv", csv_text(header, *[[*sale(number, text), text] for number, text in enumerate(TEXTS)])
    for number, text in enumerate(TEXTS):
        yield f"unknown_{number}.csv", csv_text(header, [*sale(number, f"no {text}"), text])
    yield "columns.csv", csv_text([*HEADER.split(","), *TEXTS], [*sale(0, TEXTS[0]), *TEXTS])
    yield "long.csv", csv_text(header, [*sale(0, "é" * 70_000), ""])
    yield "twice.csv", csv_text([*HEADER.split(","), *[f"{text} {'x' * 900}" for text in (*TEXTS, *TEXTS)]])


def know_hostile_people(shop: Shop) -> None:
    """Customers, salespeople and products under hostile names."""
    address: SqlRow = {"address": "", "pincode": "", "joining_date": DAY}
    people = [{"first_name": text, "last_name": text, **address} for text in TEXTS]
    ids = range(FIRST_ID, FIRST_ID + len(TEXTS))
    team: SqlRow = {"manager_id": None, "is_manager": False, "store_id": 1}
    know(
        shop.settings,
        {
            "customers": [
                {"customer_id": n, "phone_number": "", **person} for n, person in zip(ids, people, strict=True)
            ],
            "products": [
                {"product_id": n, "product_name": text, "price": 1, "created_on": DAY}
                for n, text in zip(ids, TEXTS, strict=True)
            ],
            "sales_team": [{"sales_person_id": n, **team, **person} for n, person in zip(ids, people, strict=True)],
        },
    )


def whole_bucket(shop: Shop) -> dict[str, bytes]:
    """Every object of the shop outside the lake."""
    prefixes = shop.settings.storage.prefixes
    found = [a for p in (prefixes.landing, prefixes.archive, prefixes.quarantine) for a in shop.bucket.listing(p)]
    return {a.object_key: shop.bucket.open(a.object_key, etag=a.etag).read() for a in found}


def test_every_name_gets_its_verdict_and_only_one(aftermath: Aftermath) -> None:
    expected = {name: "processed" if name.endswith(".csv") else "quarantined" for name in aftermath.put}
    expected["twice.csv"] = "quarantined"
    assert {key: row["status"] for key, row in aftermath.deliveries.items()} == expected
    assert len(aftermath.shop.deliveries()) == len(aftermath.put)


def test_every_file_rests_once_with_its_bytes_where_the_ledger_says(aftermath: Aftermath) -> None:
    (resting, _), (done, _) = aftermath.resting, aftermath.done
    assert (done.moved, done.gone, done.failures) == (len(aftermath.put), 0, ())
    by_name = {name: str(row["archived_key"]) for name, row in aftermath.deliveries.items()}
    assert {by_name[name]: body for name, body in aftermath.put.items()} == resting
    prefixes = aftermath.shop.settings.storage.prefixes
    for row in aftermath.deliveries.values():
        folder = prefixes.quarantine if row["status"] == "quarantined" else prefixes.archive
        assert str(row["archived_key"]).startswith(f"{folder}{row['delivery_id']}/")


def test_a_second_clean_up_changes_nothing(aftermath: Aftermath) -> None:
    assert aftermath.done[1] == Archived()
    assert aftermath.resting[0] == aftermath.resting[1]


def test_names_in_the_dimensions_arrive_in_the_marts_and_in_the_lake_as_they_are(aftermath: Aftermath) -> None:
    people = {FIRST_ID + number: f"{text} {text}" for number, text in enumerate(TEXTS)}
    customers = {row["customer_id"]: row["full_name"] for row in aftermath.shop.customer_mart()}
    team = {row["sales_person_id"]: row["full_name"] for row in aftermath.shop.team_mart()}
    assert people.items() <= customers.items()
    assert people.items() <= team.items()
    facts = facts_of(aftermath, "known.csv")
    shown = [(fact["customer_name"], fact["product_name"], fact["sales_person_name"]) for fact in facts]
    assert shown == [(f"{text} {text}", text, f"{text} {text}") for text in TEXTS]


def test_further_cells_and_names_of_columns_arrive_as_they_are(aftermath: Aftermath) -> None:
    notes = [json.loads(str(fact["additional_columns"])) for fact in facts_of(aftermath, "known.csv")]
    assert notes == [{"note": text} for text in TEXTS]
    (fact,) = facts_of(aftermath, "columns.csv")
    assert json.loads(str(fact["additional_columns"])) == {text.lower(): text for text in TEXTS}


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_a_refused_row_is_kept_as_it_was_sent(number: int, aftermath: Aftermath) -> None:
    name = f"unknown_{number}.csv"
    raw = aftermath.put[name].decode().partition("\n")[2].removesuffix("\n")
    assert [row["raw"] for row in rejects_of(aftermath, name)] == [raw]
    (told,) = told_of(aftermath, name, "delivery_rejects")
    assert (told["reason"], told["sample"]) == ("unknown_product", raw)
    (key,) = told_of(aftermath, name, "delivery_unknown_keys")
    assert key["unknown_key"] == f"no {TEXTS[number]}"


def test_a_refused_row_of_any_length_is_kept_whole_in_the_lake_and_shown_in_part(aftermath: Aftermath) -> None:
    raw = aftermath.put["long.csv"].decode().partition("\n")[2].removesuffix("\n")
    assert [row["raw"] for row in rejects_of(aftermath, "long.csv")] == [raw]
    (told,) = told_of(aftermath, "long.csv", "delivery_rejects")
    assert told["sample"] == raw[:LONGEST_SAMPLE]


def test_a_reason_names_as_many_columns_as_there_is_room_for(aftermath: Aftermath) -> None:
    reason = str(aftermath.deliveries["twice.csv"]["reason"])
    assert reason.startswith(f"duplicate_columns:{TEXTS[0]} xxx")
    assert reason.endswith("…")


def facts_of(aftermath: Aftermath, name: str) -> list[SqlRow]:
    return [f for f in aftermath.shop.facts() if f["delivery_id"] == aftermath.deliveries[name]["delivery_id"]]


def rejects_of(aftermath: Aftermath, name: str) -> list[SqlRow]:
    return [r for r in aftermath.shop.rejects() if r["delivery_id"] == aftermath.deliveries[name]["delivery_id"]]


def told_of(aftermath: Aftermath, name: str, table: str) -> list[SqlRow]:
    """Rows of a table about one delivery."""
    number = int(str(aftermath.deliveries[name]["delivery_id"]))
    return aftermath.shop.sql(f"SELECT * FROM {table} WHERE delivery_id = {number}")  # noqa: S608  names of our own
