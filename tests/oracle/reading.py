"""From bytes to records: what a file's text is, and where each record starts."""

import csv
import gzip
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from tests.oracle.model import Limits

MANDATORY = (
    "customer_id",
    "store_id",
    "product_name",
    "sales_date",
    "sales_person_id",
    "price",
    "quantity",
    "total_cost",
)
WHITE_SPACE = " \t\r\n\f\v"
FIELD = r"""(?: "[^"]*(?:""[^"]*)*"(?!") [^,\r\n]* | [^",\r\n][^,\r\n]* | )"""
RECORD = re.compile(rf"{FIELD} (?: , {FIELD} )*", re.VERBOSE)
LINE_END = re.compile(r"\r\n|\n|\r")
ANY_RATIO_BYTES = 16 * 1024**2
LONGEST_REASON = 1_000

csv.field_size_limit(sys.maxsize)


class Quarantined(Exception):  # noqa: N818  a verdict, no mistake of the program
    """The file cannot be read as sales; the text of the exception is its verdict."""


@dataclass(frozen=True)
class Record:
    """One record that is not blank; `fields` is None where text stands after a closing quote."""

    line_number: int
    raw: str
    fields: list[str] | None


@dataclass(frozen=True)
class Table:
    """A readable file: its column names and the records below them."""

    header: list[str]
    records: list[Record]


def read_table(key: str, body: bytes, limits: Limits) -> Table:
    """The file's header and records.

    Raises:
        Quarantined: with the first verdict that fits, in the order of the contract's table.
    """
    name = key.lower()
    if not name.endswith((".csv", ".csv.gz")):
        raise Quarantined("unsupported_key")
    text = _text(body, is_gzip=name.endswith(".gz"), limits=limits)
    header, *records = list(_records(text, limits))
    names = _names(header)
    if len(names) > limits.columns_per_file:
        raise Quarantined("not_csv")
    _check_names(names)
    return Table(names, records)


def _text(body: bytes, *, is_gzip: bool, limits: Limits) -> str:
    content = _unzipped(body) if is_gzip and body else body
    most = max(ANY_RATIO_BYTES, limits.gzip_ratio * len(body)) if is_gzip else limits.bytes_per_file
    if len(content) > min(most, limits.bytes_per_file):
        raise Quarantined("too_large")
    if not content.removeprefix(b"\xef\xbb\xbf").strip(WHITE_SPACE.encode()):
        raise Quarantined("empty_file")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise Quarantined("not_utf8") from None
    if "\0" in text:
        raise Quarantined("not_csv")
    return text.removeprefix("\ufeff")


def _unzipped(body: bytes) -> bytes:
    """All members' bytes; a stream whose checksum is wrong is read whole before it is found out."""
    try:
        return gzip.decompress(body)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise Quarantined("corrupt_gzip") from None


def _records(text: str, limits: Limits) -> Iterator[Record]:
    position, line = 0, 1
    while position < len(text):
        match = RECORD.match(text, position)
        raw = match[0] if match else ""
        position += len(raw)
        end = LINE_END.match(text, position)
        if end is None and position < len(text):
            raise Quarantined("not_csv")  # what stops a record before a line's end is a quote that is never closed
        if len(raw.encode()) > limits.bytes_per_row:
            raise Quarantined("not_csv")
        if raw.strip(WHITE_SPACE):
            yield Record(line, raw, _fields(raw))
        position = end.end() if end else position
        line += len(LINE_END.findall(raw)) + 1


def _fields(raw: str) -> list[str] | None:
    try:
        (fields,) = csv.reader([raw], strict=True)
    except csv.Error:
        return None
    return fields


def _names(header: Record) -> list[str]:
    if header.fields is None:
        raise Quarantined("not_csv")
    return [field.strip(WHITE_SPACE).lower() or f"column_{place}" for place, field in enumerate(header.fields, 1)]


def _check_names(names: list[str]) -> None:
    missing = [name for name in MANDATORY if name not in names]
    if missing:
        raise Quarantined(f"missing_columns:{','.join(missing)}")
    repeated = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if repeated:
        raise Quarantined(_cut(f"duplicate_columns:{','.join(repeated)}"))


def _cut(reason: str) -> str:
    """A name may be as long as a record; a reason has a thousand characters at most."""
    return reason if len(reason) <= LONGEST_REASON else f"{reason[: LONGEST_REASON - 1]}…"
