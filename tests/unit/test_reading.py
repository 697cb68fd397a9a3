"""CSV as it comes: records with their line and text, headers, and files that cannot be read as sales."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.contract.columns import MANDATORY
from streaming.source.header import Header
from streaming.source.records import Records, UnreadableFileError

LONGEST = 1_000


def records(text: str) -> list[tuple[int, str, list[str] | None]]:
    found = Records(io.StringIO(text, newline=""), longest=LONGEST)
    return [(record.line_number, record.raw, record.fields) for record in found]


def test_a_record_knows_the_line_it_starts_on_and_its_text() -> None:
    assert records('a,b\n1,"x\ny"\n2,z\n') == [
        (1, "a,b", ["a", "b"]),
        (2, '1,"x\ny"', ["1", "x\ny"]),
        (4, "2,z", ["2", "z"]),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_separates_records(end: str) -> None:
    assert [(n, raw) for n, raw, _ in records(f"a,b{end}1,2{end}3,4")] == [(1, "a,b"), (2, "1,2"), (3, "3,4")]


def test_a_doubled_quote_is_one_quote_and_a_comma_may_be_quoted() -> None:
    assert records('"Cake tin 9""","a,b"') == [(1, '"Cake tin 9""","a,b"', ['Cake tin 9"', "a,b"])]


def test_text_after_a_closing_quote_breaks_that_record_only() -> None:
    assert records('"a"b,1\n2,3\n') == [(1, '"a"b,1', None), (2, "2,3", ["2", "3"])]


def test_a_broken_record_reaches_as_far_as_its_quotes_do() -> None:
    assert records('"a"x,"note\n1,2"\n3,4\n') == [(1, '"a"x,"note\n1,2"', None), (3, "3,4", ["3", "4"])]


def test_a_line_of_white_space_is_no_record_but_counts_as_a_line() -> None:
    assert records(" \t\n\n,\n\r\f\n1\n \n") == [(3, ",", ["", ""]), (6, "1", ["1"])]


def test_a_blank_line_inside_quotes_is_text() -> None:
    assert records('a,"\n\n \n"\n') == [(1, 'a,"\n\n \n"', ["a", "\n\n \n"])]


def test_length_is_counted_in_bytes() -> None:
    with pytest.raises(UnreadableFileError, match="not_csv"):
        records("ß" * (LONGEST // 2 + 1))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", ""])
def test_the_end_of_its_line_does_not_make_a_record_longer(end: str) -> None:
    text = "ß" * (LONGEST // 2)
    assert [raw for _, raw, _ in records(text + end + text + end if end else text)] == [text] * (2 if end else 1)
    with pytest.raises(UnreadableFileError, match="not_csv"):
        records(text + "x" + end)


@pytest.mark.parametrize(
    "text",
    [
        'a,b\n"a"x,"never closed\n',
        'a,b\n1,"never closed\n2,3\n',
        "a,b\n1,\0\n",
        "a" * (LONGEST + 1),
        " " * (LONGEST + 1),
        '"' + "a\n" * 600,
    ],
)
def test_a_file_without_end_or_measure_is_no_csv(text: str) -> None:
    with pytest.raises(UnreadableFileError, match="not_csv"):
        records(text)


plain = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(
    rows=st.lists(st.lists(plain, min_size=2, max_size=4), min_size=1, max_size=6), end=st.sampled_from(["\n", "\r\n"])
)
def test_what_is_written_by_the_rules_is_read_back(rows: list[list[str]], end: str) -> None:
    quoted = [",".join('"' + field.replace('"', '""') + '"' for field in row) for row in rows]
    assert records(end.join(quoted)) == [
        (n, raw, row) for n, (raw, row) in enumerate(zip(quoted, rows, strict=True), 1)
    ]


def test_header_names_are_trimmed_lowered_and_found_in_any_order() -> None:
    header = Header.of([f" {name.upper()}\t" for name in reversed(MANDATORY)] + ["Till", ""], most=100)
    assert header.positions == list(range(7, -1, -1))
    assert header.additional == [("till", 8), ("column_10", 9)]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ([*MANDATORY[1:-1], "till"], "missing_columns:customer_id,total_cost"),
        ([*MANDATORY, "till", "Price", "TILL"], "duplicate_columns:price,till"),
        ([*MANDATORY, *map(str, range(100))], "not_csv"),
    ],
)
def test_a_header_that_will_not_do_says_why(fields: list[str], reason: str) -> None:
    with pytest.raises(UnreadableFileError) as raised:
        Header.of(fields, most=100)
    assert str(raised.value) == reason
