"""The worked example of docs/marts.md through the real stream, and what docs/users.md asks marts and lake after it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.contract.columns import FACTS, names
from streaming.contract.places import CHECKOUT
from streaming.warehouse.attempts import enter_redrives, with_known_keys
from streaming.warehouse.connection import connected
from streaming.warehouse.dimensions import DIMENSIONS
from tasks.archive import archive
from tests.known import SqlRow
from tests.shop import HEADER, Shop, open_shop

MARTS = (CHECKOUT / "docs" / "marts.md").read_text(encoding="utf-8")
USERS = (CHECKOUT / "docs" / "users.md").read_text(encoding="utf-8")
FILE = re.compile(r"`(?P<key>store-[^`]+)`,\s+delivery \d+[:.]\n\n```csv\n(?P<body>.*?)```", re.DOTALL)
TABLE = re.compile(r"^Table `(?P<name>\w+)`:\n\n(?P<lines>(?:\|.*\n)+)", re.MULTILINE)
PROGRAM = re.compile(r"^ *```(?P<language>sql|python)\n(?P<text>.*?)```$", re.MULTILINE | re.DOTALL)
COLUMN = re.compile(r"`(\w+)`")

OPENING, *STEPS = MARTS.partition("## A worked example")[2].split("\n### ")
KEY_COLUMNS = {"customer_mart": 2, "sales_team_mart": 3}
LEDGER = "incentive_ledger"
COUNTED = {
    "customer_mart": "SELECT * FROM customer_mart ORDER BY customer_id, sales_month",
    "sales_team_mart": "SELECT * FROM sales_team_mart ORDER BY store_id, sales_month, sales_person_id",
    LEDGER: "SELECT * FROM incentive_ledger ORDER BY entry_id",
}
Line = tuple[str, ...]
Books = dict[str, list[Line]]


def programs(page: str, language: str) -> list[str]:
    return [match["text"] for match in PROGRAM.finditer(page) if match["language"] == language]


def statements(page: str) -> list[str]:
    return [statement for text in programs(page, "sql") for statement in re.split(r";\n", text) if statement.strip()]


def lines_of(table: str) -> tuple[Line, list[Line]]:
    """The header of a Markdown table, and its lines."""
    header, _, *lines = (tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in table.splitlines())
    return header, lines


@dataclass(frozen=True)
class Told:
    """The shop after the last step, and its books after each."""

    shop: Shop
    books: Sequence[Books]


@pytest.fixture(scope="module")
def told(servers: Path, spark: SparkSession) -> Iterator[Told]:
    with open_shop(servers) as shop:
        for table in DIMENSIONS:
            shop.do(f"DELETE FROM {table}")  # noqa: S608  a name of our own
        take_up(shop, OPENING)
        yield Told(shop, [step_taken(shop, spark, step) for step in STEPS])


def step_taken(shop: Shop, spark: SparkSession, step: str) -> Books:
    """Do what the step tells of; the books afterwards."""
    take_up(shop, step)
    archive(shop.settings)
    with connected(shop.settings.warehouse) as database:
        if enter_redrives(database, with_known_keys(database)):  # for users.md: something that stays refused
            shop.put_sales("store-3/unknown.csv", "1,3,Rye flour,2026-04-03,1,2.50,1,2.50")
            shop.put("store-3/broken.csv", HEADER.partition(",")[0])
    shop.ingest(spark)
    return {name: shown(shop.sql(query), name) for name, query in COUNTED.items()}


def take_up(shop: Shop, text: str) -> None:
    """Enter the dimension rows and put the files that a text names."""
    for statement in statements(text):
        shop.do(statement)
    for file in FILE.finditer(text):
        shop.put(file["key"], file["body"])


def shown(rows: list[SqlRow], name: str) -> list[Line]:
    """Rows of a mart as the page shows them."""
    (header, _), *_ = (lines_of(match["lines"]) for match in TABLE.finditer(STEPS[0]) if match["name"] == name)
    return [tuple(str(row[column]) for column in header) for row in rows]


def expected(until: int) -> Books:
    """The books by the page, after so many steps: later tables name only what changes, or what is new."""
    books: Books = {name: [] for name in COUNTED}
    for match in (match for step in STEPS[:until] for match in TABLE.finditer(step)):
        name, (_, lines) = match["name"], lines_of(match["lines"])
        if width := KEY_COLUMNS.get(name):
            by_key = {line[:width]: line for line in (*books[name], *lines)}
            books[name] = [line for _, line in sorted(by_key.items())]
        else:
            books[name] += lines
    return books


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_after_each_step_the_books_are_those_of_the_page(step: int, told: Told) -> None:
    assert told.books[step - 1] == expected(step)


def test_the_example_has_what_makes_marts_hard(told: Told) -> None:
    ranks = [line[6] for line in told.books[0]["sales_team_mart"][:2]]
    assert ranks == ["1", "1"], "a tie"
    assert {line[3] for line in told.books[-1][LEDGER]} == {"award", "reversal"}
    statuses = [status for _, status, _ in told.shop.verdicts()[:4]]
    assert statuses == ["superseded", "superseded", "processed", "processed"]


def test_what_payroll_was_told_adds_up_to_the_mart(told: Told) -> None:
    query = "SELECT store_id, sales_month, sales_person_id, incentive FROM {} WHERE incentive <> 0 ORDER BY 1, 2, 3"
    assert told.shop.sql(query.format("incentive_totals")) == told.shop.sql(query.format("sales_team_mart"))


@pytest.mark.parametrize("statement", statements(USERS))
def test_a_query_for_users_finds_something(statement: str, told: Told) -> None:
    landing = told.shop.settings.storage.prefixes.landing
    assert told.shop.sql(statement.replace("'landing/", f"'{landing}"))


@pytest.fixture
def run(told: Told, spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, object]]:
    """Run a program of the page against this shop's bucket; what it leaves behind."""
    storage = told.shop.settings.storage
    assert storage.access_key is not None
    assert storage.secret_key is not None
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", storage.access_key.get_secret_value())
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", storage.secret_key.get_secret_value())
    monkeypatch.setenv("AWS_REGION", storage.region)
    monkeypatch.setenv("AWS_ENDPOINT_URL", str(storage.endpoint))
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    top = f"{storage.bucket}/{storage.prefixes.facts.removesuffix('sales/')}"

    def run_one(program: str) -> dict[str, object]:
        left: dict[str, object] = {"spark": spark}
        exec(program.replace("tillstream-dev/processed/", top), left)  # noqa: S102  our own page
        return left

    return run_one


def test_the_programs_for_users_read_the_lake(
    run: Callable[[str], dict[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    by_arrow, by_duckdb, by_spark, refused = programs(USERS, "python")
    run(by_arrow)
    assert "{'product_name': 'Rye flour', 'total_cost_sum': Decimal('52.50')}" in capsys.readouterr().out
    assert run(by_duckdb)["last_days"] == [(1, date(2026, 3, 31), 4)]
    run(by_spark)
    assert "303.50" in capsys.readouterr().out
    run(refused)
    assert "2 ['unknown_store'] 1,3,Rye flour" in capsys.readouterr().out


def test_the_page_for_users_names_the_columns_that_there_are(told: Told) -> None:
    told_of_facts = USERS.partition("Their columns:")[2].partition("(a JSON text)")[0]
    assert sorted(COLUMN.findall(told_of_facts)) == sorted(names(FACTS))
    for table in DIMENSIONS:
        (row,) = (line for line in USERS.splitlines() if line.startswith(f"| `{table}` |"))
        columns = told.shop.sql(f"SHOW COLUMNS FROM {table}")
        assert COLUMN.findall(row.split("|")[2]) == [column["Field"] for column in columns]
