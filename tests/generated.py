"""Files that the generator made, and what the oracle says of those that landed."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from streaming.warehouse.dimensions import DIMENSIONS
from tests import oracle
from tests.shop import Shop


def by_etag(folder: Path) -> dict[str, bytes]:
    """The files below the folder, by their MD5, which is their ETag as well."""
    bodies = (path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return {hashlib.md5(body, usedforsecurity=False).hexdigest(): body for body in bodies}


def world_of(shop: Shop, bodies: Mapping[int, bytes]) -> oracle.World:
    """The oracle's answer, told only which file came when and which were taken together."""
    batches: dict[object, list[oracle.Delivery]] = {}
    for row in shop.deliveries():
        number = int(str(row["delivery_id"]))
        batches.setdefault(row["batch_id"], []).append(oracle.Delivery(number, str(row["object_key"]), bodies[number]))
    rows = {name: shop.sql(f"SELECT * FROM {name}") for name in DIMENSIONS}  # noqa: S608  names of our own
    return oracle.replay(batches.values(), oracle.Shop.of(**rows), today=datetime.now(UTC).date())
