"""Named points at which a test may let this process die; outside such a test passing one costs one look at a variable.

A test names a file in $TILLSTREAM_FAULT and writes one line to it: the point, how to die, and which passing counts
(`facts.written kill 1`). It dies by `raise`, by `kill`, or falls asleep by `stop` until the test lets it go on. When it
fires, the file is renamed to `<file>.fired`, by which the test knows.
"""

import os
import signal
from pathlib import Path

FAULT_VARIABLE = "TILLSTREAM_FAULT"
DRIVER_VARIABLE = "TILLSTREAM_FAULT_DRIVER"
"""The process id that dies in place of a helper process of Spark."""

POINTS = (
    "arrivals.before",
    "arrivals.recorded",
    "batch.before",
    "batch.opened",
    "facts.before",
    "facts.written",
    "rejects.before",
    "rejects.written",
    "commit.before",
    "commit.customers",
    "commit.team",
    "commit.incentives",
    "commit.handed_over",
    "commit.verdicts",
    "commit.rejects",
    "commit.closed",
    "commit.done",
    "spark.before",
    "spark.committed",
    "recovery.before",
    "recovery.restored",
    "recovery.fenced",
    "recovery.forgotten",
    "requests.before",
    "requests.entered",
    "archive.before",
    "archive.copied",
    "archive.deleted",
    "archive.noted",
)
"""Before and after every side effect, in the order of the walk."""


class Killed(BaseException):
    """Stands for SIGKILL: nothing that handles errors may handle it."""


def fault_point(name: str) -> None:
    """Die here if a test asked for it."""
    if file := os.environ.get(FAULT_VARIABLE):
        _pass(name, Path(file))


def _pass(name: str, file: Path) -> None:
    try:
        point, how, left = file.read_text(encoding="utf-8").split()
    except (FileNotFoundError, ValueError):
        return
    if point != name:
        return
    if int(left) > 1:
        file.write_text(f"{point} {how} {int(left) - 1}", encoding="utf-8")
        return
    try:
        file.rename(f"{file}.fired")
    except FileNotFoundError:  # another thread dies of it
        return
    if how == "raise":
        raise Killed(name)
    driver = int(os.environ.get(DRIVER_VARIABLE, os.getpid()))
    if how == "stop":
        os.kill(driver, signal.SIGSTOP)
        return
    for process in (driver, os.getpid()):
        os.kill(process, signal.SIGKILL)
