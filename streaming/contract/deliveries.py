"""A delivery is one arrival of one file: the unit of loading, replay, correction and undo."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

MD5 = re.compile(r"[0-9a-f]{32}")
"""An ETag that is the checksum of the bytes; where an object was put or copied in parts it is not."""


class Status(StrEnum):
    """What became of a delivery."""

    WAITING = "waiting"
    PROCESSED = "processed"
    QUARANTINED = "quarantined"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"

    @property
    def is_final(self) -> bool:
        """True when the file behind the delivery may leave landing."""
        return self is not Status.WAITING


LEGAL_MOVES: Mapping[Status, frozenset[Status]] = {
    Status.WAITING: frozenset(Status) - {Status.WAITING},
    Status.PROCESSED: frozenset({Status.SUPERSEDED, Status.WITHDRAWN}),
    Status.QUARANTINED: frozenset(),
    Status.DUPLICATE: frozenset({Status.PROCESSED, Status.SUPERSEDED, Status.WITHDRAWN}),
    Status.SUPERSEDED: frozenset(),
    Status.WITHDRAWN: frozenset(),
}
"""Where a delivery may go from each status; a second try is a new delivery with the next attempt.

A duplicate names a delivery that counts. Where that one is superseded or withdrawn, the duplicate comes to count in
its place; it is superseded itself when its own key gets other bytes.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One object as a listing of landing shows it; its last_modified is compared for equality only."""

    object_key: str
    etag: str
    size_bytes: int
    last_modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One row of the ledger, as far as loading needs it.

    attempt: 1 for what a store has put; a re-drive of it or its withdrawal has the next number.
    arrival_id: the delivery of attempt 1, for all later ones.
    withdraws: the delivery that this one takes out; it brings nothing then.
    rests_at: the key to which its object was moved out of landing.
    crashes: how often reading it ended the reader.
    is_expired: its object is not kept any longer, and is deleted or about to be.
    """

    delivery_id: int
    object_key: str
    etag: str
    size_bytes: int
    status: Status = Status.WAITING
    attempt: int = 1
    arrival_id: int | None = None
    withdraws: int | None = None
    rests_at: str | None = None
    crashes: int = 0
    is_expired: bool = False

    @property
    def is_fresh(self) -> bool:
        """True for what a store has put: its object lies in landing, unless the store has overwritten it."""
        return self.attempt == 1

    @property
    def is_in_landing(self) -> bool:
        """True where a store may yet overwrite its object: it was put, and nobody has moved it."""
        return self.is_fresh and self.rests_at is None

    @property
    def version(self) -> tuple[int, int]:
        """Which of two deliveries of a key is the newer one: by arrival, then by attempt."""
        return self.arrival_id or self.delivery_id, self.attempt

    @property
    def is_redrivable(self) -> bool:
        """True when it has a verdict, other than duplicate, and its bytes rest in archive or quarantine."""
        return self.rests_at is not None and self.is_worth_redriving

    @property
    def is_worth_redriving(self) -> bool:
        """The same, wherever its bytes are now, if they are kept."""
        return self.has_verdict_on_sales and not self.is_expired

    @property
    def has_verdict_on_sales(self) -> bool:
        """True for what could be loaded again as long as its bytes are there."""
        return self.withdraws is None and self.status not in {Status.WAITING, Status.DUPLICATE}

    @property
    def is_withdrawable(self) -> bool:
        """True when it counts, or would inherit what counts."""
        return self.withdraws is None and self.status in {Status.PROCESSED, Status.DUPLICATE}

    @property
    def read_key(self) -> str:
        """The key under which its bytes lie."""
        return self.rests_at or self.object_key

    @property
    def content(self) -> tuple[str, int]:
        """What makes two files the same bytes: ETag and size."""
        return self.etag, self.size_bytes


def has_bytes_of(delivery: Delivery, seen: Arrival) -> bool:
    """True unless size or checksum tell that an object holds other bytes than the delivery."""
    if delivery.size_bytes != seen.size_bytes:
        return False
    return not (MD5.fullmatch(delivery.etag) and MD5.fullmatch(seen.etag)) or delivery.etag == seen.etag


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A processed delivery whose rows are in the lake, and the months they lie in."""

    delivery: Delivery
    sales_months: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a batch decided about one of its deliveries; money in the environment's currency, to the cent."""

    delivery_id: int
    status: Status
    reason: str | None = None
    duplicate_of: int | None = None
    superseded_by: int | None = None
    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    amount_loaded: Decimal = Decimal("0.00")
    sales_months: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.status not in LEGAL_MOVES[Status.WAITING]:
            raise ValueError(f"a batch cannot decide {self.status} for delivery {self.delivery_id}")
        if self.rows_read != self.rows_loaded + self.rows_rejected:
            raise ValueError(
                f"delivery {self.delivery_id}: {self.rows_read} rows read, but {self.rows_loaded} loaded "
                f"and {self.rows_rejected} rejected"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which waiting deliveries a run may take; the default is all of them.

    `delivery_ids`, where given, are the only ones;
    `key_pattern` is a shell pattern over the key below the landing prefix (`*` crosses folders);
    the two dates bound the day the store put the file, both included.
    """

    key_pattern: str = "*"
    arrived_from: datetime | None = None
    arrived_until: datetime | None = None
    delivery_ids: frozenset[int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one Spark task reads, and which deliveries it only has to mention.

    today: the day (UTC) on which the batch was planned: the same for all its tasks, also for one that is done again.
    apart: ids of those that may not count in the end, so that their rows stay apart from others.
    """

    reads: tuple[Delivery, ...]
    mentions: tuple[Delivery, ...]
    today: date
    apart: frozenset[int]
