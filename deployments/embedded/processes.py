"""Processes that outlive the terminal, recognised again by pid, start time and a mark in their environment.

The mark passes to everything a server starts, so that nothing stays behind when the server itself has died.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from deployments.embedded.vault import write_private
from streaming.contract.places import home

MARK = "TILLSTREAM_SERVER"
CLOCK_TOLERANCE_SECONDS = 5.0
MARK_LOOK_SECONDS = 0.005
END_LOOK_SECONDS = 0.1
LOG_BYTES = 20 * 1024 * 1024

_children: list[subprocess.Popen[bytes]] = []
"""Kept, as Python complains of a child that nobody holds and that still runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A server that was started: its pid, when that process began (epoch seconds), and what it was started with."""

    pid: int
    created: float
    fingerprint: str


def log_file(name: str) -> Path:
    """Where the output of a server goes."""
    return home() / "logs" / f"{name}.log"


def recorded(name: str) -> Record | None:
    """The last start of a server that nobody stopped since."""
    file = _place(name)
    return Record(**json.loads(file.read_text())) if file.is_file() else None


def all_recorded() -> list[str]:
    """The names of all servers that were started and not stopped."""
    return sorted(file.stem for file in (home() / "servers").glob("*.json"))


def forget(name: str) -> None:
    """Note that a server was stopped."""
    _place(name).unlink(missing_ok=True)


def start(name: str, command: Sequence[str], *, variables: Mapping[str, str], fingerprint: str) -> Record:
    """Start a process in a session of its own, its output appended to its log, and record it."""
    log = log_file(name)
    _prepare_log(log)
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            cwd=home(),
            env={**variables, MARK: _mark(name)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children.append(child)
    record = Record(pid=child.pid, created=psutil.Process(child.pid).create_time(), fingerprint=fingerprint)
    _wait_for_mark(child, name)
    write_private(_place(name), json.dumps(asdict(record)))
    return record


def is_running(name: str, record: Record) -> bool:
    """True when the recorded process lives, and is not another one under a reused pid."""
    try:
        process = psutil.Process(record.pid)
        same_start = abs(process.create_time() - record.created) < CLOCK_TOLERANCE_SECONDS
        return same_start and process.status() != psutil.STATUS_ZOMBIE and _has_mark(process, name)
    except psutil.Error:
        return False


def end(name: str, *, grace_seconds: float) -> None:
    """Stop a server and all it started: SIGTERM to it and its direct children, SIGKILL to what is left after a grace.

    What they started gets its SIGTERM only when its parent is gone: a flow run stops its Spark job in order.
    """
    deadline = time.monotonic() + grace_seconds
    asked = _heads(_family(name))
    asked += [process for process in _family(name) if _parent(process) in {head.pid for head in asked}]
    _signal(asked, kill=False)
    while (family := _family(name)) and time.monotonic() < deadline:
        orphans = [process for process in _heads(family) if process not in asked]
        _signal(orphans, kill=False)
        asked += orphans
        psutil.wait_procs(family, timeout=END_LOOK_SECONDS)
    _signal(family, kill=True)
    psutil.wait_procs(family, timeout=grace_seconds)
    forget(name)


def last_lines(log: Path, *, amount: int, saying: str = "") -> list[str]:
    """The last lines of a log that say something, or that word."""
    if not log.is_file():
        return []
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.strip() for line in lines if line.strip() and saying in line][-amount:]


def _family(name: str) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter()
        if process.pid != os.getpid() and _has_mark(process, name) and process.status() != psutil.STATUS_ZOMBIE
    ]


def _heads(family: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those whose parent is none of the family."""
    pids = {process.pid for process in family}
    return [process for process in family if _parent(process) not in pids]


def _has_mark(process: psutil.Process, name: str) -> bool:
    try:
        return process.environ().get(MARK) == _mark(name)
    except psutil.Error:
        return False


def _wait_for_mark(child: subprocess.Popen[bytes], name: str) -> None:
    """Let the new program take over: for a moment the kernel shows it without any environment."""
    deadline = time.monotonic() + CLOCK_TOLERANCE_SECONDS
    while child.poll() is None and not _has_mark(psutil.Process(child.pid), name) and time.monotonic() < deadline:
        time.sleep(MARK_LOOK_SECONDS)


def _parent(process: psutil.Process) -> int | None:
    try:
        return process.ppid()
    except psutil.NoSuchProcess:
        return None


def _signal(processes: Iterable[psutil.Process], *, kill: bool) -> None:
    for process in processes:
        try:
            process.kill() if kill else process.terminate()
        except psutil.NoSuchProcess:
            continue


def _prepare_log(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.is_file() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))


def _mark(name: str) -> str:
    return f"{name} of {home()}"


def _place(name: str) -> Path:
    return home() / "servers" / f"{name}.json"
