"""CSV records with the line they start on and their text as it stood, in memory bounded by one record or block."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Self, TextIO

from streaming.contract.columns import WHITE_SPACE
from streaming.contract.reasons import FileReason
from streaming.source.feed import Feed

NUL = "\0"
LONGEST_LINE_END = 2


class UnreadableFileError(Exception):
    """The file cannot be read as sales; the text is the reason recorded with its verdict."""


@dataclass(frozen=True, slots=True)
class Record:
    """One CSV record; fields is None where its quoting is broken."""

    line_number: int
    raw: str
    fields: list[str] | None


class _Lines:
    """Physical lines of a text without the blank ones between records, remembering those of the record being read."""

    def __init__(self, text: Feed, *, longest: int) -> None:
        self._text = text
        self._longest = longest
        self._length = 0
        self.current: list[str] = []
        self.number = 0

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._next_line()
        while line.isspace() and self._is_between_records(line):
            line = self._next_line()
        if not line:
            raise StopIteration
        self._length += len(line) if line.isascii() else len(line.encode())
        if NUL in line or (self._length > self._longest and self._is_too_long(line)):
            raise UnreadableFileError(FileReason.NOT_CSV)
        self.current.append(line)
        return line

    def _next_line(self) -> str:
        self.number += 1
        return self._text.readline(self._longest + LONGEST_LINE_END)

    def _is_between_records(self, line: str) -> bool:
        """True for a line with nothing but white space that no quote holds: no row and no header."""
        return not self.current and len(line) <= self._longest and not line.strip(WHITE_SPACE)

    def _is_too_long(self, last: str) -> bool:
        """A record's own line end is no part of it."""
        return self._length - len(last) + len(without_line_end(last)) > self._longest

    def start_record(self) -> None:
        self.current = []
        self._length = 0

    def first(self) -> int:
        return self.number - len(self.current) + 1

    def raw(self) -> str:
        text = self.current[0] if len(self.current) == 1 else "".join(self.current)
        return text.rstrip("\r\n") if len(self.current) == 1 else without_line_end(text)


class Records:
    """The records of a CSV text opened with `newline=""`; lines with nothing but white space are none.

    Raises, while they are read:
        UnreadableFileError: a NUL, an overlong record, or a quote that is never closed.
    """

    def __init__(self, text: TextIO, *, longest: int) -> None:
        """The records of this text, of which one may have so many bytes of UTF-8."""
        csv.field_size_limit(longest)
        self._feed = Feed(text, longest=longest)
        self._lines = _Lines(self._feed, longest=longest)
        self._reader = csv.reader(self._lines, strict=True)

    def __iter__(self) -> Self:
        """One by one."""
        return self

    def __next__(self) -> Record:
        """The next one, read with care."""
        self._lines.start_record()
        try:
            fields: list[str] | None = next(self._reader)
        except csv.Error:
            fields = None
            _read_to_its_end(self._lines)
        return Record(self._lines.first(), self._lines.raw(), fields)

    @property
    def next_line(self) -> int:
        """The number of the line that comes next."""
        return self._lines.number + 1

    def block(self) -> str:
        """The lines that come next, as `Feed.block`: for who can read them all at once, and tells by `skip`."""
        return self._feed.block()

    def skip(self, block: str) -> None:
        """Go on after a block of whole lines."""
        self._feed.skip(block)
        self._lines.number += block.count("\n") + block.count("\r") - block.count("\r\n")

    def shrink(self) -> bool:
        """Have a smaller block of the same lines, as `Feed.shrink`."""
        return self._feed.shrink()

    def within(self, block: str) -> Iterator[Record]:
        """The records that begin in a block, one by one."""
        end = self._feed.taken + len(block)
        while self._feed.taken < end and (record := next(self, None)):
            yield record


def _read_to_its_end(lines: _Lines) -> None:
    """Find where a record with broken quoting ends: its later quotes may still span lines.

    Raises:
        UnreadableFileError: it has no end, as a quote is never closed.
    """
    begun = list(lines.current)
    lenient = csv.reader(chain(begun, lines, _no_end()), strict=False)
    next(lenient)


def _no_end() -> Iterator[str]:
    """Asked only by a reader that is still inside a quote at the end of the file."""
    raise UnreadableFileError(FileReason.NOT_CSV)
    yield


def without_line_end(text: str) -> str:
    """The text but for the one line end that it may have."""
    for end in ("\r\n", "\n", "\r"):
        if text.endswith(end):
            return text[: -len(end)]
    return text
