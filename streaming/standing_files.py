"""The files of a version of a table, remembered from one batch to the next."""

from collections.abc import Callable, Iterable

from streaming.contract.readings import Change, StandingFile
from streaming.lake_actions import as_standing

MOST_KEPT = 100_000
"""Of a table with more files none is remembered."""
NO_VERSION = -1


class StandingFiles:
    """What the writer knows of a table's files: read from the log once, then kept up by what it commits itself.

    A version that came about in another way, such as by compaction, is not the next one: the log is read anew.
    """

    def __init__(self, read: Callable[[int], Iterable[StandingFile]]) -> None:
        """`read` takes the files of a version from the log, which costs a second."""
        self._read = read
        self._version = NO_VERSION
        self._files: dict[str, StandingFile] = {}

    def at(self, version: int) -> list[StandingFile]:
        """The files of a version."""
        if version != self._version:
            self._keep(version, {file.log_path: file for file in self._read(version)})
        files = list(self._files.values())
        if len(files) > MOST_KEPT:
            self._keep(NO_VERSION, {})
        return files

    def changed(self, version: int, change: Change) -> None:
        """The writer has made this version."""
        if self._version == NO_VERSION:
            return
        if version != self._version + 1:
            self._keep(NO_VERSION, {})
            return
        for gone in change.removed:
            self._files.pop(gone.log_path, None)
        self._keep(version, self._files | {file.log_path: file for file in map(as_standing, change.added)})

    def _keep(self, version: int, files: dict[str, StandingFile]) -> None:
        self._version, self._files = version, files
