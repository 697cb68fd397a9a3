"""How tills write CSV: every store's software has its own idea of column order, header, line ends and compression."""

import gzip
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from streaming.contract.columns import MANDATORY

BYTE_ORDER_MARK = "\ufeff"
NEEDS_QUOTES = frozenset(',"\r\n')
EXTRAS: tuple[tuple[str, ...], ...] = ((), ("till_id",), ("coupon", "note"), ("till_id", "coupon"), ("note",))
COUPONS = ("", "", "", "", "SPRING-10", "LOYAL-5", "FRIENDS & FAMILY")
NOTES = ("",) * 12 + (
    "gift wrapped",
    'said "thanks"',
    "deliver later,\nring twice",
    "ребёнок 🎈",
    "paid 50, change 1.20",
)
TILLS = ("T1", "T2", "T3")
EXTRA_VALUES: Mapping[str, tuple[str, ...]] = {"till_id": TILLS, "coupon": COUPONS, "note": NOTES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way to write the same sales; `header` spells the columns in the order they stand in."""

    columns: tuple[str, ...]
    header: tuple[str, ...]
    line_end: str = "\n"
    has_byte_order_mark: bool = False
    has_last_line_end: bool = True
    ending: str = ".csv"

    @property
    def extras(self) -> tuple[str, ...]:
        """The columns beyond the mandatory ones."""
        return tuple(column for column in self.columns if column not in MANDATORY)

    def encode(self, records: Iterable[str]) -> bytes:
        """The whole file: header, records, line ends, compression."""
        text = self.line_end.join([",".join(map(quoted, self.header)), *records])
        text += self.line_end if self.has_last_line_end else ""
        body = (BYTE_ORDER_MARK * self.has_byte_order_mark + text).encode()
        return gzip.compress(body, mtime=0) if self.ending.endswith(".gz") else body


def dialect_of(number: int, *, rng: np.random.Generator) -> Dialect:
    """The dialect of the file of that number; the cycles differ in length, so that traits meet in many ways."""
    columns = (*MANDATORY, *EXTRAS[number % len(EXTRAS)])
    if number % 2:
        columns = tuple(columns[position] for position in rng.permutation(len(columns)))
    return Dialect(
        columns=columns,
        header=tuple(map((str, str.upper, str.title, _padded)[number % 4], columns)),
        line_end={2: "\r\n", 7: "\r"}.get(number % 9, "\n"),
        has_byte_order_mark=number % 7 in {1, 4},
        has_last_line_end=number % 5 != 1,
        ending=(".csv", ".csv", ".csv.gz", ".csv", ".CSV", ".csv.gz")[number % 6],
    )


def extra_values(column: str, rows: int, *, rng: np.random.Generator) -> list[str]:
    """What tills put into a column that nobody asked for."""
    values = EXTRA_VALUES[column]
    return [values[position] for position in rng.integers(0, len(values), rows).tolist()]


def quoted(text: str) -> str:
    """A value as it stands in a CSV file, in quotes where it has to be."""
    return text if NEEDS_QUOTES.isdisjoint(text) else '"' + text.replace('"', '""') + '"'


def as_records(columns: Sequence[list[str]]) -> list[str]:
    """The columns' values, quoted, record by record."""
    return [",".join(record) for record in zip(*map(_quoted_column, columns), strict=True)]


def _quoted_column(values: list[str]) -> list[str]:
    spelled = {text: quoted(text) for text in set(values)}
    return [spelled[text] for text in values]


def _padded(name: str) -> str:
    return f" {name.capitalize()}\t"
