"""Each object that ever landed rests in one place, with the same bytes: the plan, with no look at any bucket."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from streaming.contract.deliveries import Arrival, Status, has_bytes_of
from streaming.contract.reasons import AbsenceReason
from streaming.contract.sections import Prefixes
from streaming.warehouse.proofs import Entry
from tasks.reconcile.differences import Difference, Kind
from tasks.resting import reason_key, resting_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """The objects of landing, and those of archive and quarantine, by key."""

    landing: Mapping[str, Arrival]
    resting: Mapping[str, Arrival]


def differing_objects(
    entries: Mapping[int, Entry], objects: Objects, *, newest: Mapping[str, int], prefixes: Prefixes
) -> Iterator[Difference]:
    """Deliveries whose object is nowhere, altered or in two places, then objects that no delivery explains.

    What lies in landing and is new to the ledger is no difference: it has just arrived.

    Args:
        entries: the deliveries to look at.
        objects: what there is.
        newest: the newest delivery that a store has put under each key.
        prefixes: where things rest.
    """
    explained: set[str] = set()
    for entry in entries.values():
        if entry.delivery.is_fresh:
            explained |= _explained(entry, prefixes)
            yield from _differences(entry, objects, newest=newest, prefixes=prefixes)
    for key in objects.resting:
        if key not in explained:
            yield Difference(kind=Kind.FOREIGN_OBJECT, key=key)


def keys_of(entries: Iterable[Entry], prefixes: Prefixes) -> set[str]:
    """Every key at which the objects of these deliveries may be."""
    return {
        key
        for entry in entries
        if entry.delivery.is_fresh
        for key in {entry.delivery.object_key, *_places(entry, prefixes)}
    }


def delivery_in(key: str, prefixes: Prefixes) -> int | None:
    """The id that a key below archive or quarantine begins with."""
    first = key.removeprefix(prefixes.archive).removeprefix(prefixes.quarantine).partition("/")[0]
    return int(first) if first.isdecimal() and first.isascii() else None


def _explained(entry: Entry, prefixes: Prefixes) -> set[str]:
    """What may lie at rest because of a delivery: its object, and the reason why that is in quarantine."""
    places = _places(entry, prefixes)
    if entry.delivery.status is not Status.QUARANTINED:
        return places
    return places | {reason_key(place, entry.delivery.delivery_id, prefixes) for place in places}


def _places(entry: Entry, prefixes: Prefixes) -> set[str]:
    """Where the object rests, or will once it has been archived."""
    if entry.delivery.rests_at is not None:
        return {entry.delivery.rests_at}
    return set() if entry.is_archived or not entry.delivery.status.is_final else {resting_key(entry.delivery, prefixes)}


def _differences(
    entry: Entry, objects: Objects, *, newest: Mapping[str, int], prefixes: Prefixes
) -> Iterator[Difference]:
    if entry.delivery.is_expired:  # it may be gone, or be deleted at any moment
        return
    lies = _lies_in_landing(entry, objects)
    for place in _places(entry, prefixes):
        resting = objects.resting.get(place)
        if resting is None and not _is_excused(entry, objects, newest=newest):
            yield Difference(kind=Kind.MISSING_OBJECT, delivery_id=entry.delivery.delivery_id, key=place)
        elif resting is not None and not has_bytes_of(entry.delivery, resting):
            yield Difference(
                kind=Kind.ALTERED_OBJECT,
                delivery_id=entry.delivery.delivery_id,
                key=place,
                expected=f"{entry.delivery.size_bytes} bytes, {entry.delivery.etag}",
                found=f"{resting.size_bytes} bytes, {resting.etag}",
            )
        elif resting is not None and lies:
            yield Difference(kind=Kind.TWO_PLACES, delivery_id=entry.delivery.delivery_id, key=place)


def _lies_in_landing(entry: Entry, objects: Objects) -> bool:
    """True when the very object that was recorded is there."""
    lying = objects.landing.get(entry.delivery.object_key)
    return (
        lying is not None
        and (lying.etag, lying.size_bytes) == (entry.delivery.etag, entry.delivery.size_bytes)
        and lying.last_modified.replace(tzinfo=None) == entry.last_modified
    )


def _is_excused(entry: Entry, objects: Objects, *, newest: Mapping[str, int]) -> bool:
    """True when the object need not rest yet, or the store took it away itself.

    A store that overwrites a file before it is archived has put other bytes in its place.
    """
    if entry.is_archived:
        return False
    is_taken_away = entry.delivery.status in {Status.SUPERSEDED, Status.WITHDRAWN} and entry.reason in set(
        AbsenceReason
    )
    is_overwritten = newest.get(entry.delivery.object_key) != entry.delivery.delivery_id
    return is_taken_away or is_overwritten or entry.delivery.object_key in objects.landing
