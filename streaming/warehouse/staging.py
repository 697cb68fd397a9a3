"""The ledger tidied: what rests in quarantine, what has expired, what is held for nothing, and what stands where."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from streaming.warehouse.connection import Database, Row, execute, fetch, transaction
from streaming.warehouse.ledger import PAGE

EXPIRED_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A file in quarantine, and why."""

    delivery_id: int
    object_key: str
    etag: str
    size_bytes: int
    arrived_at: datetime | None
    quarantined_at: datetime | None
    reason: str
    rests_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """A delivery whose file is not kept any longer, and the key where it may still lie."""

    delivery_id: int
    rests_at: str


def quarantined(database: Database) -> Iterator[Quarantined]:
    """The files that rest in quarantine, read page by page."""
    after = 0
    while rows := fetch(database, "deliveries/in_quarantine", after=after, page=PAGE):
        yield from map(_quarantined, rows)
        after = int(str(rows[-1]["delivery_id"]))


def expire(database: Database, prefix: str, *, days: int) -> int:
    """Note that files below a prefix are not kept any longer: those settled for good so many days ago.

    None of which another attempt waits, or was settled since. Whoever asks for another attempt takes the same lock.
    """
    expired, after = 0, 0
    while True:
        with transaction(database):
            fetch(database, "locks/lock_discovery")
            rows = fetch(database, "deliveries/expirable", prefix=prefix, days=days, after=after, page=EXPIRED_AT_ONCE)
            ids = tuple(int(str(row["delivery_id"])) for row in rows)
            if not ids:
                return expired
            execute(database, "deliveries/expire", delivery_ids=ids)
        expired, after = expired + len(ids), ids[-1]


def expired_files(database: Database) -> list[Expired]:
    """Expired deliveries whose files nobody has seen deleted yet."""
    rows = fetch(database, "deliveries/expired_files")
    return [Expired(delivery_id=int(str(row["delivery_id"])), rests_at=str(row["archived_key"])) for row in rows]


def note_deleted(database: Database, delivery_id: int) -> None:
    """The file is gone: neither the delivery nor any further attempt at it rests anywhere."""
    with transaction(database):
        execute(database, "deliveries/note_deleted", delivery_id=delivery_id)


def let_go_of(database: Database, hold_ids: Collection[int]) -> int:
    """Forget arrivals that were held before the ledger."""
    with transaction(database):
        fetch(database, "locks/lock_discovery")
        return execute(database, "held_arrivals/let_go", hold_ids=tuple(hold_ids)) if hold_ids else 0


def standing(database: Database) -> list[Row]:
    """How many deliveries have each status, and where their files are; also what is held before the ledger."""
    return fetch(database, "deliveries/standing")


def _quarantined(row: Row) -> Quarantined:
    return Quarantined(
        delivery_id=int(str(row["delivery_id"])),
        object_key=str(row["object_key"]),
        etag=str(row["etag"]),
        size_bytes=int(str(row["size_bytes"])),
        arrived_at=_moment(row["last_modified"]),
        quarantined_at=_moment(row["finished_at"]),
        reason=str(row["reason"] or ""),
        rests_at=str(row["archived_key"]),
    )


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None
