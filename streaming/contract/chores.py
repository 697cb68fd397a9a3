"""Chores: what keeps the lake in order, and which of its partitions are worth it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from streaming.contract.sections import Maintenance

TableName = Literal["facts", "rejects"]

LAKE_WRITER: Final = "tillstream"
"""The name under which Delta remembers the highest batch it has seen: it takes none twice, and none out of order."""

MEGABYTE = 1024 * 1024


class ChoreKind(StrEnum):
    """What is done to the lake: small files written together, or files deleted that no version needs any more."""

    COMPACT = "compact"
    VACUUM = "vacuum"


class Place(NamedTuple):
    """A part of the lake: one partition of the facts, or where none is named a whole table."""

    table: TableName
    sales_month: str | None = None
    store_id: int | None = None

    @property
    def is_partition(self) -> bool:
        """True for a part of the facts."""
        return self.sales_month is not None and self.store_id is not None

    def __str__(self) -> str:
        return f"{self.table} of {self.sales_month}, store {self.store_id}" if self.is_partition else self.table


def place_of(table: TableName, sales_month: object, store_id: object) -> Place:
    """Where a file with these partition values lies; rejects have none."""
    if sales_month is None or store_id is None:
        return Place(table)
    return Place(table, str(sales_month), int(str(store_id)))


class LakeFile(NamedTuple):
    """One file of the lake that is in its newest version."""

    place: Place
    size_bytes: int


class Extent(NamedTuple):
    """So many files, and their bytes."""

    files: int
    size_bytes: int

    def __str__(self) -> str:
        return f"{self.files:,} files, {self.size_bytes:,} bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a chore made of one place."""

    place: Place
    before: Extent
    after: Extent


def extent_of(files: Iterable[LakeFile]) -> Extent:
    """How many files, and their bytes."""
    sizes = [file.size_bytes for file in files]
    return Extent(len(sizes), sum(sizes))


def smallest_bytes(limits: Maintenance) -> int:
    """A file below this size is small: two of them fit into one."""
    return limits.target_file_mb * MEGABYTE // 2


def fragmented(files: Iterable[LakeFile], limits: Maintenance) -> dict[Place, Extent]:
    """The places with more small files than a reader should have to open, the worst first, and all that is there."""
    by_place: defaultdict[Place, list[LakeFile]] = defaultdict(list)
    for file in files:
        by_place[file.place].append(file)
    smallest = smallest_bytes(limits)
    small = {place: sum(f.size_bytes < smallest for f in there) for place, there in by_place.items()}
    worth = [place for place in by_place if small[place] > limits.small_files]
    worth.sort(key=lambda place: (-small[place], str(place)))
    return {place: extent_of(by_place[place]) for place in worth}
