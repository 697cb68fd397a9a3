"""Closes a stream that lives but makes no progress: neither a batch nor a look at landing for a long time."""

import logging
import threading
import time
from types import TracebackType
from typing import Self

from tasks.door import Door

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class Watchdog:
    """Watches one life of the door, from opening to end.

    Args:
        door: whom to watch.
        patience_seconds: so long it may give no sign; more than its longest batch takes.
    """

    def __init__(self, door: Door, *, patience_seconds: float) -> None:
        self.has_bitten = False
        self._door = door
        self._patience = patience_seconds
        self._sign_at = time.monotonic()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="watchdog")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()

    def sign(self) -> None:
        """The stream has given a sign of progress."""
        self._sign_at = time.monotonic()

    def _watch(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            if time.monotonic() - self._sign_at > self._patience:
                self.has_bitten = True
                log.error("the stream has made no progress for %d s: it is closed", self._patience)
                self._door.close()
                return
