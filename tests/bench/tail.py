"""Files that keep coming: so many a second for a while, and how long each waits for its marts."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from itertools import cycle

from tests.bench.stage import Stage
from tests.bench.stream import RunningStream

PUTTERS = 4
SHOWN_EVERY_SECONDS = 30
EACH_RATE = 10_000
"""So far apart are the numbers of files that are put at different rates: no two files have equal bytes."""


def sustained(
    stage: Stage,
    stream: RunningStream,
    bodies: Iterator[bytes],
    *,
    per_second: int,
    seconds: int,
    say: Callable[[str], None],
) -> dict[str, float]:
    """Seconds from a file's PUT to its marts' commit, in the whole time and in its last quarter.

    Files are taken to be committed in the order in which they were put, as the ledger enters them. A stream that
    falls behind shows a last quarter far slower than the whole.
    """
    files = per_second * seconds
    put = _putting(stage, list(bodies), files=files, per_second=per_second)
    waited: list[float] = []
    told = time.monotonic()
    while len(waited) < files:
        batch = stream.next_batch()
        waited += [batch.told_at - at for at in put[len(waited) : len(waited) + batch.deliveries]]
        if batch.told_at - told > SHOWN_EVERY_SECONDS:
            told = batch.told_at
            say(f"{per_second} files a second: {len(waited)} of {files} done, the newest waited {waited[-1]:.1f} s")
    last = waited[-files // 4 :]
    return {
        "seconds, p50": round(statistics.median(waited), 2),
        "seconds, p95": round(statistics.quantiles(waited, n=20)[-1], 2),
        "seconds, max": round(max(waited), 2),
        "seconds, p50 of the last quarter": round(statistics.median(last), 2),
    }


def _putting(stage: Stage, bodies: list[bytes], *, files: int, per_second: int) -> list[float]:
    """The moments at which files were put, growing as some threads put them on time."""
    moments = [0.0] * files
    begun = time.monotonic() + 1
    numbers = iter(range(files))
    turn, many = threading.Lock(), cycle(bodies)

    def put_on_time() -> None:
        while True:
            with turn:
                number = next(numbers, None)
                if number is None:
                    return
                body = next(many)
            due = begun + number / per_second
            time.sleep(max(0.0, due - time.monotonic()))
            moments[number] = due
            name = f"tail-{per_second}/{number:06}.csv"
            stage.drop(name, body + _unlike_others(body, per_second * EACH_RATE + number))

    for _ in range(PUTTERS):
        threading.Thread(target=put_on_time, daemon=True).start()
    return moments


def _unlike_others(body: bytes, number: int) -> bytes:
    """Two rows more, others for each file: files with equal bytes would count once."""
    rows = body.splitlines(keepends=True)[1:]
    return rows[number % len(rows)] + rows[number // len(rows) % len(rows)]
