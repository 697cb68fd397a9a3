"""Files made to fill memory or time: each ends within seconds and in little memory, with the limits that prod has."""

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.contract.places import CHECKOUT
from streaming.contract.sections import Limits
from tests.shop import HEADER, Shop, open_shop

pytestmark = [pytest.mark.servers, pytest.mark.spark]

MEBIBYTE = 1024 * 1024
SALE = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
MOST_SECONDS = 15
MOST_MEGABYTES = 200
"""More than reading a file of one row takes."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How reading a file ended: the reason why it cannot count, else its rows; and what it cost."""

    reason: str | None
    rows: int
    seconds: float
    megabytes: int


def zipped(text: bytes, *, times: int = 1) -> bytes:
    """The header and so many times the text, as gzip members one behind the other."""
    return gzip.compress(f"{HEADER}\n".encode()) + gzip.compress(text) * times


def filled(line: str, size: int) -> bytes:
    """So many bytes of one line after the other."""
    return (line.encode() * (1 + size // len(line)))[:size]


def wide(names: list[str], *rows: str) -> bytes:
    """A file with these further columns."""
    return "\n".join((",".join((HEADER, *names)), *rows)).encode()


def bombs() -> Iterator[tuple[str, bytes, str | None, int]]:
    """Name, bytes, the reason why the file is refused, and the rows of those that are not."""
    whole, per_member = Limits().bytes_per_file, 16 * MEBIBYTE
    often = 1 + whole // per_member
    yield "blank_lines.csv.gz", zipped(filled("\n", per_member), times=often), "too_large", 0
    yield "same_row.csv.gz", zipped(filled(f"{SALE}\n", per_member), times=often), "too_large", 0
    yield "zeros.csv.gz", zipped(bytes(per_member), times=64), "not_csv", 0
    yield "one_line.csv.gz", zipped(b"a" * per_member, times=64), "not_csv", 0
    yield "one_blank_line.csv.gz", zipped(b" " * per_member, times=64), "not_csv", 0
    yield "open_quote.csv.gz", zipped(b'1,1,"' + filled(f"{SALE}\n", per_member), times=64), "not_csv", 0
    yield "open_quote_after_a_closed_one.csv.gz", zipped(b'"1"1,"' + filled(f"{SALE}\n", per_member)), "not_csv", 0
    yield "bomb_in_a_bomb.csv.gz", gzip.compress(zipped(bytes(per_member), times=64)), "not_utf8", 0
    yield "one_line.csv", f"{HEADER}\n".encode() + b"a" * 8 * MEBIBYTE, "not_csv", 0
    yield "columns.csv", wide([f"c{n}" for n in range(10_000)], SALE), "not_csv", 0
    yield "long_rows.csv", wide(["note"], *[f"{SALE},{'x' * (MEBIBYTE - 100)}"] * 32), None, 32
    yield "rows_of_many_fields.csv", wide([], *["ab," * (MEBIBYTE // 3)] * 24), None, 24
    yield "long_names.csv", wide([f"{n:01000}" for n in range(990)], *[SALE + "," * 990] * 300), None, 300


BOMBS = {name: (body, reason, rows) for name, body, reason, rows in bombs()}
HARMLESS = "a_harmless_file.csv"
IN_THE_STREAM = ("bomb_in_a_bomb.csv.gz", "columns.csv", "long_names.csv", "one_line.csv.gz", "open_quote.csv.gz")


@pytest.fixture(scope="module")
def endings(servers: Path) -> dict[str, Ending]:
    """How reading each file ended, in a process that does nothing else."""
    with open_shop(servers) as shop:
        shop.limit(f"bytes_per_file = {Limits().bytes_per_file}")
        assert shop.settings.limits == Limits()
        shop.put_sales(HARMLESS, SALE)
        for name, (body, _, _) in BOMBS.items():
            shop.put(name, body)
        command = [sys.executable, "-m", "tests.integration.read_alone"]
        reader = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True, check=True)
    told = [json.loads(line) for line in reader.stdout.splitlines()]
    return {line.pop("name"): Ending(**line) for line in told}


@pytest.mark.parametrize("name", BOMBS)
def test_the_file_is_read_or_refused_in_seconds_and_in_little_memory(name: str, endings: dict[str, Ending]) -> None:
    _, reason, rows = BOMBS[name]
    ending = endings[name]
    assert ending.reason == reason
    assert ending.rows == rows or reason is not None
    assert ending.seconds < MOST_SECONDS
    assert ending.megabytes - endings[HARMLESS].megabytes < MOST_MEGABYTES


@pytest.mark.soak
def test_the_stream_outlives_them_and_loads_what_can_be_read(shop: Shop, spark: SparkSession) -> None:
    shop.put_sales(HARMLESS, SALE)
    for name in IN_THE_STREAM:
        shop.put(name, BOMBS[name][0])
    shop.ingest(spark)
    found = {row["object_key"]: (row["status"], row["reason"], row["rows_loaded"]) for row in shop.deliveries()}
    verdicts = {
        name: ("quarantined", reason, 0) if reason else ("processed", None, rows)
        for name, (_, reason, rows) in BOMBS.items()
        if name in IN_THE_STREAM
    }
    assert found == {HARMLESS: ("processed", None, 1), **verdicts}
