"""What all embedded servers have in common."""

import hashlib
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deployments.embedded.ports import ADDRESS, remembered_port
from deployments.embedded.vault import write_private
from streaming.contract.places import HOME_VARIABLE, home

FOREIGN = ("PREFECT_", "MYSQL_", "MARIADB_")
"""Variables of the caller that would change a server of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How a server is started. Secrets pass in variables or in files of mode 0600, never in the command."""

    command: Sequence[str]
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[Path, str] = field(default_factory=dict, repr=False)

    @property
    def fingerprint(self) -> str:
        """Changes whenever a running server would have to be started again."""
        files = {str(file): text for file, text in self.files.items()}
        return hashlib.sha256(json.dumps([list(self.command), dict(self.variables), files]).encode()).hexdigest()

    def write_files(self) -> None:
        """Put the files where the server will read them."""
        for file, text in self.files.items():
            write_private(file, text)

    def surroundings(self) -> dict[str, str]:
        """All environment variables of the server: the caller's harmless ones and its own."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        return {**inherited, HOME_VARIABLE: str(home()), **self.variables}


class Server(ABC):
    """One embedded server: how it is made, started, asked and left ready for use."""

    name: str
    default_port: int | None = None
    seconds_to_start = 60.0
    seconds_to_stop = 20.0

    @property
    def port(self) -> int:
        """The port it listens on, or would by default."""
        return remembered_port(self.name) or self.default_port or 0

    @property
    def address(self) -> str:
        """Where a user finds it."""
        return f"{ADDRESS}:{self.port}"

    def prepare(self) -> None:  # noqa: B027  most servers need nothing
        """Make what it needs on disk before a start."""

    @abstractmethod
    def launch(self) -> Launch:
        """How it is started on its port."""

    @abstractmethod
    def answers(self) -> bool:
        """True when a real request is answered as it should be."""

    def settle(self) -> None:  # noqa: B027  most servers need nothing
        """Make what clients will need; may happen again at each `up`."""
