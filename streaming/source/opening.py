"""A delivery's file, opened: its header checked, its rows to come."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from streaming.bucket import Bucket
from streaming.contract.deliveries import Delivery
from streaming.contract.reasons import FileReason
from streaming.contract.sections import Limits
from streaming.source.body import Measured, ResumedBody
from streaming.source.header import Header
from streaming.source.records import Records, UnreadableFileError
from streaming.source.unpacking import Unpacked

READ_CHUNK = 256 * 1024


@contextmanager
def opened(bucket: Bucket, delivery: Delivery, *, limits: Limits) -> Iterator[tuple[Header, Records]]:
    """The header of a file and its rows, in memory bounded by one record or block.

    Raises, also while the rows are read:
        UnreadableFileError: it cannot be read as sales.
        ChangedError, GoneError: the object is no longer the one that was listed.
        ServiceAwayError: S3 failed, also when tried again.
    """
    with ResumedBody(bucket, delivery) as body:
        try:
            records = Records(_as_text(body, delivery, limits), longest=limits.bytes_per_row)
            header = _header(records, most=limits.columns_per_file)
            yield header, records
        except UnicodeDecodeError:
            raise UnreadableFileError(FileReason.NOT_UTF8) from None
        except (gzip.BadGzipFile, EOFError, zlib.error):
            raise UnreadableFileError(FileReason.CORRUPT_GZIP) from None


def _as_text(body: ResumedBody, delivery: Delivery, limits: Limits) -> TextIO:
    if not delivery.object_key.lower().endswith(".gz") and delivery.size_bytes > limits.bytes_per_file:
        raise UnreadableFileError(FileReason.TOO_LARGE)
    plain = io.BufferedReader(body, buffer_size=READ_CHUNK)
    if delivery.object_key.lower().endswith(".gz"):
        plain = Unpacked(plain, most_times=limits.gzip_ratio)  # type: ignore[assignment]  # reads like any binary file
    measured = io.BufferedReader(Measured(plain, most=limits.bytes_per_file), buffer_size=READ_CHUNK)
    return io.TextIOWrapper(measured, encoding="utf-8-sig", newline="")


def _header(records: Records, *, most: int) -> Header:
    first = next(records, None)
    if first is None:
        raise UnreadableFileError(FileReason.EMPTY_FILE)
    if first.fields is None:
        raise UnreadableFileError(FileReason.NOT_CSV)
    return Header.of(first.fields, most=most)
