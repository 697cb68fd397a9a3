"""The records of a block that have quotes, those that span lines or are broken too; no other line is looked at."""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from typing import Self

from streaming.source.records import without_line_end

Fields = list[str] | None


@dataclass(slots=True)
class Quoted:
    """What a block has in quotes, by line of the block.

    Attributes:
        head: the text before a record that must be read with care; all of the block if there is none.
        end: how many lines that is.
        fields: the fields of each record with a quote, by its first line; None where its quoting is broken.
        texts: of records that span lines, the text as it stood, by its first line.
        inner: the further lines of these.
    """

    head: str
    end: int
    fields: dict[int, Fields] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    inner: list[int] = field(default_factory=list)


def quoted_in(block: str, which: Mapping[int, str], *, lines: int, longest: int) -> Quoted:
    """The records of a block that have a quote.

    Args:
        block: whole lines.
        which: the lines that hold a quote, without their ends.
        lines: how many there are.
        longest: how many bytes of UTF-8 a record may have.
    """
    alone = _each_alone(which.values())
    if alone is not None:
        return Quoted(block, lines, dict(zip(which, alone, strict=True)))
    return _walked(block, which, longest=longest)


def _each_alone(texts: Collection[str]) -> list[list[str]] | None:
    """The fields of lines that are a whole record each, None if one is not."""
    try:
        records = list(csv.reader(texts, strict=True))
    except csv.Error:
        return None
    return records if len(records) == len(texts) else None


def _walked(block: str, which: Iterable[int], *, longest: int) -> Quoted:
    """The same line by line, as `records` would read them; up to a record that does not end here, or is overlong."""
    texts = io.StringIO(block, newline="").readlines()
    found = Quoted(block, len(texts))
    lines = _Lines(texts)
    reader = csv.reader(lines, strict=True)
    for start in which:
        if start < lines.at:  # it belongs to the record before
            continue
        lines.at = start
        fields = _next_fields(reader, lines)
        spanned = lines.at - start > 1
        text = without_line_end("".join(lines.since(start))) if spanned else ""
        if lines.ran_out or len(text.encode()) > longest:
            found.head, found.end = "".join(texts[:start]), start
            break
        found.fields[start] = fields
        if spanned:
            found.texts[start] = text
            found.inner += range(start + 1, lines.at)
    return found


def _next_fields(reader: Iterator[list[str]], lines: "_Lines") -> Fields:
    """The fields of the record at hand; None where its quoting is broken: it ends where its later quotes end, too."""
    start = lines.at
    try:
        return next(reader)
    except csv.Error:
        with suppress(csv.Error):  # a field that is longer than a record may be
            next(csv.reader(chain(lines.since(start), lines), strict=False))
        return None


class _Lines:
    """Lines with their ends, to be read from any of them on."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self.at = 0
        self.ran_out = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        if self.at == len(self._texts):
            self.ran_out = True
            raise StopIteration
        self.at += 1
        return self._texts[self.at - 1]

    def since(self, start: int) -> Sequence[str]:
        return self._texts[start : self.at]
