"""The bucket as it is: listed or asked key by key, and asked again before anything in it is called wrong."""

import logging
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from streaming.bucket import Bucket, GoneError
from streaming.contract.deliveries import Arrival
from streaming.contract.settings import Settings
from streaming.warehouse.archiving import newest_delivery_of
from streaming.warehouse.connection import Database, connected
from streaming.warehouse.proofs import Entry, entries_of
from tasks.reconcile.differences import Difference, Kind
from tasks.reconcile.objects import Objects, delivery_in, differing_objects, keys_of

log = logging.getLogger(__name__)

HEADS_AT_ONCE = 16
SECONDS_BETWEEN_LOOKS = 2.0


def all_objects(bucket: Bucket) -> Objects:
    """Everything; landing first, as files move from there to the other two."""
    prefixes = bucket.storage.prefixes
    landing = _by_key(bucket.listing(prefixes.landing))
    resting = _by_key(bucket.listing(prefixes.archive)) | _by_key(bucket.listing(prefixes.quarantine))
    return Objects(landing=landing, resting=resting)


def objects_of(bucket: Bucket, entries: Iterable[Entry]) -> Objects:
    """All of landing, and of archive and quarantine what belongs to these deliveries."""
    landing = _by_key(bucket.listing(bucket.storage.prefixes.landing))
    return Objects(
        landing=landing, resting=seen_objects(bucket, _elsewhere(keys_of(entries, bucket.storage.prefixes), bucket))
    )


def first_look(
    database: Database, settings: Settings, entries: Mapping[int, Entry], objects: Objects
) -> list[Difference]:
    """What seems wrong with the objects, some of it perhaps because they are being moved."""
    keys = {entry.delivery.object_key for entry in entries.values() if not entry.is_archived}
    newest = newest_delivery_of(database, keys)
    return list(differing_objects(entries, objects, newest=newest, prefixes=settings.storage.prefixes))


def second_look(settings: Settings, suspicions: Collection[Difference]) -> list[Difference]:
    """Those of the suspicions that are still true a moment later, by a fresh look at ledger and bucket."""
    if not suspicions:
        return []
    time.sleep(SECONDS_BETWEEN_LOOKS)
    bucket, prefixes = Bucket(settings.storage), settings.storage.prefixes
    foreign = {each.key for each in suspicions if each.kind is Kind.FOREIGN_OBJECT}
    named = {each.delivery_id for each in suspicions} | {delivery_in(key, prefixes) for key in foreign}
    with connected(settings.warehouse) as database:
        entries = entries_of(database, {each for each in named if each is not None})
        keys = keys_of(entries.values(), prefixes) | foreign
        elsewhere = _elsewhere(keys, bucket)
        objects = Objects(landing=seen_objects(bucket, keys - elsewhere), resting=seen_objects(bucket, elsewhere))
        still = {(each.kind, each.key) for each in first_look(database, settings, entries, objects)}
    return [each for each in suspicions if (each.kind, each.key) in still]


def _elsewhere(keys: Collection[str], bucket: Bucket) -> set[str]:
    return {key for key in keys if not key.startswith(bucket.storage.prefixes.landing)}


def _by_key(arrivals: Iterator[Arrival]) -> dict[str, Arrival]:
    return {arrival.object_key: arrival for arrival in arrivals}


def seen_objects(bucket: Bucket, keys: Collection[str]) -> dict[str, Arrival]:
    """Those of the objects that are there."""

    def seen(key: str) -> Arrival | None:
        try:
            return bucket.seen(key)
        except GoneError:
            return None

    with ThreadPoolExecutor(HEADS_AT_ONCE, thread_name_prefix="look") as pool:
        return _by_key(arrival for arrival in pool.map(seen, keys) if arrival is not None)
