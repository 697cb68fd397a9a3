"""The ledger: every delivery and what became of it. Ids grow in the order they commit."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fnmatch import fnmatchcase

from streaming.contract.deliveries import Arrival, Counted, Delivery, Selection, Status, Verdict
from streaming.contract.settlements import Ledger, Settlement
from streaming.warehouse.connection import Database, Row, execute, execute_many, fetch, transaction

PAGE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """A delivery with a final verdict whose object has not been archived yet."""

    delivery: Delivery
    reason: str | None


def record_arrivals(database: Database, arrivals: Sequence[Arrival]) -> int:
    """Enter those arrivals that are new, in the order they were put; returns how many were.

    Insertions are serialised by one locked row, so that no id ever appears behind a higher one already read.
    """
    if not arrivals:
        return 0
    with transaction(database):
        fetch(database, "locks/lock_discovery")
        new = new_arrivals(database, arrivals)
        execute_many(database, "deliveries/insert", [arrival_row(arrival) for arrival in new])
    return len(new)


def new_arrivals(database: Database, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Those arrivals that the ledger does not know, in the order they were put."""
    known = {row["object_key"]: row for row in _newest_of(database, [a.object_key for a in arrivals])}
    new = [arrival for arrival in arrivals if not _is_known(arrival, known.get(arrival.object_key))]
    return sorted(new, key=lambda arrival: (arrival.last_modified, arrival.object_key))


def arrival_row(arrival: Arrival) -> Row:
    """An arrival as a row of the ledger."""
    return {
        "object_key": arrival.object_key,
        "etag": arrival.etag,
        "size_bytes": arrival.size_bytes,
        "last_modified": _naive(arrival.last_modified),
    }


def waiting(database: Database, *, after: int, until: int, selection: Selection, prefix: str) -> Iterator[Delivery]:
    """Waiting deliveries with after < id <= until that the selection takes, by id, read page by page."""
    while True:
        rows = fetch(database, "deliveries/waiting", after=after, until=until, page=PAGE)
        yield from (delivery_of_row(row) for row in rows if is_selected(row, selection, prefix))
        if len(rows) < PAGE:
            return
        after = int(str(rows[-1]["delivery_id"]))


def deliveries_of(database: Database, delivery_ids: Iterable[int]) -> list[Delivery]:
    """The deliveries with these ids, by id."""
    ids = tuple(delivery_ids)
    return [delivery_of_row(row) for row in fetch(database, "deliveries/of_ids", delivery_ids=ids)] if ids else []


def newest_id(database: Database) -> int:
    """The highest delivery id, 0 in an empty ledger."""
    (row,) = fetch(database, "deliveries/newest_id")
    return int(str(row["delivery_id"]))


def counted_with_content(database: Database, deliveries: Sequence[Delivery]) -> list[Counted]:
    """Processed deliveries with the same bytes as any of these."""
    etags = tuple({delivery.etag for delivery in deliveries})
    contents = {delivery.content for delivery in deliveries}
    rows = fetch(database, "deliveries/counted_with_content", etags=etags) if etags else []
    return [counted for counted in map(_counted, rows) if counted.delivery.content in contents]


def known_about(database: Database, deliveries: Sequence[Delivery]) -> Ledger:
    """What the ledger says about the keys and bytes of these deliveries."""
    keys = tuple({delivery.object_key for delivery in deliveries})
    rows = fetch(database, "deliveries/holding_keys", object_keys=keys) if keys else []
    of_same_key = [_counted(row) for row in rows if row["status"] == Status.PROCESSED]
    return Ledger(
        counted={*counted_with_content(database, deliveries), *of_same_key},
        copies=[delivery_of_row(row) for row in rows if row["status"] == Status.DUPLICATE],
        duplicates=duplicates_of(database, of_same_key),
    )


def duplicates_of(database: Database, counted: Sequence[Counted]) -> dict[int, list[Delivery]]:
    """The duplicates of these deliveries, by what they duplicate."""
    ids = tuple(each.delivery.delivery_id for each in counted)
    rows = fetch(database, "deliveries/duplicates_of", delivery_ids=ids) if ids else []
    found: dict[int, list[Delivery]] = {}
    for row in rows:
        found.setdefault(int(str(row["duplicate_of"])), []).append(delivery_of_row(row))
    return found


def lock_waiting(database: Database, delivery_ids: Iterable[int]) -> set[int]:
    """Which of these are still waiting, locked until the transaction ends."""
    ids = tuple(delivery_ids)
    return {int(str(row["delivery_id"])) for row in fetch(database, "deliveries/lock_waiting", delivery_ids=ids)}


def settle(database: Database, verdicts: Sequence[Verdict], *, batch_id: int) -> int:
    """Write a batch's verdicts in one round trip; returns how many deliveries changed."""
    rows = json.dumps([_verdict_row(verdict) for verdict in verdicts])
    return execute(database, "deliveries/settle", verdicts=rows, batch_id=batch_id)


