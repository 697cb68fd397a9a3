"""What a task makes of its share of a batch: files that lie in the lake's folders but in no version of it, and sums."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

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
    ranges: Mapping[str, tuple[int | date, int | date]]


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


def together(readings: Iterable[Reading]) -> Reading:
    """What several tasks read, as one."""
    all_of = list(readings)
    return Reading(
        tallies=[tally for reading in all_of for tally in reading.tallies],
        refusals=[refusal for reading in all_of for refusal in reading.refusals],
        parcels=[parcel for reading in all_of for parcel in reading.parcels],
    )
