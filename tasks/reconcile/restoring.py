"""Objects put right: what can be had from another object with the same bytes, and what lies in two places."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from streaming.bucket import Bucket
from streaming.contract.deliveries import Arrival, has_bytes_of
from streaming.contract.settings import Settings
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import note_archived
from streaming.warehouse.proofs import Entry, entries_of, ids_of_equals
from tasks.reconcile.differences import Difference, Kind
from tasks.reconcile.looking import seen_objects

log = logging.getLogger(__name__)

Content = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What is done about one object: its place filled from a copy elsewhere, or landing rid of it.

    place: where the delivery's object rests from now on.
    source: another object with the same bytes, to be copied there; None where it rests there already.
    """

    delivery_id: int
    place: str
    source: Arrival | None = None
    landing: Arrival | None = None

    def __str__(self) -> str:
        if self.source is not None:
            return f"delivery {self.delivery_id}: {self.source.object_key} is copied to {self.place}"
        return f"delivery {self.delivery_id}: it rests at {self.place}, and is deleted from landing"


def deeds_for(
    differences: Iterable[Difference],
    entries: Mapping[int, Entry],
    *,
    intact: Mapping[Content, Arrival],
    landing: Mapping[str, Arrival],
) -> Iterator[Deed]:
    """What can be done about objects that are nowhere, altered or in two places; nothing without the same bytes.

    Args:
        differences: what was found.
        entries: the deliveries that these are about.
        intact: for some bytes, an object in archive or quarantine that has them.
        landing: objects of landing by key.
    """
    for each in differences:
        entry = entries.get(each.delivery_id or 0)
        if entry is None:
            continue
        delivery = entry.delivery
        if each.kind in {Kind.MISSING_OBJECT, Kind.ALTERED_OBJECT} and delivery.content in intact:
            yield Deed(delivery_id=delivery.delivery_id, place=each.key, source=intact[delivery.content])
        elif each.kind is Kind.TWO_PLACES and delivery.object_key in landing:
            yield Deed(delivery_id=delivery.delivery_id, place=each.key, landing=landing[delivery.object_key])


def restore(settings: Settings, differences: Iterable[Difference], *, dry_run: bool) -> list[Deed]:
    """Do all of that, or only say so; returns the deeds."""
    about = [each for each in differences if each.kind.is_about_objects and each.delivery_id is not None]
    if not about:
        return []
    bucket = Bucket(settings.storage.for_archiver())
    with connected(settings.warehouse) as database:
        ids = {each.delivery_id for each in about if each.delivery_id is not None}
        entries = entries_of(database, ids)
        equals = entries_of(database, ids_of_equals(database, ids)).values()
        landing = seen_objects(bucket, {entry.delivery.object_key for entry in entries.values()})
        deeds = list(deeds_for(about, entries, intact=_intact(bucket, equals), landing=landing))
        for deed in deeds:
            log.info("%s %s", "would mend" if dry_run else "mending", deed)
            if not dry_run:
                _do(bucket, deed)
                note_archived(database, delivery_id=deed.delivery_id, archived_key=deed.place)
    return deeds


def _do(bucket: Bucket, deed: Deed) -> None:
    if deed.source is not None:
        bucket.copy(deed.source.object_key, etag=deed.source.etag, to=deed.place)
    if deed.landing is not None:
        bucket.delete(deed.landing.object_key, etag=deed.landing.etag)


def _intact(bucket: Bucket, equals: Iterable[Entry]) -> dict[Content, Arrival]:
    """An object for each content that has it, by size and checksum."""
    places = {entry.delivery.rests_at: entry.delivery for entry in equals if entry.delivery.rests_at is not None}
    seen = seen_objects(bucket, set(places))
    return {places[key].content: found for key, found in seen.items() if has_bytes_of(places[key], found)}
