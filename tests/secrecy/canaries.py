"""The secrets of a home, each of which would be known anywhere: they are random and long."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import psutil

SECRETS_OF_PREFECT = ("prefect-login", "prefect-encryption")
PUBLIC = "-id"
"""An S3 key's id is no secret, and the file of one ends so."""
SHORTEST = 16

Canaries = Mapping[str, bytes]


def canaries(home: Path) -> dict[str, bytes]:
    """Every password, login and key of the home, by the name of its file."""
    files = [file for file in (home / "secrets").iterdir() if not file.name.endswith(PUBLIC)]
    found = {file.name: file.read_text().rpartition(":")[2].strip().encode() for file in files}
    for file in (home / "keys").iterdir():
        found |= {f"{file.name} {number}": key.encode() for number, key in enumerate(file.read_text().split())}
    assert found, f"no secrets in {home}"
    assert min(map(len, found.values())) >= SHORTEST
    return found


def leaked(data: bytes, secrets: Canaries, *, where: str) -> list[str]:
    """The secrets that stand there, as `name in where`."""
    return [f"{name} in {where}" for name, secret in secrets.items() if secret in data]


def leaked_to_files(files: Iterable[Path], secrets: Canaries) -> list[str]:
    """The same of whole files."""
    return [leak for file in files if file.is_file() for leak in leaked(file.read_bytes(), secrets, where=str(file))]


def leaked_to_processes(processes: Iterable[psutil.Process], secrets: Canaries) -> list[str]:
    """Secrets in what any user of the machine sees of them, and in what they were given to hold."""
    return [leak for process in processes for leak in _leaked_by(process, secrets)]


def _leaked_by(process: psutil.Process, secrets: Canaries) -> Iterator[str]:
    place = Path("/proc") / str(process.pid)
    for part in ("cmdline", "environ"):
        try:
            data = (place / part).read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield from leaked(data, secrets, where=f"{part} of {data[:80]!r}" if part == "cmdline" else part)


def family(process: psutil.Process) -> list[psutil.Process]:
    """A process and all below it."""
    return [process, *process.children(recursive=True)]