def hand_over(database: Database, settlement: Settlement, *, batch_id: int) -> None:
    """Deliveries that count no more, and who has their place or their bytes now."""
    for delivery_id, successor in settlement.superseded.items():
        execute(database, "deliveries/supersede", delivery_id=delivery_id, superseded_by=successor)
    for target in settlement.withdrawn:
        execute(database, "deliveries/withdraw", delivery_id=target)
    for earlier, heir in settlement.inherited.items():
        ids = {"delivery_id": earlier.delivery.delivery_id, "heir_id": heir.delivery_id}
        execute(database, "deliveries/inherit", batch_id=batch_id, **ids)
        execute(database, "delivery_rejects/inherit", **ids)
        execute(database, "delivery_unknown_keys/inherit", **ids)
    for delivery_id, first_id in settlement.first_of.items():
        execute(database, "deliveries/point_duplicates", delivery_id=delivery_id, first_id=first_id)


def resting_in_landing(database: Database, *, after: int = 0) -> Iterator[Resting]:
    """Deliveries with a final verdict whose object is still to be archived, by id, read page by page."""
    while rows := fetch(database, "deliveries/resting_in_landing", after=after, page=PAGE):
        yield from (Resting(delivery=delivery_of_row(row), reason=_text(row["reason"])) for row in rows)
        after = int(str(rows[-1]["delivery_id"]))


def note_archived(database: Database, *, delivery_id: int, archived_key: str) -> None:
    """The delivery's object rests at this key from now on."""
    with transaction(database):
        execute(database, "deliveries/note_archived", delivery_id=delivery_id, archived_key=archived_key)


def tally(database: Database, *, after: int = 0) -> list[Row]:
    """Deliveries, rows and money by status and reason, of deliveries with a higher id."""
    return fetch(database, "deliveries/tally", after=after)


def tally_rejects(database: Database, *, after: int = 0) -> list[Row]:
    """Refused rows by reason code with one sample each, of deliveries with a higher id."""
    return fetch(database, "delivery_rejects/tally", after=after)


def is_selected(row: Mapping[str, object], selection: Selection, prefix: str) -> bool:
    """True when a row of the ledger, or an arrival as one, is among what a selection names."""
    arrived = row["last_modified"]
    return (
        isinstance(arrived, datetime)
        and fnmatchcase(str(row["object_key"]).removeprefix(prefix), selection.key_pattern)
        and (selection.delivery_ids is None or row["delivery_id"] in selection.delivery_ids)
        and (selection.arrived_from is None or _naive(selection.arrived_from) <= arrived)
        and (selection.arrived_until is None or arrived <= _naive(selection.arrived_until))
    )


def delivery_of_row(row: Row) -> Delivery:
    """A row of the ledger as a delivery; columns that were not asked for have their defaults."""
    return Delivery(
        delivery_id=int(str(row["delivery_id"])),
        object_key=str(row["object_key"]),
        etag=str(row["etag"]),
        size_bytes=int(str(row["size_bytes"])),
        status=Status(str(row.get("status", Status.WAITING))),
        attempt=int(str(row.get("attempt", 1))),
        arrival_id=_number(row.get("arrival_id")),
        withdraws=_number(row.get("withdraws")),
        rests_at=_text(row.get("archived_key")),
        crashes=int(str(row.get("crashes", 0))),
        is_expired=row.get("expired_at") is not None,
    )


def _newest_of(database: Database, keys: Sequence[str]) -> Iterator[Row]:
    for start in range(0, len(keys), PAGE):
        yield from fetch(database, "deliveries/newest_of_keys", object_keys=tuple(keys[start : start + PAGE]))


def _is_known(arrival: Arrival, newest: Row | None) -> bool:
    """True when the ledger's newest delivery of the key is this very arrival and still lies in landing."""
    return (
        newest is not None
        and newest["archived_at"] is None
        and (newest["etag"], newest["size_bytes"]) == (arrival.etag, arrival.size_bytes)
        and newest["last_modified"] == _naive(arrival.last_modified)
    )


def _naive(moment: datetime) -> datetime:
    """UTC without its zone, as MySQL's DATETIME keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _counted(row: Row) -> Counted:
    delivery = delivery_of_row(row | {"status": Status.PROCESSED})
    return Counted(delivery=delivery, sales_months=tuple(json.loads(str(row["sales_months"] or "[]"))))


def _number(value: object) -> int | None:
    return None if value is None else int(str(value))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _verdict_row(verdict: Verdict) -> Row:
    return {
        "delivery_id": verdict.delivery_id,
        "status": verdict.status,
        "reason": verdict.reason,
        "duplicate_of": verdict.duplicate_of,
        "superseded_by": verdict.superseded_by,
        "rows_read": verdict.rows_read,
        "rows_loaded": verdict.rows_loaded,
        "rows_rejected": verdict.rows_rejected,
        "amount_loaded": str(verdict.amount_loaded.quantize(Decimal("0.01"))),
        "sales_months": json.dumps(verdict.sales_months),
    }
