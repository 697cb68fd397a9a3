"""What a proof can find: the kinds of differences, and one of them as data."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What does not agree with what."""

    FOREIGN_OBJECT = "foreign_object"
    MISSING_OBJECT = "missing_object"
    ALTERED_OBJECT = "altered_object"
    TWO_PLACES = "two_places"
    UNBALANCED = "unbalanced"
    FACTS = "facts"
    REJECTS = "rejects"
    REPEATED_LINES = "repeated_lines"
    STRAY_FACTS = "stray_facts"
    STRAY_REJECTS = "stray_rejects"
    KEY_COUNTS_TWICE = "key_counts_twice"
    BYTES_COUNT_TWICE = "bytes_count_twice"
    UNCOUNTED_DUPLICATE = "uncounted_duplicate"
    LOST_BATCH = "lost_batch"
    ABANDONED_BATCH = "abandoned_batch"
    CUSTOMER_MART = "customer_mart"
    TEAM_MART = "team_mart"
    INCENTIVES = "incentives"

    @property
    def meaning(self) -> str:
        """What was found, in words."""
        return MEANINGS[self]

    @property
    def is_about_objects(self) -> bool:
        """True for what may have looked wrong only because a file was being moved."""
        return self in {Kind.FOREIGN_OBJECT, Kind.MISSING_OBJECT, Kind.ALTERED_OBJECT, Kind.TWO_PLACES}

    @property
    def is_about_counting_twice(self) -> bool:
        """True for what only a person can decide, by withdrawing one of the deliveries."""
        return self in {Kind.KEY_COUNTS_TWICE, Kind.BYTES_COUNT_TWICE}

    @property
    def is_about_a_delivery(self) -> bool:
        """True for what reading the delivery again, or taking its rows out of the lake, mends."""
        return self in {
            Kind.UNBALANCED,
            Kind.FACTS,
            Kind.REJECTS,
            Kind.REPEATED_LINES,
            Kind.STRAY_FACTS,
            Kind.STRAY_REJECTS,
            Kind.LOST_BATCH,
        }

    @property
    def is_about_a_month(self) -> bool:
        """True for what reckoning a month's marts again from the lake mends."""
        return self in {Kind.CUSTOMER_MART, Kind.TEAM_MART, Kind.INCENTIVES}


MEANINGS = {
    Kind.FOREIGN_OBJECT: "an object that no delivery explains",
    Kind.MISSING_OBJECT: "the delivery's object is nowhere",
    Kind.ALTERED_OBJECT: "the delivery's object rests with other bytes",
    Kind.TWO_PLACES: "the delivery's object lies in landing and rests elsewhere as well",
    Kind.UNBALANCED: "rows read are not rows loaded and rejected",
    Kind.FACTS: "the lake has other facts than the ledger says",
    Kind.REJECTS: "the lake has other rejects than the ledger says",
    Kind.REPEATED_LINES: "lines of the file stand in the lake more than once",
    Kind.STRAY_FACTS: "facts of a delivery that does not count",
    Kind.STRAY_REJECTS: "rejects of a delivery that does not count",
    Kind.KEY_COUNTS_TWICE: "another delivery of the same key counts too",
    Kind.BYTES_COUNT_TWICE: "another delivery with the same bytes counts too",
    Kind.UNCOUNTED_DUPLICATE: "a duplicate of a delivery that does not count",
    Kind.LOST_BATCH: "the batch that settled the delivery is not in the ledger",
    Kind.ABANDONED_BATCH: "a batch is open, and nobody is writing",
    Kind.CUSTOMER_MART: "the customer mart is no sum of the facts",
    Kind.TEAM_MART: "the sales-team mart is no sum of the facts",
    Kind.INCENTIVES: "the incentives told to payroll do not add up to those earned",
}


class Sold(NamedTuple):
    """So many sales, and their money."""

    rows: int
    amount: Decimal

    def __str__(self) -> str:
        return f"{self.rows:,} for {self.amount:,.2f}"


NOTHING_SOLD = Sold(0, Decimal("0.00"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing on which two books disagree.

    delivery_id: whose rows or object it is about, if it is about one delivery's.
    month: the month it is about, if any.
    key: the object, customer, salesperson or batch.
    expected: what should stand there.
    found: what does.
    """

    kind: Kind
    delivery_id: int | None = None
    month: str | None = None
    key: str = ""
    expected: str = ""
    found: str = ""

    @property
    def text(self) -> str:
        """The difference on one line."""
        delivery = f"delivery {self.delivery_id}" if self.delivery_id is not None else ""
        where = ", ".join(filter(None, (delivery, self.month, self.key)))
        figures = f" (expected {self.expected}, found {self.found})" if self.expected or self.found else ""
        return f"{self.kind}: {where}: {self.kind.meaning}{figures}"
