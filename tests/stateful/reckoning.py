"""The end of a storm against the model: what counts, what it adds up to, and where every object rests."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from tests.known import SqlRow
from tests.oracle.history import NO_BYTES, History
from tests.oracle.model import Delivery, Outcome
from tests.shop import Shop
from tests.stateful.files import known_shop
from tests.stateful.picture import expected, seen


def differences(shop: Shop, bodies: Mapping[str, bytes]) -> list[str]:
    """All that is not as it should be, given the bytes that were ever put, by ETag."""
    rows = shop.deliveries()
    history = replayed(rows, bodies)
    return [
        *(f"still waits: {row['delivery_id']}" for row in rows if row["status"] == "waiting"),
        *_unread_without_cause(rows),
        *_other_bytes_count(rows, history),
        *_other_figures(shop, rows, bodies),
        *lost_or_double(shop, bodies),
    ]


def replayed(rows: list[SqlRow], bodies: Mapping[str, bytes]) -> History:
    """The ledger's rows one by one, each as a batch of its own: where batches are cut must not matter."""
    history = History(datetime.now(UTC).date())
    for row in rows:
        history.settle([_delivery(row, bodies)], known_shop())
    return history


def _delivery(row: SqlRow, bodies: Mapping[str, bytes]) -> Delivery:
    reason = str(row["reason"])
    return Delivery(
        delivery_id=_int(row["delivery_id"]),
        key=str(row["object_key"]),
        body=bodies[str(row["etag"])],
        attempt=_int(row["attempt"]),
        arrival_id=_int(row["arrival_id"]) if row["arrival_id"] else None,
        withdraws=_int(row["withdraws"]) if row["withdraws"] else None,
        missing=reason if reason in NO_BYTES else None,
    )


def _unread_without_cause(rows: list[SqlRow]) -> Iterator[str]:
    """Only what the store has overwritten may stay unread."""
    newest = {row["object_key"]: row["delivery_id"] for row in rows if row["attempt"] == 1}
    for row in rows:
        if row["reason"] in NO_BYTES and row["delivery_id"] == newest[row["object_key"]]:
            yield f"not read, though nothing has overwritten it: {row['delivery_id']} {row['reason']}"


def _other_bytes_count(rows: list[SqlRow], history: History) -> Iterator[str]:
    counted = sorted(str(row["etag"]) for row in rows if row["status"] == "processed")
    wanted = sorted(_etag(outcome.delivery.body) for outcome in history.counting())
    if counted != wanted:
        yield f"these bytes count: {counted}; these should: {wanted}"


def _other_figures(shop: Shop, rows: list[SqlRow], bodies: Mapping[str, bytes]) -> Iterator[str]:
    """Lake and marts against what the deliveries that count hold."""
    picture, wanted = seen(shop), expected(_read(row, bodies) for row in rows if row["status"] == "processed")
    for name in ("facts", "rejects", "customers", "team", "incentives", "open_batches"):
        here, there = getattr(picture, name), getattr(wanted, name)
        if here != there:
            yield f"{name}: {here}; should be: {there}"


def _read(row: SqlRow, bodies: Mapping[str, bytes]) -> Outcome:
    alone = History(datetime.now(UTC).date())
    delivery = _delivery(row, bodies)
    alone.settle([Delivery(delivery.delivery_id, delivery.key, delivery.body)], known_shop())
    return alone.outcomes[delivery.delivery_id]


def lost_or_double(shop: Shop, bodies: Mapping[str, bytes]) -> Iterator[str]:
    """Every object that landed rests in one place with its bytes, once everything is archived."""
    prefixes = shop.settings.storage.prefixes
    resting = {
        a.object_key: a.etag for prefix in (prefixes.archive, prefixes.quarantine) for a in shop.bucket.listing(prefix)
    }
    for arrival in shop.bucket.listing(prefixes.landing):
        yield f"left in landing: {arrival.object_key}"
    rows = [row for row in shop.deliveries() if row["attempt"] == 1]
    noted = {str(row["archived_key"]): str(row["etag"]) for row in rows if row["archived_key"]}
    if resting != noted:
        yield f"at rest, but not noted: {resting.keys() - noted.keys()}; noted: {noted.keys() - resting.keys()}"
    for key, etag in resting.items():
        found = shop.bucket.client.get_object(Bucket=shop.bucket.storage.bucket, Key=key)["Body"].read()
        if found != bodies.get(etag):
            yield f"other bytes at {key}"
    newest = {row["object_key"]: row for row in rows}
    yield from (f"newest of its key, but at no place: {key}" for key, row in newest.items() if not row["archived_key"])


def _etag(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def _int(value: object) -> int:
    return int(str(value))
