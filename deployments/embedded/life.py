"""Start, look at and stop the embedded servers. Whatever state they are in, `up` leaves them answering."""

import fcntl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from deployments.embedded import processes
from deployments.embedded.catalogue import DEFAULT, servers, workers, write_overlays
from deployments.embedded.ports import choose_port, is_free
from deployments.embedded.server import Server
from streaming.contract.errors import ServiceAwayError
from streaming.contract.places import home

LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 5.0
SILENT_GRACE_SECONDS = 5.0
STARTS = 3
SHOWN_LINES = 5

Tell = Callable[[str, str], None]
"""Hears the name of a server and what is happening to it."""


class State(StrEnum):
    """What a look at a server found."""

    UP = "up"
    DOWN = "down"
    CRASHED = "crashed"
    SILENT = "not answering"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One server as it is now."""

    name: str
    state: State
    pid: int | None
    address: str
    log: Path


def silently(_name: str, _happening: str) -> None:
    """Hear nothing."""


def up(names: Sequence[str] = DEFAULT, *, tell: Tell = silently) -> list[Report]:
    """Have these servers run and answer: start, restart or leave each as its state demands.

    Raises:
        ServiceAwayError: one died at its start or never answered; the message holds its last words.
        ConfigurationError: a jar, Java or a free port is missing.
    """
    with _alone():
        _all_at_once(servers(names), partial(_have_up, tell=tell))
        write_overlays()
        _all_at_once(workers(names), partial(_have_up, tell=tell))
    return status(names)


def down(*, tell: Tell = silently) -> list[str]:
    """Stop every server that was started, workers first, and all they started; the names of those stopped."""
    with _alone():
        names = processes.all_recorded()
        known = {server.name: server for server in (*servers(names), *workers(names))}
        fleet = [known[name] for name in names]
        _all_at_once([server for server in fleet if server.default_port is None], partial(_stop, tell=tell))
        _all_at_once([server for server in fleet if server.default_port is not None], partial(_stop, tell=tell))
    return names


def status(names: Iterable[str] = DEFAULT) -> list[Report]:
    """A look at these servers and at all others that were started."""
    wanted = {*names, *processes.all_recorded()}
    return [_report(server) for server in (*servers(wanted), *workers(wanted))]


def _report(server: Server) -> Report:
    record = processes.recorded(server.name)
    state = _state(server)
    return Report(
        name=server.name,
        state=state,
        pid=record.pid if record and state in {State.UP, State.SILENT} else None,
        address=server.address,
        log=processes.log_file(server.name),
    )


def _state(server: Server) -> State:
    record = processes.recorded(server.name)
    if record is None:
        return State.DOWN
    if not processes.is_running(server.name, record):
        return State.CRASHED
    return State.UP if server.answers() else State.SILENT


def _have_up(server: Server, *, tell: Tell) -> None:
    state = _state(server)
    if state is State.SILENT and _answers_within(server, PATIENCE_SECONDS):
        state = State.UP
    if state is State.UP and _is_as_it_should_be(server):
        tell(server.name, f"runs at {server.address}")
    else:
        _restart(server, state, tell=tell)
    server.settle()


def _restart(server: Server, state: State, *, tell: Tell) -> None:
    """Start a server that is down; of one in any other state stop first what is left."""
    if state is not State.DOWN:
        tell(server.name, "has other settings now, stopping" if state is State.UP else f"{state}, mending")
        grace = SILENT_GRACE_SECONDS if state is State.SILENT else server.seconds_to_stop
        processes.end(server.name, grace_seconds=grace)
    began = time.monotonic()
    tell(server.name, "starting")
    server.prepare()
    _start(server)
    tell(server.name, f"started in {time.monotonic() - began:.1f} s at {server.address}")


def _is_as_it_should_be(server: Server) -> bool:
    record = processes.recorded(server.name)
    return record is not None and record.fingerprint == server.launch().fingerprint


def _start(server: Server) -> None:
    """Start and wait for an answer; try another port when someone else was quicker to take this one."""
    for attempt in range(1, STARTS + 1):
        if server.default_port:
            choose_port(server.name, default=server.default_port)
        launch = server.launch()
        launch.write_files()
        processes.start(server.name, launch.command, variables=launch.surroundings(), fingerprint=launch.fingerprint)
        if _answers_within(server, server.seconds_to_start):
            return
        was_robbed = bool(server.default_port) and _is_gone(server) and not is_free(server.port)
        if attempt == STARTS or not was_robbed:
            raise _last_words(server)


def _answers_within(server: Server, seconds: float) -> bool:
    """Wait for an answer; no longer than the process lives."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not _is_gone(server):
        if server.answers():
            return not _is_gone(server)
        time.sleep(LOOK_SECONDS)
    return False


def _is_gone(server: Server) -> bool:
    record = processes.recorded(server.name)
    return record is None or not processes.is_running(server.name, record)


def _last_words(server: Server) -> ServiceAwayError:
    log = processes.log_file(server.name)
    said = " | ".join(processes.last_lines(log, amount=SHOWN_LINES)) or "nothing"
    happened = "died at its start" if _is_gone(server) else f"did not answer in {server.seconds_to_start:.0f} s"
    processes.end(server.name, grace_seconds=server.seconds_to_stop)
    return ServiceAwayError(f"{server.name} {happened}; it said: {said}; see {log}")


def _stop(server: Server, *, tell: Tell) -> None:
    tell(server.name, "stopping")
    processes.end(server.name, grace_seconds=server.seconds_to_stop)
    tell(server.name, "stopped")


def _all_at_once(fleet: Sequence[Server], work: Callable[[Server], None]) -> None:
    """Do the work for all servers at the same time; the first error is raised when all are through."""
    if fleet:
        with ThreadPoolExecutor(len(fleet)) as pool:
            list(pool.map(work, fleet))


@contextmanager
def _alone() -> Iterator[None]:
    """One `up` or `down` of this checkout at a time: the second waits."""
    home().mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home() / "embedded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
