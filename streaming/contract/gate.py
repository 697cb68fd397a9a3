"""Which arrivals may pass from landing into the ledger, which wait before it, and which have waited in vain.

A held arrival is no delivery yet: the ledger, and so everything behind it, does not know it.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from streaming.contract.columns import WHITE_SPACE
from streaming.contract.decisions import is_supported
from streaming.contract.deliveries import Arrival, Status
from streaming.contract.reasons import CONTROL_TOTALS, FileReason
from streaming.contract.sections import Gate

OK_ENDING: Final = ".ok"
LARGEST_OK_BYTES: Final = 1_024
OK_COLUMNS: Final = ("rows", "amount")
ROWS = re.compile(r"[0-9]{1,18}")
AMOUNT = re.compile(r"-?[0-9]{1,22}(\.[0-9]{1,2})?")

SETTLING: Final = "settling"
NOT_COMPARED: Final = "not_compared_yet"
NO_OK_FILE: Final = "no_ok_file"
UNREADABLE_OK_FILE: Final = "unreadable_ok_file"
FILE_IS_HELD: Final = "its_file_is_held"
NO_FILE: Final = "no_file"
"""Why an arrival is held, where not for a difference in rows or money."""

Version = tuple[str, str, int]
"""Key, ETag and size: what an object is to the gate, whenever the store says it put it."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Rows of a file without its header and blank lines, and the sum of those `total_cost` that are numbers."""

    rows: int
    amount: Decimal

    def difference(self, announced: "Totals") -> str | None:
        """What differs from the totals that the store announced, as `rows 3 of 4`; None if nothing does."""
        told = (
            f"{name} {found} of {expected}"
            for name, found, expected in (
                ("rows", self.rows, announced.rows),
                ("amount", self.amount, announced.amount),
            )
            if found != expected
        )
        return ", ".join(told) or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one look at landing has to go by.

    news: the arrivals that the ledger does not know.
    controls: of each file, the object in landing that announces its totals.
    ages: seconds since the gate first saw a version that it holds, by the database's clock.
    findings: for a file and its control totals that were compared, what differs; None where nothing does.
    """

    news: Sequence[Arrival]
    controls: Mapping[str, Arrival]
    ages: Mapping[Version, float]
    findings: Mapping[tuple[Version, Version], str | None]

    def age(self, arrival: Arrival) -> float:
        """For how many seconds this very version has been held, 0 when it is new to the gate."""
        return self.ages.get(version_of(arrival), 0.0)

    def difference(self, arrival: Arrival) -> str | None:
        """What is wrong with a file when held against its control totals, None when nothing is."""
        control = self.controls.get(arrival.object_key)
        if control is None:
            return NO_OK_FILE
        return self.findings.get((version_of(arrival), version_of(control)), NOT_COMPARED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What the gate does with one arrival: the status with which it enters the ledger, None while it is held."""

    arrival: Arrival
    status: Status | None
    reason: str | None = None

    @property
    def is_held(self) -> bool:
        """True while the arrival stays before the gate."""
        return self.status is None


def version_of(arrival: Arrival) -> Version:
    """What tells one version of an object from the next."""
    return arrival.object_key, arrival.etag, arrival.size_bytes


def file_of(object_key: str) -> str | None:
    """The key of the file whose control totals this object holds, None if it is no such object."""
    stem = object_key[: -len(OK_ENDING)]
    return stem if object_key.lower().endswith(OK_ENDING) and is_supported(stem) else None


def passages(sight: Sight, gate: Gate) -> list[Passage]:
    """What becomes of every arrival that the ledger does not know.

    A file waits until it has settled and agrees with its control totals; the object with these goes where its file
    goes. What lacks its other half for longer than `hold_seconds` leaves landing all the same: a file refused, an
    object with control totals filed away.
    """
    halves = {a.object_key: file for a in sight.news if gate.control_totals and (file := file_of(a.object_key))}
    files = {a.object_key: _file(a, sight, gate) for a in sight.news if a.object_key not in halves}
    controls = (
        _control(a, files.get(halves[a.object_key]), age=sight.age(a), gate=gate)
        for a in sight.news
        if a.object_key in halves
    )
    return [*files.values(), *controls]


def read_totals(content: bytes) -> Totals | None:
    """The totals that a store announces: the header `rows,amount` and one line; None if it says anything else."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
        records = [[field.strip(WHITE_SPACE) for field in record] for record in csv.reader(lines, strict=True)]
    except (UnicodeDecodeError, csv.Error):
        return None
    filled = [record for record in records if any(record)]
    if len(filled) != len(OK_COLUMNS) or tuple(name.lower() for name in filled[0]) != OK_COLUMNS:
        return None
    return _totals(filled[1])


def _totals(values: Sequence[str]) -> Totals | None:
    if len(values) != len(OK_COLUMNS) or not ROWS.fullmatch(values[0]) or not AMOUNT.fullmatch(values[1]):
        return None
    return Totals(int(values[0]), Decimal(values[1]))


def _file(arrival: Arrival, sight: Sight, gate: Gate) -> Passage:
    age = sight.age(arrival)
    if age < gate.settle_seconds:
        return Passage(arrival=arrival, status=None, reason=SETTLING)
    difference = sight.difference(arrival) if gate.control_totals and is_supported(arrival.object_key) else None
    if difference is None:
        return Passage(arrival=arrival, status=Status.WAITING)
    if difference == NOT_COMPARED or age < gate.hold_seconds:
        return Passage(arrival=arrival, status=None, reason=difference)
    reason = FileReason.CONTROL_TOTAL_MISMATCH.naming([difference])
    return Passage(arrival=arrival, status=Status.QUARANTINED, reason=reason)


def _control(arrival: Arrival, file: Passage | None, *, age: float, gate: Gate) -> Passage:
    """Where its file is not at the gate, the totals may have come before it: they wait for it."""
    if file is not None and file.is_held:
        return Passage(arrival=arrival, status=None, reason=FILE_IS_HELD)
    if file is None and age < gate.hold_seconds:
        return Passage(arrival=arrival, status=None, reason=NO_FILE)
    return Passage(arrival=arrival, status=Status.PROCESSED, reason=CONTROL_TOTALS)
