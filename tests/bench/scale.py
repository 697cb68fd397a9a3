"""A long past, many customers, many waiting files: what grows with them and what must not."""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from streaming.bucket import Bucket
from streaming.discovery import Discovery
from streaming.warehouse.connection import connected
from streaming.warehouse.dimensions import upsert_dimension
from tests.bench.history import CUSTOMERS, grow, key_of
from tests.bench.stage import Stage
from tests.bench.stream import running_stream
from tests.policies.gateway import ROOT, gateway

ROWS_EACH = 500
WARM_UPS, FILES = 10, 20
PUTTERS = 16
Figures = dict[str, float]


def with_past(stage: Stage, bodies: Iterator[bytes], *, deliveries: int, say: Callable[[str], None]) -> Figures:
    """Seconds of a batch of one file, and of one that corrects a file of the past, after so many deliveries."""
    stage.empty()
    began = time.monotonic()
    grow(stage, deliveries=deliveries, rows_each=ROWS_EACH)
    say(f"{deliveries:,} deliveries of {ROWS_EACH} sales were made in {time.monotonic() - began:.0f} s")
    landing = stage.settings.storage.prefixes.landing
    with running_stream() as stream:

        def seconds_of(key: str) -> float:
            stage.drop(key.removeprefix(landing), next(bodies))
            return stream.next_batch().seconds

        ordinary = [seconds_of(f"now/{number}.csv") for number in range(WARM_UPS + FILES)][WARM_UPS:]
        step = max(1, deliveries // (FILES + 1))
        corrections = [seconds_of(key_of(stage, 1 + number * step)) for number in range(FILES // 2)]
    return {
        "a file: seconds, median": round(statistics.median(ordinary), 3),
        "a file: seconds, min": round(min(ordinary), 3),
        "a correction: seconds, median": round(statistics.median(corrections[1:]), 3),
        "a correction: seconds, min": round(min(corrections[1:]), 3),
    }


def with_customers(stage: Stage, bodies: Iterator[bytes], *, customers: int, say: Callable[[str], None]) -> Figures:
    """Seconds of a batch of one file, and of one of 500,000 rows, where there are so many customers."""
    stage.empty()
    say(f"{customers:,} customers")
    with connected(stage.settings.warehouse) as database:
        upsert_dimension(database, "customers", map(_customer, range(CUSTOMERS + 1, customers + 1)))
    with running_stream() as stream:
        ordinary = []
        for number, body in enumerate(islice(bodies, WARM_UPS + FILES)):
            stage.drop(f"now/{number}.csv", body)
            ordinary.append(stream.next_batch().seconds)
        years = []
        for seed in range(2, 5):
            batches = stream.batches_of(stage.drop_year(seed=seed, rows=500_000))
            years.append(sum(batch.seconds for batch in batches))
    return {
        "a file: seconds, median": round(statistics.median(ordinary[WARM_UPS:]), 3),
        "500,000 rows: seconds, min": round(min(years), 2),
    }


def _customer(number: int) -> dict[str, object]:
    return {
        "customer_id": number,
        "first_name": f"First{number}",
        "last_name": f"Last{number % 9973}",
        "address": f"Street {number % 1000}",
        "pincode": f"{100_000 + number % 800_000}",
        "phone_number": f"+44{number:010}",
        "joining_date": "2024-01-01",
    }


def with_waiting(stage: Stage, *, files: int, say: Callable[[str], None]) -> Figures:
    """What one look costs at so many files that nobody has seen, and the next look at the same ones.

    On a gateway of its own, as the embedded S3 server walks through all its files for each page; the server's part of
    the time is told apart.
    """
    stage.empty()
    with TemporaryDirectory(prefix="tillstream-gateway-") as folder, gateway(Path(folder)) as opened:
        storage = opened.storage_for(ROOT, stage.settings.storage)
        bucket = Bucket(storage)
        bucket.create()
        settings = stage.settings.model_copy(update={"storage": storage})
        return _looks(replace(stage, settings=settings, bucket=bucket), files=files, say=say)


def _looks(stage: Stage, *, files: int, say: Callable[[str], None]) -> Figures:
    say(f"putting {files:,} files")
    _put(stage, files=files)
    pages = _Pages(stage)
    discovery = Discovery(stage.bucket, stage.settings)
    process = psutil.Process()
    before, began = process.memory_info().rss, time.monotonic()
    first = discovery.look()
    seconds, grown = time.monotonic() - began, process.memory_info().rss - before
    figures = {
        "files entered": first.entered,
        "seconds of the first look": round(seconds, 1),
        "of these waiting for S3": round(pages.seconds, 1),
        "calls to S3": pages.calls,
        "memory grown by, MB": round(grown / 1024**2),
    }
    began, waited = time.monotonic(), pages.seconds
    discovery.look()
    return figures | {
        "seconds of the next look": round(time.monotonic() - began, 1),
        "of these waiting for S3 again": round(pages.seconds - waited, 1),
        "memory grown by in all, MB": round((process.memory_info().rss - before) / 1024**2),
    }


class _Pages:
    """Counts a stage's calls to S3, and the seconds until each was answered."""

    def __init__(self, stage: Stage) -> None:
        self.calls, self.seconds, self._since = 0, 0.0, 0.0
        events = stage.bucket.client.meta.events
        events.register("before-send.s3", self._asked)
        events.register("response-received.s3", self._answered)

    def _asked(self, **_: object) -> None:
        self.calls, self._since = self.calls + 1, time.monotonic()

    def _answered(self, **_: object) -> None:
        self.seconds += time.monotonic() - self._since


def _put(stage: Stage, *, files: int) -> None:
    def put(number: int) -> None:
        stage.drop(f"waiting/{number % 100:02}/{number:06}.csv", f"{number}\n".encode())

    with ThreadPoolExecutor(PUTTERS) as pool:
        for _done in pool.map(put, range(files)):
            continue
