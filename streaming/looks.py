"""When landing was last looked at: noted by the process that plans batches, read by the driver beside it.

A stream that has nothing to load commits no batch; that it still looks is all there is to see of its life.
"""

from pathlib import Path

from streaming.contract.places import scratch


def note_look(environment: str) -> None:
    """Landing has just been looked at, to the end."""
    file = _file(environment)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()


def last_look(environment: str) -> float | None:
    """When that was, as the file system tells time; None if it never was."""
    try:
        return _file(environment).stat().st_mtime
    except FileNotFoundError:
        return None


def _file(environment: str) -> Path:
    return scratch(environment) / "last-look"
