"""How a test has a process die: at a named point, by SIGKILL or by an exception that nothing may handle."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from streaming.contract.faults import FAULT_VARIABLE
from streaming.contract.places import CHECKOUT

DOOR = ("-m", "streaming", "--environment", "dev")
ARCHIVING = """
from streaming.contract.settings import read_settings
from tasks.archive import archive
archive(read_settings("dev"))
"""
CLEAN_UP = ("-c", ARCHIVING)
PATIENCE_SECONDS = 240
ORPHANS_MAY_LIVE_SECONDS = 60


def fault_file() -> Path:
    """Where the processes look for what they should die of."""
    return Path(os.environ[FAULT_VARIABLE])


def arm(point: str, how: str, *, passing: int = 1) -> None:
    """Have the next process that passes this point die there."""
    fired_file().unlink(missing_ok=True)
    fault_file().write_text(f"{point} {how} {passing}", encoding="utf-8")


def disarm() -> bool:
    """Let nobody die any more; True when somebody did since it was armed."""
    fault_file().unlink(missing_ok=True)
    fired = fired_file().exists()
    fired_file().unlink(missing_ok=True)
    return fired


def fired_file() -> Path:
    """What the file is called after somebody died of it."""
    return Path(f"{fault_file()}.fired")


def run_to_death(*arguments: str) -> tuple[int, str]:
    """A process of its own, that should die by itself: its exit code and last words; its orphans must go as well."""
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=CHECKOUT, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        try:
            _, told = child.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            raise
    must_be_gone(child.pid)
    return child.returncode, told[-2000:]


def must_be_gone(session: int) -> None:
    """Wait until nothing of a process's session lives, such as its JVM."""
    deadline = time.monotonic() + ORPHANS_MAY_LIVE_SECONDS
    while left := [process for process in psutil.process_iter() if _is_of(process, session)]:
        if time.monotonic() > deadline:
            os.killpg(session, signal.SIGKILL)
            raise AssertionError(f"left behind by a process that was killed: {left}")
        time.sleep(0.2)


def _is_of(process: psutil.Process, session: int) -> bool:
    try:
        return os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False
