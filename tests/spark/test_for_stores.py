"""The examples that docs/for-stores.md shows to stores get what the page says, from the real stream."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.contract.places import CHECKOUT
from tests.known import SqlRow
from tests.shop import Shop, open_shop

PAGE = (CHECKOUT / "docs" / "for-stores.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(
    r"^File `(?P<key>[^`]+)`(?:, saved as (?P<encoding>[\w-]+))?: `(?P<status>\w+)`(?:\sas\s`(?P<reason>[^`]+)`)?"
    r"(?:, (?P<loaded>\d+) rows? loaded, (?P<refused>\d+) refused)?\.\n\n```csv\n(?P<body>.*?)```$",
    re.MULTILINE | re.DOTALL,
)
REFUSED_ROW = re.compile(r"^\| (?P<line>\d+) \| (?P<reasons>`[^|]+`) \|", re.MULTILINE)

EXAMPLES = {match["key"]: match for match in EXAMPLE.finditer(PAGE)}
COPY = "store-02/the same bytes.csv"


def bytes_of(example: re.Match[str]) -> bytes:
    return example["body"].encode(example["encoding"] or "utf-8")


@pytest.fixture(scope="module")
def shop_with_examples(servers: Path, spark: SparkSession) -> Iterator[Shop]:
    """All examples in one batch, and the first of them once more under another name."""
    with open_shop(servers) as shop:
        for key, example in EXAMPLES.items():
            shop.put(key, bytes_of(example))
        shop.put(COPY, bytes_of(next(iter(EXAMPLES.values()))))
        shop.ingest(spark)
        yield shop


def delivery_of(shop: Shop, key: str) -> SqlRow:
    (delivery,) = (row for row in shop.deliveries() if row["object_key"] == key)
    return delivery


@pytest.mark.parametrize("key", EXAMPLES)
def test_an_example_gets_the_verdict_that_the_page_says(key: str, shop_with_examples: Shop) -> None:
    example, delivery = EXAMPLES[key], delivery_of(shop_with_examples, key)
    assert (delivery["status"], delivery["reason"]) == (example["status"], example["reason"])
    if example["loaded"]:
        rows = (int(example["loaded"]), int(example["refused"]))
        assert (delivery["rows_loaded"], delivery["rows_rejected"]) == rows


def test_a_refused_row_has_the_reasons_that_the_page_says(shop_with_examples: Shop) -> None:
    told = [(int(row["line"]), row["reasons"].replace("`", "").split()) for row in REFUSED_ROW.finditer(PAGE)]
    assert [(row["line_number"], row["reasons"]) for row in shop_with_examples.rejects()] == told


def test_the_same_bytes_do_not_count_a_second_time(shop_with_examples: Shop) -> None:
    assert delivery_of(shop_with_examples, COPY)["status"] == "duplicate"
    assert len(shop_with_examples.facts()) == sum(int(example["loaded"] or 0) for example in EXAMPLES.values())


def test_the_page_shows_all_that_a_store_can_do_wrong() -> None:
    verdicts = {example["reason"].partition(":")[0] for example in EXAMPLES.values() if example["reason"]}
    assert verdicts == {
        "missing_columns", "duplicate_columns", "not_csv", "not_utf8", "corrupt_gzip", "unsupported_key", "empty_file",
    }  # fmt: skip
    reasons = {reason.partition(":")[0] for row in REFUSED_ROW.finditer(PAGE) for reason in row["reasons"].split("`")}
    assert reasons >= {"malformed_row", "missing", "bad_type", "out_of_range", "total_mismatch", "unknown_customer"}
