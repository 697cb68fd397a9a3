"""Reads one delivery: its rows as Arrow batches of text as they come, then one closing row that says how it ended.

A file that turns out bad half-way has yielded rows already; its closing row keeps them from counting.
"""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from streaming.bucket import Bucket, ChangedError, GoneError
from streaming.contract.arrow import AS_LANDED
from streaming.contract.columns import MANDATORY, NOT_READ, WHITE_SPACE
from streaming.contract.deliveries import Delivery, Share
from streaming.contract.reasons import AbsenceReason, FileReason
from streaming.contract.sections import Limits
from streaming.source.blocks import Lines, lines_of, lines_of_records
from streaming.source.header import Header
from streaming.source.json_texts import as_json
from streaming.source.opening import opened
from streaming.source.records import Record, Records, UnreadableFileError

ROWS_PER_BATCH = 5_000
CHARACTERS_PER_BATCH = 4 * 1024 * 1024


def read_share(bucket: Bucket, share: Share, *, limits: Limits) -> Iterator[pa.RecordBatch]:
    """The rows of each delivery that is to be read, and a closing row for every one.

    Raises:
        ServiceAwayError: S3 failed, also when tried again.
    """
    for delivery in share.reads:
        yield from read_delivery(bucket, delivery, limits=limits)
    for delivery in share.mentions:
        hopeless = delivery.crashes >= limits.crashes_per_file
        reason = FileReason.CRASHES_READER if hopeless else NOT_READ
        yield closing_row(delivery, reason=reason)


def read_delivery(bucket: Bucket, delivery: Delivery, *, limits: Limits) -> Iterator[pa.RecordBatch]:
    """The rows of one delivery, in memory bounded by some thousand rows or million characters, and its closing row.

    Raises:
        ServiceAwayError: S3 failed, also when tried again.
    """
    rows, reason = 0, None
    try:
        for batch in _rows(bucket, delivery, limits=limits):
            rows += batch.num_rows
            yield batch
    except UnreadableFileError as error:
        reason = str(error)
    except ChangedError:
        reason = AbsenceReason.CHANGED_BEFORE_READ
    except GoneError:
        reason = AbsenceReason.DELETED_BEFORE_READ
    yield closing_row(delivery, rows=rows, reason=reason)


def closing_row(delivery: Delivery, *, rows: int = 0, reason: str | None = None) -> pa.RecordBatch:
    """The one row that says how reading a delivery ended."""
    values = {
        "delivery_id": delivery.delivery_id,
        "malformed": False,
        "rows_in_file": rows,
        "file_reason": reason,
    }
    return pa.RecordBatch.from_pylist([values], schema=AS_LANDED)


def _rows(bucket: Bucket, delivery: Delivery, *, limits: Limits) -> Iterator[pa.RecordBatch]:
    with opened(bucket, delivery, limits=limits) as (header, records):
        yield from rows_of(records, header, delivery, longest=limits.bytes_per_row)


def rows_of(records: Records, header: Header, delivery: Delivery, *, longest: int) -> Iterator[pa.RecordBatch]:
    """The records after the header, a block at once wherever that comes to the same as one by one."""
    width = len(header.names)
    while block := records.block():
        found = lines_of(block, first_line=records.next_line, width=width, longest=longest)
        if found is not None:
            lines, text = found
            records.skip(text)
            yield from _batches_of(lines, header, delivery)
        elif not records.shrink():
            for chunk in _chunks(records.within(block), header):
                yield from _batches_of(lines_of_records(chunk, width=width), header, delivery)


def _batches_of(lines: Lines, header: Header, delivery: Delivery) -> Iterator[pa.RecordBatch]:
    rows = len(lines.raw)
    columns = {
        "delivery_id": pa.repeat(delivery.delivery_id, rows),
        "line_number": lines.numbers,
        "raw": lines.raw,
        **{name: _trimmed(lines.fields[at]) for name, at in zip(MANDATORY, header.positions, strict=True)},
        "malformed": lines.malformed,
    }
    absent = pa.nulls(rows)
    batch = pa.RecordBatch.from_arrays(
        [columns.get(field.name, absent).cast(field.type) for field in AS_LANDED], schema=AS_LANDED
    )
    if not header.additional:
        yield from [batch] if rows else []
        return
    at_once = 1 + CHARACTERS_PER_BATCH // (1 + sum(len(name) for name, _ in header.additional))
    for start in range(0, rows, at_once):
        part = batch.slice(start, at_once)
        values = {name: lines.fields[at].slice(start, at_once) for name, at in header.additional}
        told = as_json(values).cast(AS_LANDED.field("additional_columns").type)
        yield part.set_column(AS_LANDED.get_field_index("additional_columns"), "additional_columns", told)


def _chunks(rows: Iterable[Record], header: Header) -> Iterator[list[Record]]:
    """The rows in lists that memory can hold, however long they are; malformed ones without their many fields."""
    width, names = len(header.names), sum(len(name) for name, _ in header.additional)
    chunk: list[Record] = []
    size = 0
    for row in rows:
        chunk.append(row if row.fields is None or len(row.fields) == width else Record(row.line_number, row.raw, None))
        size += len(row.raw) + names
        if size >= CHARACTERS_PER_BATCH or len(chunk) == ROWS_PER_BATCH:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _trimmed(texts: pa.Array) -> pa.Array:
    """Texts without white space round them: here, as Arrow does it many times faster than Spark."""
    return pc.utf8_trim(texts, characters=WHITE_SPACE)
