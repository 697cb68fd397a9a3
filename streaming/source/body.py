"""The bytes of one object: pinned to its ETag, resumed where the network broke off, never more than a file may have."""

import io
import logging
import time
from typing import BinaryIO

from botocore.exceptions import BotoCoreError
from urllib3.exceptions import HTTPError

from streaming.bucket import Bucket, ChangedError
from streaming.contract.deliveries import Delivery
from streaming.contract.errors import ServiceAwayError
from streaming.contract.reasons import FileReason
from streaming.source.records import UnreadableFileError

log = logging.getLogger(__name__)

TRIES = 5
BROKEN_OFF = (HTTPError, BotoCoreError, ConnectionError, TimeoutError)


class ResumedBody(io.RawIOBase):
    """An object's bytes; a broken connection is opened again at the byte where it broke.

    Raises, while reading:
        ServiceAwayError: S3 broke off again and again without a byte in between.
        ChangedError, GoneError: the object is no longer the one that was listed.
    """

    def __init__(self, bucket: Bucket, delivery: Delivery) -> None:
        self._bucket = bucket
        self._delivery = delivery
        self._key = delivery.read_key
        self._etag: str | None = None
        self._at = 0
        self._body: BinaryIO | None = None

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]  # typeshed's Buffer has no length
        """Fill the buffer as far as bytes are at hand; 0 at the end."""
        if self._at >= self._delivery.size_bytes:
            return 0
        chunk = self._next_bytes(len(buffer))
        self._at += len(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        """Give the connection back."""
        self._drop()
        super().close()

    def _next_bytes(self, most: int) -> bytes:
        for attempt in range(1, TRIES + 1):
            try:
                if self._body is None:
                    self._body = self._bucket.open(self._key, etag=self._pinned_to(), start=self._at)
                if chunk := self._body.read(most):
                    return chunk
                raise ConnectionError("the answer ended too early")
            except BROKEN_OFF as error:
                self._drop()
                self._wait_or_give_up(error, attempt)
        raise AssertionError("unreachable")

    def _pinned_to(self) -> str:
        """The ETag that was listed; where a file rests it may have another one, as S3 copies large files in parts."""
        if self._delivery.rests_at is None:
            return self._delivery.etag
        if self._etag is None:
            resting = self._bucket.seen(self._key)
            if resting.size_bytes != self._delivery.size_bytes:
                raise ChangedError(f"{self._key} has {resting.size_bytes} bytes, not {self._delivery.size_bytes}")
            self._etag = resting.etag
        return self._etag

    def _wait_or_give_up(self, error: Exception, attempt: int) -> None:
        key = self._key
        if attempt == TRIES:
            raise ServiceAwayError(f"S3 broke off {key} at byte {self._at}, {TRIES} times: {error}") from error
        log.warning("S3 broke off %s at byte %d, going on from there: %s", key, self._at, error)
        time.sleep(0.2 * 2**attempt)

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


class Measured(io.RawIOBase):
    """Bytes as they come, refusing to give more than a file may have."""

    def __init__(self, body: BinaryIO, *, most: int) -> None:
        self._body = body
        self._left = most

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]  # typeshed's Buffer has no length
        """Fill the buffer.

        Raises:
            UnreadableFileError: the file is too large.
        """
        chunk = self._body.read(len(buffer))
        self._left -= len(chunk)
        if self._left < 0:
            raise UnreadableFileError(FileReason.TOO_LARGE)
        buffer[: len(chunk)] = chunk
        return len(chunk)
