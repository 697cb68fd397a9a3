"""What to generate: a retailer's size, a year of till sales, and who tells of which part of it in which file."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path

from streaming.contract.errors import UsageError
from tasks.generation.dimensions import DimensionRows, make_dimensions

MONTHS = 12
FEWEST_ROWS_PER_FILE = 100
"""Fewer could not hold the dirt that every data set has."""
FEWEST_FILES = 3
"""One to correct, one to send twice, one that is neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesPlan:
    """Till sales of the twelve whole months before `today`; the same plan always gives the same bytes.

    `rows` sales come in about `files` files, as every store sends as many as the others. `bytes_per_file` is the
    limit of the environment that the files are for, which one of them has to exceed.

    Raises:
        UsageError: the rows are too few for the files.
    """

    today: date
    seed: int = 1
    rows: int = 500_000
    files: int = 40
    customers: int = 5_000
    stores: int = 10
    products: int = 200
    people_per_store: int = 8
    bytes_per_file: int = 64 * 1024**2

    def __post_init__(self) -> None:
        if self.files < FEWEST_FILES or self.rows < FEWEST_ROWS_PER_FILE * self.files:
            raise UsageError(
                f"{self.rows} rows in {self.files} files: take at least {FEWEST_FILES} files "
                f"with {FEWEST_ROWS_PER_FILE} rows each"
            )

    @property
    def months(self) -> tuple[date, ...]:
        """The first day of each month that has sales, oldest first."""
        newest = self.today.year * MONTHS + self.today.month - 2
        return tuple(_first_day(number) for number in range(newest - MONTHS + 1, newest + 1))

    @property
    def first_day(self) -> date:
        """The first day that has sales."""
        return self.months[0]

    @property
    def end(self) -> date:
        """The day after the last one that has sales."""
        return self.today.replace(day=1)

    @property
    def name(self) -> str:
        """What the data set is called: the same for all days of a month, another one when the recipe changes."""
        described = f"seed-{self.seed}-rows-{self.rows}-files-{self.files}-until-{self.months[-1]:%Y-%m}"
        details = [getattr(self, field.name) for field in fields(self) if field.name != "today"]
        return f"{described}-{hashlib.sha256(repr((details, _recipe())).encode()).hexdigest()[:8]}"

    def dimensions(self) -> DimensionRows:
        """The retailer's dimension rows."""
        return make_dimensions(
            seed=self.seed,
            customers=self.customers,
            stores=self.stores,
            products=self.products,
            people_per_store=self.people_per_store,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TillSpan:
    """What one file tells of: the sales of one till of a store over some whole months."""

    store_id: int
    months: tuple[date, ...]
    till: int

    @property
    def key(self) -> str:
        """The file's key below landing, without its ending."""
        return f"store-{self.store_id:02}/{_span(self.months)}-till-{self.till}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How each store's year is cut into files: into spans of months, and every span by tills."""

    spans: int
    tills: int

    @classmethod
    def of(cls, plan: SalesPlan) -> "Split":
        """As many files per store as come nearest to the plan's number; a file tells of whole months."""
        per_store = max(1, round(plan.files / plan.stores))
        spans = min(per_store, MONTHS)
        return cls(spans=spans, tills=max(1, round(per_store / spans)))

    def till_spans(self, plan: SalesPlan) -> Iterator[TillSpan]:
        """Every file of the plan: by store, then by span, then by till."""
        for store_id in range(1, plan.stores + 1):
            for span in range(self.spans):
                months = tuple(m for n, m in enumerate(plan.months) if n * self.spans // MONTHS == span)
                for till in range(1, self.tills + 1):
                    yield TillSpan(store_id=store_id, months=months, till=till)


def _span(months: tuple[date, ...]) -> str:
    first, last = months[0], months[-1]
    return f"{first:%Y-%m}" if first == last else f"{first:%Y-%m}-to-{last:%Y-%m}"


def _first_day(number: int) -> date:
    return date(number // MONTHS, number % MONTHS + 1, 1)


@cache
def _recipe() -> str:
    """A digest of this package's source, so that data made by an older version of it is not taken for the same."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
