"""What the door tells while it runs: log lines on one stream, JSON objects for batches and looks on the other."""

import json
import logging
import re
from dataclasses import dataclass, fields

from streaming.contract.errors import TillstreamError
from tasks.door import Line

LOG_LINE = re.compile(r"^\S+Z (?P<level>[A-Z]+) +(?P<text>env=.*)$")
ERROR_LINE = re.compile(r"^error: (?P<reason>.+)$")
LEVELS = logging.getLevelNamesMapping()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTale:
    """One batch that was committed; `seconds` is its wall time."""

    batch_id: int
    deliveries: int
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LookTale:
    """The stream lives: it has looked at landing of late."""


@dataclass(frozen=True, slots=True)
class LogTale:
    """One line for the run's log."""

    level: int
    text: str


def told(line: Line) -> BatchTale | LookTale | LogTale | None:
    """What a line means to the run; None for what it adds up or raises by itself: the summary and the reason."""
    if reason_in(line):
        return None
    if line.source == "stderr":
        return _logged(line.text)
    try:
        event = json.loads(line.text)
        kind = event["event"]
        values = {f.name: event[f.name] for f in fields(BatchTale)} if kind == "batch" else {}
    except (ValueError, TypeError, KeyError):
        return LogTale(logging.INFO, line.text)
    if kind == "look":
        return LookTale()
    return BatchTale(**values) if values else None


def reason_in(line: Line) -> str | None:
    """The one-line reason that the door gives before it fails."""
    match = ERROR_LINE.match(line.text) if line.source == "stderr" else None
    return match["reason"] if match else None


def error_of(exit_code: int, reason: str | None) -> TillstreamError:
    """The error that an exit code stands for; a signal's number is negative."""
    kinds = {kind.exit_code: kind for kind in TillstreamError.__subclasses__()}
    kind = kinds.get(exit_code, TillstreamError)
    how = f"was ended by signal {-exit_code}" if exit_code < 0 else f"ended with exit code {exit_code}"
    return kind(reason or f"the stream {how} and gave no reason: see its last lines in the log")


def _logged(text: str) -> LogTale:
    """Level and text of a log line; time and level are left off, as Prefect shows its own."""
    if match := LOG_LINE.match(text):
        return LogTale(LEVELS.get(match["level"], logging.INFO), match["text"])
    return LogTale(logging.INFO, text)
