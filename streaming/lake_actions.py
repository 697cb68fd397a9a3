"""Files as lines of a Delta log, by the open protocol of Delta Lake: https://github.com/delta-io/delta/blob/master/PROTOCOL.md."""

import json
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote
from uuid import uuid4

from streaming.contract.chores import LAKE_WRITER
from streaming.contract.readings import Change, LaidFile, StandingFile


def metadata_of(schema_json: str, *, partitions: Sequence[str], settings: Mapping[str, str], now: float) -> str:
    """What a table is; `now` in seconds since 1970."""
    return json.dumps(
        {
            "metaData": {
                "id": str(uuid4()),
                "format": {"provider": "parquet", "options": {}},
                "schemaString": schema_json,
                "partitionColumns": list(partitions),
                "configuration": dict(settings),
                "createdTime": int(now * 1000),
            }
        }
    )


def actions_of(change: Change, *, batch_id: int, now: float) -> Iterator[str]:
    """That a batch has been taken, the files that come with it and those that go; `now` in seconds since 1970."""
    milliseconds = int(now * 1000)
    yield json.dumps({"txn": {"appId": LAKE_WRITER, "version": batch_id, "lastUpdated": milliseconds}})
    for gone in change.removed:
        yield json.dumps({"remove": _removed(gone, milliseconds)})
    for file in change.added:
        yield json.dumps({"add": _added(file, milliseconds)})


def log_path_of(file: LaidFile) -> str:
    """Its path as the log tells it."""
    return quote(file.path, safe="/=")


def as_standing(file: LaidFile) -> StandingFile:
    """The file as the log tells it once it has been taken."""
    return StandingFile(
        log_path=log_path_of(file),
        partition=file.partition,
        size_bytes=file.size_bytes,
        deliveries=file.ranges["delivery_id"],
    )


def _added(file: LaidFile, milliseconds: int) -> dict[str, object]:
    return {
        "path": log_path_of(file),
        "partitionValues": dict(file.partition),
        "size": file.size_bytes,
        "modificationTime": milliseconds,
        "dataChange": True,
        "stats": _stats(file),
    }


def _removed(file: StandingFile, milliseconds: int) -> dict[str, object]:
    return {
        "path": file.log_path,
        "partitionValues": dict(file.partition),
        "size": file.size_bytes,
        "deletionTimestamp": milliseconds,
        "dataChange": True,
        "extendedFileMetadata": True,
    }


def _stats(file: LaidFile) -> str:
    return json.dumps(
        {
            "numRecords": file.rows,
            "minValues": {name: low for name, (low, _) in file.ranges.items()},
            "maxValues": {name: high for name, (_, high) in file.ranges.items()},
            "nullCount": dict.fromkeys(file.ranges, 0),
        },
        default=str,  # a date as Delta writes it
    )
