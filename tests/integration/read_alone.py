"""Reads the files that lie in landing, one after the other, and tells of each how it ended and what it cost.

A program of its own, without Spark, so that its memory is that of reading: `python -m tests.integration.read_alone`
prints one JSON object per file.
"""

import json
import re
import sys
import time
from collections import deque
from pathlib import Path

from streaming.bucket import Bucket
from streaming.contract.deliveries import Arrival, Delivery
from streaming.contract.sections import Limits
from streaming.contract.settings import read_settings
from streaming.source.reading import read_delivery

FORGET_THE_PEAK = "5"
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def main() -> None:
    """Read by name, so that the first file may be a harmless one."""
    settings = read_settings("dev")
    bucket = Bucket(settings.storage)
    for arrival in sorted(bucket.listing(settings.storage.prefixes.landing), key=lambda a: a.object_key):
        sys.stdout.write(json.dumps(read(bucket, arrival, settings.limits)) + "\n")


def read(bucket: Bucket, arrival: Arrival, limits: Limits) -> dict[str, object]:
    """How reading one file ended, in how many seconds of work, and the most memory meanwhile."""
    delivery = Delivery(delivery_id=1, object_key=arrival.object_key, etag=arrival.etag, size_bytes=arrival.size_bytes)
    Path("/proc/self/clear_refs").write_text(FORGET_THE_PEAK, encoding="utf-8")
    started = time.process_time()
    (closing,) = deque(read_delivery(bucket, delivery, limits=limits), maxlen=1)[0].to_pylist()
    return {
        "name": arrival.object_key.rpartition("/")[2],
        "reason": closing["file_reason"],
        "rows": closing["rows_in_file"],
        "seconds": time.process_time() - started,
        "megabytes": peak_megabytes(),
    }


def peak_megabytes() -> int:
    """The most resident memory since it was last forgotten; a child's getrusage would begin with its parent's."""
    found = PEAK.search(Path("/proc/self/status").read_text(encoding="utf-8"))
    return int(found[1]) // 1024 if found else 0


if __name__ == "__main__":
    main()
