"""A running stream to measure: the door as a child, its committed batches as they are told."""

import json
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from streaming.contract.places import CHECKOUT

PATIENCE_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Committed:
    """A batch as the door told of it, and when it did (monotonic seconds)."""

    deliveries: int
    rows_read: int
    seconds: float
    told_at: float


class RunningStream:
    """Batches of a continuous stream, in order."""

    def __init__(self, output: IO[str]) -> None:
        self._batches: queue.SimpleQueue[Committed | None] = queue.SimpleQueue()
        threading.Thread(target=self._listen, args=(output,), daemon=True).start()

    def next_batch(self) -> Committed:
        """Wait for one more batch."""
        batch = self._batches.get(timeout=PATIENCE_SECONDS)
        if batch is None:
            raise RuntimeError("the stream ended; what it died of stands above")
        return batch

    def batches_of(self, deliveries: int) -> list[Committed]:
        """Wait until so many deliveries were committed."""
        batches = [self.next_batch()]
        while sum(batch.deliveries for batch in batches) < deliveries:
            batches.append(self.next_batch())
        return batches

    def _listen(self, output: IO[str]) -> None:
        for line in output:
            told = json.loads(line)
            if told["event"] == "batch":
                batch = Committed(told["deliveries"], told["rows_read"], told["seconds"], time.monotonic())
                self._batches.put(batch)
        self._batches.put(None)


@contextmanager
def running_stream() -> Iterator[RunningStream]:
    """A continuous stream on dev, told to stop at the end."""
    command = [sys.executable, "-m", "streaming", "--environment", "dev", "--trigger", "continuous"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=sys.stderr, text=True) as door:
        if door.stdout is None:
            raise TypeError("standard output was not piped")
        try:
            yield RunningStream(door.stdout)
        finally:
            door.send_signal(signal.SIGTERM)
            door.wait()
