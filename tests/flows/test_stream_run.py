"""A stream under a Prefect worker: it loads, outlives its death, keeps others out, and leaves nothing behind."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.flows.conftest import Runner, eventually, processes_of, run_module
from tests.shop import Shop

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

SALE = "1,1,Rye flour,2026-03-01,1,2.50,1,2.50"
ENDED = {"Cancelled", "Crashed", "Completed", "Failed"}
RUN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def start(run: Runner) -> str:
    """Start the deployment; the run's id."""
    shown = run("tests.flows.ask", "deployment", "run", "ingest/ingest-dev").stdout
    found = RUN_ID.search(shown)
    assert found is not None, shown
    return found[0]


def state(run: Runner, run_id: str) -> str:
    """The name of the run's state."""
    found = re.search(r"state_name='(\w+)'", run("tests.flows.ask", "flow-run", "inspect", run_id).stdout)
    return found[1] if found else ""


def door(home: Path) -> psutil.Process:
    """The stream's own process: the leader of its session."""
    return next(p for p in processes_of(home) if "streaming" in p.cmdline() and os.getsid(p.pid) == p.pid)


@pytest.fixture(scope="module")
def deployed(prefect_servers: Path) -> None:
    """The deployments of dev."""
    assert prefect_servers.is_dir()
    assert run_module("deployments.deploy").returncode == 0


@pytest.fixture
def stream(run: Runner, deployed: None, shop: Shop, home: Path) -> Iterator[str]:
    """A continuous run that has loaded its first file; cancelled at the end, whatever happened."""
    assert deployed is None
    shop.put_sales("first.csv", SALE)
    run_id = start(run)
    try:
        eventually(lambda: processed(shop) == 1, what="the first file is loaded")
        yield run_id
    finally:
        run("tests.flows.ask", "flow-run", "cancel", run_id)
        eventually(lambda: not list(processes_of(home)), what="nothing is left running")
        eventually(lambda: state(run, run_id) in ENDED, what="the run has ended and gives its place to the next")


def processed(shop: Shop) -> int:
    rows = shop.sql("SELECT COUNT(*) AS n FROM deliveries WHERE status = 'processed'")
    return int(str(rows[0]["n"]))


def test_a_stream_outlives_its_death_and_keeps_others_out(stream: str, run: Runner, shop: Shop, home: Path) -> None:
    os.kill(door(home).pid, signal.SIGKILL)
    shop.put_sales("second.csv", SALE + "\n" + SALE)
    eventually(lambda: processed(shop) == 2, what="the second file is loaded by the next life")
    busy = run("flows.ingest")
    assert busy.returncode == 75
    assert "dev is busy" in busy.stderr
    shop.put_sales("third.csv", SALE, SALE, SALE)
    waited = run("flows.catch_up", "--key-pattern", "third.csv")
    assert waited.returncode == 0, waited.stderr
    assert processed(shop) == 3
    assert state(run, stream) == "Running"


def test_a_cancelled_stream_is_gone_and_has_told_what_it_did(stream: str, run: Runner, home: Path) -> None:
    run("tests.flows.ask", "flow-run", "cancel", stream)
    eventually(lambda: not list(processes_of(home)), what="nothing is left running")
    eventually(lambda: state(run, stream) == "Cancelled", what="the run is cancelled")
    told = run("tests.flows.ask", "flow-run", "logs", stream).stdout
    assert "1 deliveries" in told
    assert "env=dev batch=1" in told


def test_a_stream_does_not_outlive_the_run_that_was_killed(stream: str, run: Runner, home: Path) -> None:
    engine = next(p for p in processes_of(home) if "prefect.engine" in p.cmdline())
    engine.kill()
    eventually(lambda: not list(processes_of(home)), what="nothing is left running")
    eventually(lambda: state(run, stream) == "Crashed", what="the run is called crashed")
