"""The columns of one file: where the mandatory ones stand, and the names of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from streaming.contract.columns import MANDATORY, WHITE_SPACE
from streaming.contract.reasons import FileReason
from streaming.source.records import UnreadableFileError


@dataclass(frozen=True, slots=True)
class Header:
    """Column names as they count: trimmed, in lower case, a blank one called by its position."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, fields: Sequence[str], *, most: int) -> Self:
        """Check the first record of a file.

        Raises:
            UnreadableFileError: columns are missing, stand twice or are too many.
        """
        if len(fields) > most:
            raise UnreadableFileError(FileReason.NOT_CSV)
        names = tuple(
            field.strip(WHITE_SPACE).lower() or f"column_{position}" for position, field in enumerate(fields, start=1)
        )
        if missing := [name for name in MANDATORY if name not in names]:
            raise UnreadableFileError(FileReason.MISSING_COLUMNS.naming(missing))
        if twice := dict.fromkeys(name for name in names if names.count(name) > 1):
            raise UnreadableFileError(FileReason.DUPLICATE_COLUMNS.naming(twice))
        return cls(names)

    @property
    def positions(self) -> list[int]:
        """Where each mandatory column stands, in the contract's order."""
        return [self.names.index(name) for name in MANDATORY]

    @property
    def additional(self) -> list[tuple[str, int]]:
        """The other columns and where they stand."""
        return [(name, position) for position, name in enumerate(self.names) if name not in MANDATORY]
