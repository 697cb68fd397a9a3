"""What tasks make of files: others that lie in the lake's folders but in no version of it yet, and sums."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidFile:
    """A Parquet file of facts or rejects that waits to be taken into the lake.

    path: below the table's folder.
    partition: the partition columns and their values, as text; nothing where the table has none.
    rows, size_bytes: how much it holds.
    ranges: the least and the greatest value of the columns by which a reader may pass over it; none of them is null.
    """

    path: str
    partition: Mapping[str, str]
    rows: int
    size_bytes: int
    ranges: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Deliveries whose rows lie in the same files, and what their facts add to the customer mart.

    `customers` has the columns of `contract.columns.CUSTOMER_CHANGES`.
    """

    deliveries: frozenset[int]
    facts: Sequence[LaidFile]
    rejects: Sequence[LaidFile]
    customers: pa.Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What reading some deliveries came to.

    tallies: rows of `contract.columns.TALLIES`.
    refusals: rows of `contract.columns.REJECT_TALLIES`.
    parcels: no delivery is in two of them; one that brought no row is in none.
    """

    tallies: Sequence[Mapping[str, object]]
    refusals: Sequence[Mapping[str, object]]
    parcels: Sequence[Parcel]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingFile:
    """A Parquet file of a version of the lake.

    log_path: as Delta's log tells it.
    partition: the partition columns and their values, as text.
    deliveries: the least and the greatest id of those whose rows it holds; None where the log does not say.
    """

    log_path: str
    partition: Mapping[str, str]
    size_bytes: int
    deliveries: tuple[int, int] | None

    def may_hold(self, ids: Sequence[int], *, months: Collection[str] | None) -> bool:
        """True unless it cannot have rows of these deliveries (ids in order) in these months (any month if None)."""
        if months is not None and self.partition["sales_month"] not in months:
            return False
        if self.deliveries is None:
            return True
        low, high = self.deliveries
        return bisect_left(ids, low) < bisect_right(ids, high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one of the lake's tables gets in one commit, and what goes."""

    added: Sequence[LaidFile]
    removed: Sequence[StandingFile] = ()


def together(readings: Iterable[Reading]) -> Reading:
    """What several tasks read, as one."""
    all_of = list(readings)
    return Reading(
        tallies=[tally for reading in all_of for tally in reading.tallies],
        refusals=[refusal for reading in all_of for refusal in reading.refusals],
        parcels=[parcel for reading in all_of for parcel in reading.parcels],
    )
