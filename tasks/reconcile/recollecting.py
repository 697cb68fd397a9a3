"""After a database came back from a backup: what the bucket still knows, and the ledger has forgotten.

Archive and quarantine name each object after its delivery, and the lake knows which batches it took. So the ledger can
be told again what arrived since the backup; what was decided about it, the stream decides again.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from streaming.bucket import Bucket
from streaming.contract.deliveries import Arrival, has_bytes_of
from streaming.contract.sections import Prefixes, Storage
from streaming.contract.settings import Settings
from streaming.stamps import require_stamps
from streaming.warehouse.connection import connected, fetch
from streaming.warehouse.ledger import note_archived
from streaming.warehouse.memory import Forgotten, count_on, enter_again
from streaming.warehouse.proofs import Entry, all_entries
from streaming.warehouse.writer import only_writer
from tasks.reconcile.lake import Table
from tasks.reconcile.looking import all_objects
from tasks.reconcile.objects import Objects, delivery_in
from tasks.resting import landing_key, reason_key

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What archive and quarantine tell.

    forgotten: deliveries that the ledger does not know.
    moved: deliveries that it believes to lie in landing, and where they rest.
    unclear: objects whose key in landing is not to be had from their name, or whose number another delivery has.
    """

    forgotten: tuple[Forgotten, ...]
    moved: Mapping[int, str]
    unclear: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recollection:
    """That, and the numbers that the next delivery and the next batch get."""

    memory: Memory
    next_delivery: int
    next_batch: int

    def __str__(self) -> str:
        return (
            f"{len(self.memory.forgotten)} forgotten deliveries, {len(self.memory.moved)} moved ones, "
            f"{len(self.memory.unclear)} unclear objects; "
            f"deliveries count on at {self.next_delivery}, batches at {self.next_batch}"
        )


def memory_of(objects: Objects, entries: Mapping[int, Entry], prefixes: Prefixes) -> Memory:
    """What the objects at rest tell that the ledger does not know."""
    owners = {key: owner for key in objects.resting if (owner := delivery_in(key, prefixes)) is not None}
    reasons = {reason_key(key, owner, prefixes) for key, owner in owners.items()}
    forgotten, moved, unclear = dict[int, Forgotten](), dict[int, str](), list[str]()
    for key in sorted(owners.keys() - reasons):
        owner, resting = owners[key], objects.resting[key]
        name, entry = landing_key(key, owner, prefixes), entries.get(owner)
        if entry is None and name is not None and owner not in forgotten:
            forgotten[owner] = Forgotten(delivery_id=owner, object_key=name, rests_as=resting)
        elif entry is None or name != entry.delivery.object_key:
            unclear.extend([] if entry is not None and entry.delivery.rests_at == key else [key])
        elif _has_moved(entry, resting, objects):
            moved[owner] = key
    return Memory(forgotten=tuple(forgotten[owner] for owner in sorted(forgotten)), moved=moved, unclear=tuple(unclear))


def recollect(settings: Settings, *, dry_run: bool) -> Recollection:
    """Have the ledger know all that arrived, waiting for a verdict where it had none; or only say what that would be.

    Raises:
        BusyError: a stream is at work.
    """
    require_stamps(settings)
    with only_writer(settings):
        found = _look(settings)
        for each in found.memory.forgotten:
            log.info("delivery %d, %s: it rests at %s", each.delivery_id, each.object_key, each.rests_as.object_key)
        for delivery_id, key in found.memory.moved.items():
            log.info("delivery %d: it has moved to %s", delivery_id, key)
        for key in found.memory.unclear:
            log.warning("%s: it is not clear under which name it came, put it into landing by hand", key)
        if not dry_run:
            _remember(settings, found)
    return found


def _look(settings: Settings) -> Recollection:
    storage = settings.storage
    with connected(settings.warehouse) as database:
        entries = all_entries(database)
        batches = [int(str(row["batch_id"])) for row in fetch(database, "batches/newest", page=1)]
        batches += [int(str(row["batch_id"])) for row in fetch(database, "batches/open")]
    objects, tables = all_objects(Bucket(storage)), _tables(storage)
    owners = [delivery_in(key, storage.prefixes) or 0 for key in objects.resting]
    deliveries = [*entries, *owners, *(table.newest_delivery() for table in tables)]
    return Recollection(
        memory=memory_of(objects, entries, storage.prefixes),
        next_delivery=1 + max(deliveries, default=0),
        next_batch=1 + max([*batches, *(table.newest_batch() for table in tables)]),
    )


def _remember(settings: Settings, found: Recollection) -> None:
    with connected(settings.warehouse) as database:
        enter_again(database, found.memory.forgotten)
        for delivery_id, key in found.memory.moved.items():
            note_archived(database, delivery_id=delivery_id, archived_key=key)
    count_on(settings, delivery_id=found.next_delivery, batch_id=found.next_batch)


def _tables(storage: Storage) -> tuple[Table, Table]:
    return Table(storage, storage.prefixes.facts), Table(storage, storage.prefixes.rejects)


def _has_moved(entry: Entry, resting: Arrival, objects: Objects) -> bool:
    """True when the ledger looks for it in landing, and there it is no more."""
    delivery = entry.delivery
    if entry.is_archived or not delivery.is_in_landing or not has_bytes_of(delivery, resting):
        return False
    lying = objects.landing.get(delivery.object_key)
    return lying is None or (lying.etag, lying.size_bytes) != delivery.content
