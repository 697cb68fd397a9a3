"""Wall time, CPU seconds and peak memory of a whole process tree."""

import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import psutil

from streaming.contract.places import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Sequence

LOOK_SECONDS = 0.25
"""A look at the memory of a JVM takes a few hundredths of a second, from the very cores that are measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run of a program took, its children included."""

    wall_seconds: float
    cpu_seconds: float
    peak_memory_mb: float
    output: str


class Watch:
    """Looks at a process tree until it ends: CPU seconds by process, memory by proportional share."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._cpu: dict[int, float] = {}
        self._peak = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def cpu_seconds(self) -> float:
        """User and system time of all processes seen."""
        return sum(self._cpu.values())

    @property
    def peak_memory_mb(self) -> float:
        """The most that all processes held at one moment."""
        return self._peak / 1024**2

    def _look_on(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            try:
                tree = [self._root, *self._root.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            self._peak = max(self._peak, sum(map(self._look_at, tree)))

    def _look_at(self, process: psutil.Process) -> float:
        try:
            times = process.cpu_times()
            self._cpu[process.pid] = times.user + times.system
            return float(process.memory_full_info().pss)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            return 0.0


def cost_of(module: str, *arguments: str, python: str = sys.executable) -> Cost:
    """Run `python -m module` to its end, by this Python or another.

    Raises:
        RuntimeError: it failed; the message holds its last words.
    """
    command: Sequence[str] = [python, "-m", module, *arguments]
    began = time.monotonic()
    with (
        subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process,
        Watch(process.pid) as watch,
    ):
        output, errors = process.communicate()
        seconds = time.monotonic() - began
    if process.returncode:
        raise RuntimeError(f"{module} ended with {process.returncode}: {errors[-2_000:]}")
    return Cost(
        wall_seconds=round(seconds, 2),
        cpu_seconds=round(watch.cpu_seconds, 2),
        peak_memory_mb=round(watch.peak_memory_mb),
        output=output,
    )
