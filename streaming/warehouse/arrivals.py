"""What has ever arrived: under which keys the ledger has seen given bytes."""

from collections.abc import Collection

from streaming.warehouse.connection import Database, fetch

Content = tuple[str, str, int]
"""Key, ETag and size of one delivery."""

PAGE = 1_000


def arrived(database: Database, etags: Collection[str]) -> set[Content]:
    """Every delivery, whatever became of it, whose ETag is among these."""
    ordered = sorted(etags)
    pages = [tuple(ordered[start : start + PAGE]) for start in range(0, len(ordered), PAGE)]
    return {
        (str(row["object_key"]), str(row["etag"]), int(str(row["size_bytes"])))
        for page in pages
        for row in fetch(database, "deliveries/arrived_contents", etags=page)
    }
