"""The door as a process: its session, its signals, its last words. The children here are small, but real."""

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime

import psutil
import pytest

from streaming.contract.deliveries import Selection
from tasks.door import Door, Line, Orders
from tasks.selection import selection_of

READY = "import sys, time, signal, subprocess\n"
OBEDIENT = READY + (
    "def stop(*_):\n    print('stopped in order'); sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, stop)\nprint('ready', flush=True)\ntime.sleep(60)\n"
)
WITH_HEIR = READY + (
    "heir = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(heir.pid, flush=True)\ntime.sleep(60)\n"
)


def door(program: str) -> Door:
    return Door([sys.executable, "-c", program])


def is_ended(pid: int) -> bool:
    """True when the process is gone, or soon is; nobody may be there to bury it."""
    for _ in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def test_orders_are_the_doors_arguments() -> None:
    selection = Selection(key_pattern="store-1/*", arrived_from=datetime(2026, 11, 1, tzinfo=UTC))
    orders = Orders(environment="dev", trigger="available_now", selection=selection)
    assert orders.arguments() == [
        "--environment=dev",
        "--trigger=available-now",
        "--key-pattern=store-1/*",
        "--arrived-from=2026-11-01",
        "--exit-with-parent",
    ]


def test_a_selection_of_days_reaches_the_door_as_the_same_days() -> None:
    first, last = datetime(2026, 11, 1, tzinfo=UTC).date(), datetime(2026, 11, 3, tzinfo=UTC).date()
    arguments = Orders(environment="dev", trigger="available_now", selection=selection_of("*", first, last)).arguments()
    assert arguments[3:5] == ["--arrived-from=2026-11-01", "--arrived-until=2026-11-03"]


def test_all_lines_of_both_streams_arrive_before_the_end() -> None:
    opened = door("import sys; print('one'); print('two', file=sys.stderr); print('three')")
    lines = list(opened.lines())
    assert {Line("stdout", "one"), Line("stdout", "three"), Line("stderr", "two")} == set(lines)
    assert opened.exit_code == 0


def test_closing_lets_the_batch_end() -> None:
    opened = door(OBEDIENT)
    lines = opened.lines()
    assert next(lines).text == "ready"
    opened.close()
    assert [line.text for line in lines] == ["stopped in order"]
    assert opened.exit_code == 0


def test_a_second_signal_does_not_hurry_the_batch() -> None:
    patient = OBEDIENT.replace("print('stopped", "time.sleep(1); print('stopped")
    opened = door(patient)
    lines = opened.lines()
    assert next(lines).text == "ready"
    nudge = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM))
    nudge.start()
    opened.close()
    nudge.join()
    assert [line.text for line in lines] == ["stopped in order"]


def test_what_outlives_a_killed_door_is_ended_and_does_not_hold_the_lines() -> None:
    opened = door(WITH_HEIR)
    lines = opened.lines()
    heir = int(next(lines).text)
    os.kill(opened.pid, signal.SIGKILL)
    started = time.monotonic()
    assert list(lines) == []
    assert time.monotonic() - started < 10
    assert opened.exit_code == -signal.SIGKILL
    assert is_ended(heir)


def test_the_door_leads_a_session_of_its_own_and_does_not_know_prefect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "admin:canary")
    opened = door("import os; print(os.getsid(0) == os.getpid(), os.environ.get('PREFECT_API_AUTH_STRING'))")
    assert [line.text for line in opened.lines()] == ["True None"]
