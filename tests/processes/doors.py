"""Doors opened as child processes in sessions of their own, and what a test may do to them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from streaming.contract.faults import FAULT_VARIABLE
from streaming.contract.places import CHECKOUT
from tests.shop import Shop

PATIENCE_SECONDS = 120
LOOK_SECONDS = 0.02
DOOR = (sys.executable, "-m", "streaming", "--environment", "dev")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One door and all its processes; what it says goes to files."""

    process: subprocess.Popen[bytes]
    place: Path

    @property
    def fired(self) -> Path:
        """The file that appears when the fault has happened."""
        return self.place / "fault.fired"

    @property
    def log(self) -> str:
        """Its log so far."""
        return (self.place / "stderr").read_text(encoding="utf-8", errors="replace")

    @property
    def last_line(self) -> str:
        """The line that tells why it ended."""
        return self.log.strip().splitlines()[-1]

    def events(self) -> list[dict[str, object]]:
        """Its JSON lines."""
        return [json.loads(line) for line in (self.place / "stdout").read_text(encoding="utf-8").splitlines()]

    def jvm(self) -> psutil.Process:
        """Spark's JVM."""
        (found,) = (child for child in psutil.Process(self.process.pid).children() if child.name() == "java")
        return found

    def workers(self) -> list[psutil.Process]:
        """The Python processes under the JVM: the daemon and its workers, the planner of the source."""
        return [child for child in self.jvm().children(recursive=True) if "python" in child.name()]

    def wait(self) -> int:
        """Its exit code."""
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def open_door(
    place: Path, *arguments: str, fault: str | None = None, variables: Mapping[str, str] | None = None
) -> Iterator[Door]:
    """A door whose files are in this folder; whatever is left of it at the end is killed."""
    place.mkdir(exist_ok=True)
    if fault:
        (place / "fault").write_text(fault, encoding="utf-8")
    with (place / "stdout").open("wb") as out, (place / "stderr").open("wb") as err:
        process = subprocess.Popen(
            [*DOOR, *arguments],
            cwd=CHECKOUT,
            env={**os.environ, FAULT_VARIABLE: str(place / "fault"), **(variables or {})},
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    try:
        yield Door(process=process, place=place)
    finally:
        _kill_session(process)


def run_door(place: Path, *arguments: str, variables: Mapping[str, str] | None = None) -> tuple[int, Door]:
    """A door run to its end; its exit code."""
    with open_door(place, *arguments, variables=variables) as door:
        return door.wait(), door


def until(is_so: Callable[[], object], *, door: Door | None = None) -> None:
    """Wait until something is so; it is a failure if it never is, or if the door ends before."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        assert door is None or door.process.poll() is None, door and door.log
        time.sleep(LOOK_SECONDS)


def overrule(shop: Shop, *lines: str) -> None:
    """Put other settings on top of the environment file, for doors to be opened; the test's own stay as they are."""
    with (shop.overlay / "dev.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join((*lines, "")))


def cut_lock(shop: Shop) -> None:
    """Cut the connection that holds the writer's lock, as a network would."""
    name = f"tillstream.{shop.settings.warehouse.database}"
    (row,) = shop.sql(f"SELECT IS_USED_LOCK('{name}') AS holder")
    assert row["holder"] is not None
    # the writer's own account may end its own connections, and no others
    shop.sql(f"KILL {row['holder']}")
    until(lambda: shop.sql(f"SELECT IS_USED_LOCK('{name}') AS holder")[0]["holder"] is None)


def _kill_session(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait(PATIENCE_SECONDS)
