"""The Spark job as a child process: opened in its own session, read line by line, closed at a batch boundary.

The session keeps signals meant for the flow away from the JVM, which must outlive the batch in flight: only
the door's own process is told to stop, and it stops the rest in order.
"""

import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Literal, Self

import psutil

from streaming.contract.deliveries import Selection
from streaming.contract.places import CHECKOUT
from streaming.contract.ranges import ranges_of
from streaming.contract.settings import EnvironmentName

log = logging.getLogger(__name__)

Trigger = Literal["continuous", "available_now"]
Source = Literal["stdout", "stderr"]

LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 25
"""Prefect kills a cancelled run after 30 seconds; the door must be gone by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOrders:
    """That the door is to tell what would change: of what waits, unless `only_named`, and of further attempts."""

    redrives: tuple[int, ...] = ()
    withdrawals: tuple[int, ...] = ()
    only_named: bool = False

    def arguments(self) -> list[str]:
        """The part of the command line that asks for a plan."""
        named = {"redrive": self.redrives, "withdraw": self.withdrawals}
        given = [f"--{name}={ranges_of(ids)}" for name, ids in named.items() if ids]
        return ["--plan", *given, *(["--only-named"] if self.only_named else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What the door is told to do; in place of loading, `repair` is the file with what is to be mended, or chores."""

    environment: EnvironmentName
    trigger: Trigger
    selection: Selection = field(default_factory=Selection)
    plan: "PlanOrders | None" = None
    repair: Path | None = None
    chores: bool = False

    @property
    def is_stream(self) -> bool:
        """True when it is to load what lands: it then gives signs of progress; other work ends when it ends."""
        return self.plan is None and self.repair is None and not self.chores

    def arguments(self) -> list[str]:
        """The door's command line; it holds no secret."""
        chosen = {
            "environment": self.environment,
            "trigger": self.trigger.replace("_", "-"),
            "key-pattern": self.selection.key_pattern,
            "arrived-from": _day(self.selection.arrived_from),
            "arrived-until": _day(self.selection.arrived_until),
            "deliveries": ranges_of(self.selection.delivery_ids) if self.selection.delivery_ids is not None else None,
            "repair": self.repair,
        }
        given = [f"--{name}={value}" for name, value in chosen.items() if value is not None]
        planning = self.plan.arguments() if self.plan else []
        flags = {"chores": self.chores, "exit-with-parent": True, "debug": log.isEnabledFor(logging.DEBUG)}
        return [*given, *planning, *(f"--{name}" for name, is_set in flags.items() if is_set)]


@dataclass(frozen=True, slots=True)
class Line:
    """One line that the door wrote, without its end."""

    source: Source
    text: str


class Door:
    """The running child."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._started = time.monotonic()
        self._lines: queue.SimpleQueue[Line | None] = queue.SimpleQueue()
        self._open_streams = 2
        self._read(self._process.stdout, source="stdout")
        self._read(self._process.stderr, source="stderr")

    @classmethod
    def opened(cls, orders: Orders) -> Self:
        """Start the Spark job."""
        return cls([sys.executable, "-m", "streaming", *orders.arguments()])

    @property
    def pid(self) -> int:
        """The process, and the session it leads."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; minus the signal's number when a signal ended it."""
        return self._process.poll()

    @property
    def seconds(self) -> float:
        """How long ago it was opened."""
        return time.monotonic() - self._started

    def lines(self) -> Iterator[Line]:
        """What it writes, as it comes, until it has ended and all was read."""
        while self._open_streams:
            try:
                line = self._lines.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                self._bury_if_dead()
                continue
            if line is None:
                self._open_streams -= 1
            else:
                yield line
        self._process.wait()

    def close(self) -> None:
        """Ask it to stop at the next batch boundary, wait for that, then end what is left of its session."""
        try:
            if self.exit_code is None:
                with _deaf_to_sigterm():
                    self._process.send_signal(signal.SIGTERM)
                    self._process.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("the stream did not stop in %d s: killed, its batch is redone later", PATIENCE_SECONDS)
        finally:
            end_session(self.pid)
            self._process.wait()

    def _bury_if_dead(self) -> None:
        """A JVM that outlived its driver would hold the pipes, and S3 uploads, open."""
        if self.exit_code is not None:
            end_session(self.pid)

    def _read(self, stream: IO[str] | None, *, source: Source) -> None:
        if stream is None:
            raise TypeError(f"{source} was not piped")
        threading.Thread(target=self._pump, args=(stream, source), daemon=True, name=f"door-{source}").start()

    def _pump(self, stream: IO[str], source: Source) -> None:
        with stream:
            for text in stream:
                self._lines.put(Line(source, text.rstrip("\r\n")))
        self._lines.put(None)


@contextmanager
def _deaf_to_sigterm() -> Iterator[None]:
    """Linux tells of a dead parent more than once, and stopping in order must not be interrupted by that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def end_session(leader: int) -> None:
    """Kill every process of the session that this process led."""
    for pid in psutil.pids():
        try:
            if os.getsid(pid) == leader:
                os.kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # it ended meanwhile, or is nobody of ours
            continue


def _day(moment: datetime | None) -> str | None:
    """The door takes whole days in UTC."""
    return moment.date().isoformat() if moment else None


def _environment() -> dict[str, str]:
    """This process's variables without Prefect's: the API's password is not for the Spark side."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
