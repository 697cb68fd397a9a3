"""Control totals: what a file comes to when it is counted, and what the store announced."""

import io
import re
from collections.abc import Sequence
from decimal import Decimal

from streaming.bucket import Bucket
from streaming.contract.columns import LINE_MONEY, TOTAL_COST, WHITE_SPACE
from streaming.contract.deliveries import Delivery
from streaming.contract.gate import LARGEST_OK_BYTES, Totals, read_totals
from streaming.contract.sections import Limits
from streaming.source.body import ResumedBody
from streaming.source.opening import opened

MONEY = re.compile(LINE_MONEY)
NOTHING = Decimal("0.00")


def counted(bucket: Bucket, file: Delivery, *, limits: Limits) -> Totals:
    """The rows of a file and their money, read as the stream reads it.

    Raises:
        UnreadableFileError: it cannot be read as sales.
        ChangedError, GoneError: the object is no longer the one that was listed.
        ServiceAwayError: S3 failed, also when tried again.
    """
    rows, amount = 0, NOTHING
    with opened(bucket, file, limits=limits) as (header, records):
        at, width = header.names.index(TOTAL_COST), len(header.names)
        for record in records:
            rows += 1
            amount += _money(record.fields, at=at, width=width)
    return Totals(rows, amount)


def announced(bucket: Bucket, control: Delivery) -> Totals | None:
    """What the store says its file comes to; None if that cannot be read.

    Raises:
        ChangedError, GoneError: the object is no longer the one that was listed.
        ServiceAwayError: S3 failed, also when tried again.
    """
    if control.size_bytes > LARGEST_OK_BYTES:
        return None
    with ResumedBody(bucket, control) as body:
        return read_totals(io.BufferedReader(body).read())


def _money(fields: Sequence[str] | None, *, at: int, width: int) -> Decimal:
    """A row's `total_cost`; nothing where the row is malformed or the text is no money."""
    if fields is None or len(fields) != width:
        return NOTHING
    text = fields[at].strip(WHITE_SPACE)
    return Decimal(text) if MONEY.fullmatch(text) else NOTHING
