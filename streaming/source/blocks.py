"""Blocks of whole lines as Arrow columns at once: a record per line, as nearly all files are written.

What is not written so - a NUL, an overlong line, a quote that does not end in the block - is left to `records`, which
reads such text with care; both come to the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from streaming.contract.columns import WHITE_SPACE
from streaming.source.quotes import Fields, Quoted, quoted_in
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


def lines_of(block: str, *, first_line: int, width: int, longest: int) -> tuple[Lines, str] | None:
    """The records that the block begins with, and the text that they fill; None where they must be read with care.

    Args:
        block: whole lines.
        first_line: the number of its first line.
        width: how many fields a record should have.
        longest: how many bytes of UTF-8 one may have.
    """
    if NUL in block:
        return None
    raw = _lines_in(block)
    if pc.max(pc.binary_length(raw)).as_py() > longest:
        return None
    quoted = Quoted(block, len(raw))
    if '"' in block:
        which = np.flatnonzero(pc.match_substring(raw, '"'))
        texts = dict(zip(which.tolist(), raw.take(pa.array(which)).to_pylist(), strict=True))
        quoted = quoted_in(block, texts, lines=len(raw), longest=longest)
    if quoted.end == 0:
        return None
    return _records(raw.slice(0, quoted.end), quoted, first_line=first_line, width=width), quoted.head


def _lines_in(block: str) -> pa.Array:
    """The lines of a block without their ends, as `io.TextIOBase.readline` sees them."""
    text = pa.array([block], pa.large_string())
    if "\r" in block:
        lines = pc.list_flatten(pc.split_pattern_regex(text, "\r\n|\r|\n"))
    else:
        lines = pc.list_flatten(pc.split_pattern(text, "\n"))
    return lines.slice(0, len(lines) - 1) if block.endswith(("\n", "\r")) else lines


def _records(raw: pa.Array, quoted: Quoted, *, first_line: int, width: int) -> Lines:
    """The records of lines, without the blank ones between them."""
    if quoted.texts:
        spanning = np.zeros(len(raw), dtype=bool)
        spanning[list(quoted.texts)] = True
        raw = pc.replace_with_mask(raw, spanning, pa.array(quoted.texts.values(), pa.large_string()))
    is_first = np.array(pc.not_equal(pc.utf8_trim(raw, WHITE_SPACE), ""))
    is_first[quoted.inner] = False
    at = np.flatnonzero(is_first)
    told = (fields if fields and len(fields) == width else None for fields in quoted.fields.values())
    fields = dict(zip(np.searchsorted(at, list(quoted.fields)).tolist(), told, strict=True))
    return _lines(raw.take(pa.array(at)), fields, numbers=pa.array(at + first_line), width=width)


def lines_of_records(records: Sequence[Record], *, width: int) -> Lines:
    """The same from records that were read with care, the malformed ones without their fields."""
    return Lines(
        numbers=pa.array([record.line_number for record in records], pa.int64()),
        raw=pa.array([record.raw for record in records], pa.large_string()),
        fields=[_field([record.fields for record in records], at) for at in range(width)],
        malformed=pa.array([record.fields is None for record in records]),
    )


def _lines(raw: pa.Array, quoted: Mapping[int, Fields], *, numbers: pa.Array, width: int) -> Lines:
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


def _merged(plain: Sequence[pa.Array], rest: Sequence[Fields], *, order: Positions) -> list[pa.Array]:
    """Both kinds of lines in the order in which they stood."""
    indices = pa.array(order)
    told = (_field(rest, at) for at in range(len(plain)))
    return [pa.concat_arrays([some, others]).take(indices) for some, others in zip(plain, told, strict=True)]


def _field(records: Iterable[Fields], at: int) -> pa.Array:
    return pa.array([fields and fields[at] for fields in records], pa.large_string())
