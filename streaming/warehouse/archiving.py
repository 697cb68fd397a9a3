"""Where the objects of settled deliveries rest, as the ledger knows it."""

from collections.abc import Collection

from streaming.warehouse.connection import Database, execute, fetch, transaction
from streaming.warehouse.ledger import PAGE


def newest_delivery_of(database: Database, keys: Collection[str]) -> dict[str, int]:
    """The id of the newest delivery of each key: the one whose bytes lie in landing, if any do."""
    newest: dict[str, int] = {}
    asked = list(keys)
    for start in range(0, len(asked), PAGE):
        page = tuple(asked[start : start + PAGE])
        rows = fetch(database, "deliveries/newest_ids_of_keys", object_keys=page)
        newest |= {str(row["object_key"]): int(str(row["delivery_id"])) for row in rows}
    return newest


def note_gone(database: Database, *, delivery_id: int) -> None:
    """The delivery's bytes left landing without us: archived at no key, not to be looked for again."""
    with transaction(database):
        execute(database, "deliveries/note_archived", delivery_id=delivery_id, archived_key=None)
