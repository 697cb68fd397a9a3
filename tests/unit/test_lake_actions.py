"""Files as lines of a Delta log."""

import json
from datetime import date

from streaming.contract.readings import Change, LaidFile
from streaming.lake_actions import actions_of, as_standing

FILE = LaidFile(
    path="sales_month=2026-03/store_id=2/part 1.parquet",
    partition={"sales_month": "2026-03", "store_id": "2"},
    rows=3,
    size_bytes=1_234,
    ranges={"delivery_id": (5, 9), "sales_date": (date(2026, 3, 1), date(2026, 3, 31))},
)


def test_a_batch_is_noted_before_its_files() -> None:
    taken, added = (json.loads(line) for line in actions_of(Change(added=[FILE]), batch_id=17, now=1.5))
    assert taken == {"txn": {"appId": "tillstream", "version": 17, "lastUpdated": 1_500}}
    assert json.loads(added["add"].pop("stats")) == {
        "numRecords": 3,
        "minValues": {"delivery_id": 5, "sales_date": "2026-03-01"},
        "maxValues": {"delivery_id": 9, "sales_date": "2026-03-31"},
        "nullCount": {"delivery_id": 0, "sales_date": 0},
    }
    assert added == {
        "add": {
            "path": "sales_month=2026-03/store_id=2/part%201.parquet",
            "partitionValues": {"sales_month": "2026-03", "store_id": "2"},
            "size": 1_234,
            "modificationTime": 1_500,
            "dataChange": True,
        }
    }


def test_a_file_that_goes_is_told_as_it_was() -> None:
    gone = as_standing(FILE)
    _, removed = (json.loads(line) for line in actions_of(Change(added=(), removed=[gone]), batch_id=17, now=1.5))
    assert removed == {
        "remove": {
            "path": "sales_month=2026-03/store_id=2/part%201.parquet",
            "partitionValues": {"sales_month": "2026-03", "store_id": "2"},
            "size": 1_234,
            "deletionTimestamp": 1_500,
            "dataChange": True,
            "extendedFileMetadata": True,
        }
    }
    assert gone.deliveries == (5, 9)
