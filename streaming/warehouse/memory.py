"""A ledger that came back from a backup: what it had forgotten entered again, and no number given out twice."""

from collections.abc import Iterable
from dataclasses import dataclass

from streaming.contract.deliveries import Arrival
from streaming.contract.settings import Settings
from streaming.warehouse.connection import Database, connected, execute, execute_many, fetch, transaction
from streaming.warehouse.ledger import arrival_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """A delivery that the ledger does not know, by its object: its id, its key in landing, where that rests now."""

    delivery_id: int
    object_key: str
    rests_as: Arrival


def enter_again(database: Database, forgotten: Iterable[Forgotten]) -> None:
    """Have them wait, under their old ids; they are read where they rest."""
    rows = [
        {
            **arrival_row(each.rests_as),
            "delivery_id": each.delivery_id,
            "object_key": each.object_key,
            "archived_key": each.rests_as.object_key,
        }
        for each in forgotten
    ]
    with transaction(database):
        fetch(database, "locks/lock_discovery")
        execute_many(database, "deliveries/enter_again", rows)


def count_on(settings: Settings, *, delivery_id: int, batch_id: int) -> None:
    """Have the next delivery and the next batch take these numbers, as the migration user."""
    with connected(settings.warehouse, as_migrator=True) as database:
        execute(database, "deliveries/count_on", next_id=delivery_id)
        execute(database, "batches/count_on", next_id=batch_id)
