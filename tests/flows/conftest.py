"""A Prefect server and a worker beside the other servers, and flows started the way users start them."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import psutil
import pytest

from deployments.embedded import up
from streaming.contract.places import CHECKOUT

PATIENCE_SECONDS = 150
OURS = ("-m streaming ", "prefect.engine")


class Runner(Protocol):
    """Starts a module of the project and waits for its end."""

    def __call__(self, module: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """What it wrote and its exit code."""


@pytest.fixture(scope="session")
def prefect_servers(servers: Path) -> Path:
    """All servers; the worker runs what is deployed."""
    up(("prefect", "worker-dev"))
    return servers


@pytest.fixture
def run(prefect_servers: Path) -> Runner:
    """Run `python -m <module>` in the checkout."""
    assert prefect_servers.is_dir()
    return run_module


def run_module(module: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `python -m <module>` in the checkout."""
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)


def eventually(question: Callable[[], bool], *, what: str) -> None:
    """Ask until the answer is yes."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not question():
        assert time.monotonic() < end, f"not in {PATIENCE_SECONDS} s: {what}"
        time.sleep(0.5)


def processes_of(home: Path) -> Iterator[psutil.Process]:
    """Streams and flow runs that belong to this home."""
    for process in psutil.process_iter():
        try:
            command = " ".join(process.cmdline())
            if any(part in command for part in OURS) and process.environ().get("TILLSTREAM_HOME") == str(home):
                yield process
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
