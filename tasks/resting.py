"""Where each file should rest once its verdict is final: the plan, with no hand on any file."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from streaming.contract.deliveries import Delivery, Status
from streaming.contract.sections import Prefixes

LONGEST_KEY_BYTES = 1024
LONGEST_NAME_BYTES = 255
"""Longer names between two slashes are keys to S3, but no files to a store on disk."""
GIVEN_UP = re.compile(r"[0-9a-f]{64}")
"""What stands in place of a name that was too long."""
ROOM = "-" * 40
"""A store on disk gives a file a longer name while it is being put."""
REASON_ENDING = ".reason.json"
KEPT_CHARACTERS = "!-_.*'() =+,@"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One delivery's object and where it should rest.

    `is_overwritten` tells that a newer delivery lies under the key: the object there is not ours to move.
    """

    delivery: Delivery
    to: str
    is_overwritten: bool


def to_archive(deliveries: Iterable[Delivery], *, newest: Mapping[str, int], prefixes: Prefixes) -> list[Move]:
    """Which objects have a final verdict and where each should rest; `newest` delivery of each key given."""
    return [
        Move(
            delivery=delivery,
            to=resting_key(delivery, prefixes),
            is_overwritten=newest[delivery.object_key] != delivery.delivery_id,
        )
        for delivery in deliveries
        if delivery.status.is_final
    ]


def resting_key(delivery: Delivery, prefixes: Prefixes) -> str:
    """A key below archive or quarantine that no other delivery has: the id, then the name it had in landing.

    Whatever a store called its file, the name stays below the prefix and within S3's limits: characters that
    systems trip over are percent-encoded, and a name that grows too long that way becomes its SHA-256.
    """
    quarantined = delivery.status is Status.QUARANTINED
    folder = f"{prefixes.quarantine if quarantined else prefixes.archive}{delivery.delivery_id}/"
    name = _tame(delivery.object_key.removeprefix(prefixes.landing))
    if _is_too_long(folder + name):
        name = hashlib.sha256(delivery.object_key.encode()).hexdigest()
    return folder + name


def landing_key(rests_at: str, delivery_id: int, prefixes: Prefixes) -> str | None:
    """The key that an object at rest had in landing; None where its name had to be given up for being too long."""
    is_refused = rests_at.startswith(prefixes.quarantine)
    name = rests_at.removeprefix(f"{prefixes.quarantine if is_refused else prefixes.archive}{delivery_id}/")
    delivery = Delivery(
        delivery_id=delivery_id,
        object_key=prefixes.landing + unquote(name),
        etag="",
        size_bytes=0,
        status=Status.QUARANTINED if is_refused else Status.PROCESSED,
    )
    is_told = resting_key(delivery, prefixes) == rests_at and not GIVEN_UP.fullmatch(name)
    return delivery.object_key if is_told else None


def reason_key(rests_at: str, delivery_id: int, prefixes: Prefixes) -> str:
    """Where the reason lies for a quarantined file: beside it, under its name unless that grows too long."""
    key = f"{rests_at}{REASON_ENDING}"
    if not _is_too_long(key + ROOM):
        return key
    return f"{prefixes.quarantine}{delivery_id}/{hashlib.sha256(rests_at.encode()).hexdigest()}{REASON_ENDING}"


def _tame(name: str) -> str:
    """The name with every doubtful character percent-encoded; decoding gives the name back."""
    parts = name.split("/")
    tamed = [_tame_part(part) for part in parts]
    return "".join(part + _slash(parts, index) for index, part in enumerate(tamed))


def _slash(parts: list[str], index: int) -> str:
    """The slash behind a part; encoded where the store would otherwise see a folder without a name."""
    if index == len(parts) - 1:
        return ""
    return "/" if parts[index] and any(parts[index + 1 :]) else "%2F"


def _tame_part(part: str) -> str:
    if part in {".", ".."}:
        return "%2E" * len(part)
    return "".join(c if c.isalnum() or c in KEPT_CHARACTERS else quote(c, safe="") for c in part)


def _is_too_long(key: str) -> bool:
    return len(key.encode()) > LONGEST_KEY_BYTES or any(
        len(part.encode()) > LONGEST_NAME_BYTES for part in key.split("/")
    )
