"""Whatever a text holds, blocks of lines come to the same as records read one by one with care."""

import csv
import io
import itertools
import json
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streaming.contract.columns import MANDATORY, WHITE_SPACE
from streaming.contract.deliveries import Delivery
from streaming.source import feed
from streaming.source.header import Header
from streaming.source.json_texts import as_json
from streaming.source.reading import rows_of
from streaming.source.records import Records, UnreadableFileError

LONGEST = 60
HEADER = Header((*MANDATORY, "till"))
DELIVERY = Delivery(delivery_id=7, object_key="a.csv", etag="e", size_bytes=1)
Row = tuple[int, str, list[str] | None]

whole = "1,2,3,4,5,6,7,8,9"
pieces = st.sampled_from(
    [
        whole,
        "\n",
        "\n",
        "\r\n",
        "\r",
        ",",
        '"',
        '""',
        "1",
        " ",
        "\t",
        "\f",
        "ß",
        "\x85",
        "\u2028",
        "\0",
        "1,2",
        '1,2,"3,4",4,5,6,7,8,9',
        '"a\nb",2,3,4,5,6,7,8,9',
        '"a"b,2,3,4,5,6,7,8,9',
        "x" * LONGEST,
        " " * (LONGEST + 1),
    ]
)
texts = st.lists(pieces, max_size=25).map("".join)


@pytest.fixture(autouse=True, scope="module")
def own_limit() -> Iterator[None]:
    """The limit of Python's reader is one for the whole process, and short here."""
    before = csv.field_size_limit()
    yield
    csv.field_size_limit(before)


def with_care(text: str) -> tuple[list[Row], bool]:
    """The rows of a text, and whether it can be read to its end."""
    rows: list[Row] = []
    try:
        for record in Records(io.StringIO(text, newline=""), longest=LONGEST):
            is_well = record.fields is not None and len(record.fields) == len(HEADER.names)
            rows.append((record.line_number, record.raw, record.fields if is_well else None))
    except UnreadableFileError:
        return rows, False
    return rows, True


def in_blocks(text: str) -> tuple[list[Row], bool]:
    rows: list[Row] = []
    try:
        for batch in rows_of(
            Records(io.StringIO(text, newline=""), longest=LONGEST), HEADER, DELIVERY, longest=LONGEST
        ):
            rows += map(as_row, batch.to_pylist())
    except UnreadableFileError:
        return rows, False
    return rows, True


def as_row(row: dict[str, object]) -> Row:
    assert row["delivery_id"] == DELIVERY.delivery_id
    fields = [row[name] for name in MANDATORY]
    if row["malformed"]:
        assert fields == [None] * len(MANDATORY)
        assert row["additional_columns"] is None
        return int(str(row["line_number"])), str(row["raw"]), None
    (additional,) = json.loads(str(row["additional_columns"])).values()
    return int(str(row["line_number"])), str(row["raw"]), [*map(str, fields), additional]


def trimmed(rows: list[Row]) -> list[Row]:
    """As the landing source gives them: without white space round the mandatory values."""
    return [
        (line, raw, fields and [*(field.strip(WHITE_SPACE) for field in fields[:-1]), fields[-1]])
        for line, raw, fields in rows
    ]


@settings(deadline=None)
@given(text=texts, size=st.integers(1, 400), smallest=st.integers(1, 40))
@example(text=f"{whole}\r", size=len(whole) + 1, smallest=1)
@example(text=f"{whole}\r\n{whole}\r\n", size=len(whole) + 1, smallest=1)
@example(text=f'{whole}\n"a\n{whole}\n",2,3,4,5,6,7,8,9\n{whole}', size=15, smallest=1)
@example(text=f"{whole}\n" * 9 + f'"a"b\n{whole}\n' * 2, size=400, smallest=20)
def test_blocks_come_to_the_same_as_records_one_by_one(text: str, size: int, smallest: int) -> None:
    expected, is_whole = with_care(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed, "BLOCK_CHARACTERS", size)
        patch.setattr(feed, "SMALLEST_BLOCK_CHARACTERS", smallest)
        found, was_whole = in_blocks(text)
    assert was_whole == is_whole
    if is_whole:
        assert found == trimmed(expected)


@settings(deadline=None)
@given(text=texts, sizes=st.lists(st.integers(1, 12), min_size=1), block=st.integers(1, 30))
def test_lines_are_the_same_whether_or_not_one_looked_ahead(text: str, sizes: list[int], block: int) -> None:
    plain, looked = io.StringIO(text, newline=""), feed.Feed(io.StringIO(text, newline=""), longest=LONGEST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed, "BLOCK_CHARACTERS", block)
        for turn, most in enumerate(itertools.islice(itertools.cycle(sizes), 2 * len(text) + 2)):
            if turn % 3 == 0:
                looked.block()
            assert looked.readline(most) == plain.readline(most)


def test_many_lines_are_read_in_one_batch() -> None:
    text = f"{whole}\n" * 1_000
    records = Records(io.StringIO(text, newline=""), longest=LONGEST)
    (batch,) = rows_of(records, HEADER, DELIVERY, longest=LONGEST)
    assert batch.num_rows == 1_000
    assert batch.column("line_number").to_pylist() == list(range(1, 1_001))


def test_lines_round_a_broken_one_are_still_read_many_at_once() -> None:
    lines = [f"{whole}\n"] * 20_000
    lines[10_000] = '"a"b\n'
    records = Records(io.StringIO("".join(lines), newline=""), longest=LONGEST)
    batches = list(rows_of(records, HEADER, DELIVERY, longest=LONGEST))
    assert sum(batch.num_rows for batch in batches) == len(lines)
    assert min(batch.num_rows for batch in batches) > 1_000
    assert [row for batch in batches for row in batch.column("malformed").to_pylist()].index(True) == 10_000


texts_of_rows = st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), min_size=1, max_size=6)


@given(rows=texts_of_rows, names=st.lists(st.text(min_size=1, max_size=5), min_size=2, max_size=2, unique=True))
def test_json_is_what_python_writes(rows: list[list[str]], names: list[str]) -> None:
    columns = {name: pa.array([*(row[at] for row in rows), None]) for at, name in enumerate(names)}
    expected = [json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in rows]
    assert as_json(columns).to_pylist() == [*expected, None]
