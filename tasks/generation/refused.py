"""Files that cannot be read as sales at all: one for every verdict of quarantine."""

import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass

from streaming.contract.columns import MANDATORY, PRICE, QUANTITY
from streaming.contract.reasons import FileReason
from tasks.generation.dialects import BYTE_ORDER_MARK, Dialect, as_records

LINE_OF_FILLING = 768 * 1024
"""Characters; long lines make a large file quick to read, and each is below the limit of one row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedFile:
    """A file that earns one verdict; `ending` completes its key."""

    verdict: FileReason
    body: bytes
    ending: str = ".csv"


def refused_files(texts: dict[str, list[str]], *, bytes_per_file: int) -> list[RefusedFile]:
    """One file per verdict, made from a few sound sales, the one that is too large from the limit it exceeds."""
    sound = _csv(texts, MANDATORY)
    without = [column for column in MANDATORY if column not in {PRICE, QUANTITY}]
    return [
        RefusedFile(verdict=FileReason.MISSING_COLUMNS, body=_csv(texts, without)),
        RefusedFile(verdict=FileReason.DUPLICATE_COLUMNS, body=_csv(texts, (*MANDATORY, PRICE))),
        RefusedFile(verdict=FileReason.EMPTY_FILE, body=f"{BYTE_ORDER_MARK}\r\n \r\n".encode()),
        RefusedFile(verdict=FileReason.NOT_UTF8, body=sound + "9,9,Crème brûlée".encode("latin-1")),
        RefusedFile(verdict=FileReason.NOT_CSV, body=sound + b'17,3,"Filter coffee, never closed\n'),
        RefusedFile(verdict=FileReason.CORRUPT_GZIP, body=gzip.compress(sound, mtime=0)[:-20], ending=".csv.gz"),
        RefusedFile(verdict=FileReason.TOO_LARGE, body=_too_large(sound, bytes_per_file), ending=".csv.gz"),
        RefusedFile(verdict=FileReason.UNSUPPORTED_KEY, body=sound.replace(b",", b";"), ending=".xls"),
    ]


def _csv(texts: dict[str, list[str]], columns: Sequence[str]) -> bytes:
    dialect = Dialect(columns=tuple(columns), header=tuple(columns))
    return dialect.encode(as_records([texts[column] for column in columns]))


def _too_large(sound: bytes, bytes_per_file: int) -> bytes:
    """A small gzip stream that holds more than the limit."""
    squeezed = io.BytesIO()
    line = b"x" * (LINE_OF_FILLING - 1) + b"\n"
    with gzip.GzipFile(fileobj=squeezed, mode="wb", compresslevel=1, mtime=0) as stream:
        stream.write(sound)
        for _ in range(bytes_per_file // LINE_OF_FILLING + 1):
            stream.write(line)
    return squeezed.getvalue()
