"""What is inside a gzip stream, unless it grows as no file of sales does."""

import gzip
import io
from typing import BinaryIO

from streaming.contract.reasons import FileReason
from streaming.source.records import UnreadableFileError

ALWAYS_ALLOWED_BYTES = 16 * 1024 * 1024


class Unpacked(io.RawIOBase):
    """The bytes inside a gzip stream; a bomb is known by how much comes out of how little, long before its end."""

    def __init__(self, packed: BinaryIO, *, most_times: int) -> None:
        self._packed = _Counted(packed)
        self._gzip = gzip.GzipFile(fileobj=self._packed)  # type: ignore[call-overload]  # it only ever reads
        self._most_times = most_times
        self._given = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]  # typeshed's Buffer has no length
        """Fill the buffer.

        Raises:
            UnreadableFileError: it has given too many times what it took.
            BadGzipFile, EOFError, zlib.error: it is no whole gzip stream.
        """
        chunk = self._gzip.read(len(buffer))
        self._given += len(chunk)
        if self._given > max(ALWAYS_ALLOWED_BYTES, self._most_times * self._packed.taken):
            raise UnreadableFileError(FileReason.TOO_LARGE)
        buffer[: len(chunk)] = chunk
        return len(chunk)


class _Counted:
    """A body that knows how many of its bytes were taken."""

    def __init__(self, body: BinaryIO) -> None:
        self._body = body
        self.taken = 0

    def read(self, most: int) -> bytes:
        chunk = self._body.read(most)
        self.taken += len(chunk)
        return chunk
