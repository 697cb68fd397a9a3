"""What is remarkable about a batch, so that others hear of it: refused files, dirty files, changed incentives."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from streaming.contract.deliveries import Status
from streaming.contract.settings import Settings
from streaming.warehouse.connection import Row, connected, fetch
from tasks.events import Happening, tell

MOST = 100
"""So many of a kind are told of one batch: whoever wants all of them asks the ledger."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One event that should be told, with its details."""

    happening: Happening
    details: dict[str, object] = field(default_factory=dict)


def notices_of_batch(settings: Settings, batch_id: int) -> list[Notice]:
    """What should be told of a batch that has committed."""
    rate = settings.policy.reject_rate
    with connected(settings.warehouse) as database:
        files = fetch(database, "deliveries/remarkable_of_batch", batch_id=batch_id, reject_rate=rate, page=MOST)
        awards = fetch(database, "incentive_ledger/changed_by_correction", batch_id=batch_id, page=MOST)
    return [*_of_files(files, limit=rate), *_of_awards(awards, batch_id=batch_id)]


def tell_of_batch(settings: Settings, batch_id: int) -> None:
    """Look at a batch and tell what is remarkable."""
    for notice in notices_of_batch(settings, batch_id):
        tell(notice.happening, settings.environment, **notice.details)


def _of_files(files: Iterable[Row], *, limit: float) -> Iterator[Notice]:
    for file in files:
        named = {"delivery_id": file["delivery_id"], "object_key": file["object_key"]}
        if file["status"] == Status.QUARANTINED:
            yield Notice("delivery.quarantined", {**named, "reason": file["reason"]})
        else:
            rows = {"rows_read": file["rows_read"], "rows_rejected": file["rows_rejected"], "limit": limit}
            yield Notice("rejects.over-limit", {**named, **rows})


def _of_awards(entries: Iterable[Row], *, batch_id: int) -> Iterator[Notice]:
    for entry in entries:
        yield Notice("award.changed", {**entry, "batch_id": batch_id})
