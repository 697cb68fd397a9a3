"""Blocks of whole lines as Arrow columns at once: a record per line, as nearly all files are written.

What is not written so - a quote that spans lines, a lone carriage return, a NUL, an overlong line - is left to
`records`, which reads such text with care; both come to the same.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from streaming.contract.columns import WHITE_SPACE
from streaming.source.records import NUL, Record

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lines:
    """Records by column.

    Attributes:
        numbers: the line of the file on which each record starts.
        raw: each record as it stood.
        fields: by position, the fields of each record; null where it is malformed.
        malformed: whether its quoting is broken or it has more or fewer fields than the header.
    """

    numbers: pa.Array
    raw: pa.Array
    fields: Sequence[pa.Array]
    malformed: pa.Array


def lines_of(block: str, *, first_line: int, width: int, longest: int) -> Lines | None:
    """The block's records where each is a line, None where they must be read with care.

    Args:
        block: whole lines.
        first_line: the number of its first line.
        width: how many fields a record should have.
        longest: how many bytes of UTF-8 one may have.
    """
    if NUL in block or block.count("\r") != block.count("\r\n"):
        return None
    raw = pc.list_flatten(pc.split_pattern(pa.array([block], pa.large_string()), "\n"))
    raw = raw.slice(0, len(raw) - 1) if block.endswith("\n") else raw
    raw = pc.utf8_rtrim(raw, "\r") if "\r" in block else raw
    if pc.max(pc.binary_length(raw)).as_py() > longest:
        return None
    is_record = pc.not_equal(pc.utf8_trim(raw, WHITE_SPACE), "")
    numbers, raw = pa.array(np.arange(first_line, first_line + len(raw))).filter(is_record), raw.filter(is_record)
    quoted = _quoted(raw, width=width) if '"' in block else {}
    if quoted is None:
        return None
    return _lines(raw, quoted, numbers=numbers, width=width)


def lines_of_records(records: Sequence[Record], *, width: int) -> Lines:
    """The same from records that were read with care, the malformed ones without their fields."""
    return Lines(
        numbers=pa.array([record.line_number for record in records], pa.int64()),
        raw=pa.array([record.raw for record in records], pa.large_string()),
        fields=[_field([record.fields for record in records], at) for at in range(width)],
        malformed=pa.array([record.fields is None for record in records]),
    )


def _quoted(raw: pa.Array, *, width: int) -> dict[int, list[str] | None] | None:
    """The fields of the lines with a quote, by position, None for too many or few; None if one is no whole record."""
    positions = pa.array(np.flatnonzero(pc.match_substring(raw, '"')))
    lines = raw.take(positions).to_pylist()
    try:
        records = list(csv.reader(lines, strict=True))
    except csv.Error:
        return None
    if len(records) < len(lines):  # a quote spans lines
        return None
    told = (fields if len(fields) == width else None for fields in records)
    return dict(zip(positions.to_pylist(), told, strict=True))


def _lines(raw: pa.Array, quoted: Mapping[int, list[str] | None], *, numbers: pa.Array, width: int) -> Lines:
    is_plain = pc.equal(pc.count_substring(raw, ","), width - 1).to_numpy(zero_copy_only=False)
    is_plain[list(quoted)] = False
    plain, others = np.flatnonzero(is_plain), np.flatnonzero(~is_plain)
    fields = _split(raw.take(pa.array(plain)) if len(others) else raw, width=width)
    malformed = np.zeros(len(raw), dtype=bool)
    if len(others):
        rest = [quoted.get(position) for position in others.tolist()]
        malformed[others] = [told is None for told in rest]
        fields = _merged(fields, rest, order=np.argsort(np.concatenate([plain, others]), kind="stable"))
    return Lines(numbers=numbers, raw=raw, fields=fields, malformed=pa.array(malformed))


def _split(plain: pa.Array, *, width: int) -> list[pa.Array]:
    """The fields of lines without quotes, by position."""
    values = pc.list_flatten(pc.split_pattern(plain, ","))
    return [values.take(pa.array(np.arange(at, len(values), width))) for at in range(width)]


def _merged(plain: Sequence[pa.Array], rest: Sequence[list[str] | None], *, order: Positions) -> list[pa.Array]:
    """Both kinds of lines in the order in which they stood."""
    indices = pa.array(order)
    told = (_field(rest, at) for at in range(len(plain)))
    return [pa.concat_arrays([some, others]).take(indices) for some, others in zip(plain, told, strict=True)]


def _field(records: Iterable[list[str] | None], at: int) -> pa.Array:
    return pa.array([fields and fields[at] for fields in records], pa.large_string())
