"""Reason codes: why a file is quarantined, why a row is refused."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

REASON_SEPARATOR: Final = " "
"""Stands between the reason codes of one row while they travel as one text."""

LONGEST_REASON: Final = 1_000
CUT: Final = "…"


CONTROL_TOTALS: Final = "control_totals"
"""Why an object counts as processed that holds no sales, but what the sales beside it come to."""


class FileReason(StrEnum):
    """Why a whole file cannot be read as sales."""

    MISSING_COLUMNS = "missing_columns"
    DUPLICATE_COLUMNS = "duplicate_columns"
    EMPTY_FILE = "empty_file"
    NOT_UTF8 = "not_utf8"
    NOT_CSV = "not_csv"
    CORRUPT_GZIP = "corrupt_gzip"
    TOO_LARGE = "too_large"
    UNSUPPORTED_KEY = "unsupported_key"
    CRASHES_READER = "crashes_reader"
    CONTROL_TOTAL_MISMATCH = "control_total_mismatch"

    def naming(self, columns: Iterable[str]) -> str:
        """The reason with the columns it is about, as `missing_columns:price,quantity`, cut where it grows too long."""
        told = f"{self}:{','.join(columns)}"
        return told if len(told) <= LONGEST_REASON else told[: LONGEST_REASON - len(CUT)] + CUT


class RowReason(StrEnum):
    """Why one row is refused; the first four kinds that are about a column carry its name behind a colon."""

    MALFORMED_ROW = "malformed_row"
    MISSING = "missing"
    BAD_TYPE = "bad_type"
    OUT_OF_RANGE = "out_of_range"
    TOTAL_MISMATCH = "total_mismatch"
    UNKNOWN_CUSTOMER = "unknown_customer"
    UNKNOWN_STORE = "unknown_store"
    UNKNOWN_PRODUCT = "unknown_product"
    UNKNOWN_SALES_PERSON = "unknown_sales_person"

    def about(self, column: str) -> str:
        """The reason with the column it is about, as `missing:price`."""
        return f"{self}:{column}"


class AbsenceReason(StrEnum):
    """Why a delivery's bytes were not read: the store changed its mind first."""

    OVERWRITTEN_BEFORE_READ = "overwritten_before_read"
    CHANGED_BEFORE_READ = "changed_before_read"
    DELETED_BEFORE_READ = "deleted_before_read"


class Outcome(StrEnum):
    """What a delivery of a later attempt came to, where its bytes do not count."""

    OUTDATED = "outdated"
    WITHDRAWAL = "withdrawal"
    NOTHING_TO_WITHDRAW = "nothing_to_withdraw"
