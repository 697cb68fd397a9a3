"""A stream under a Prefect worker, from its start to its end: it loads, comes back from death, and leaves nothing."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from streaming.contract.credentials import encrypt, read_keys
from streaming.contract.places import HOME_VARIABLE, key_file
from tests.flows import prefect_api as prefect
from tests.flows.conftest import Runner, eventually, processes_of, run_module
from tests.flows.receiver import Receiver, receiving
from tests.secrecy.canaries import (
    SECRETS_OF_PREFECT,
    canaries,
    family,
    leaked,
    leaked_to_files,
    leaked_to_processes,
)
from tests.shop import Shop, open_shop

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

SALE = "1,1,Rye flour,2026-03-01,1,2.50,1,2.50"
INGEST = "ingest/ingest-dev"


def door(home: Path) -> psutil.Process:
    """The stream's own process: the leader of its session."""
    return next(p for p in processes_of(home) if "streaming" in p.cmdline() and os.getsid(p.pid) == p.pid)


def engine(home: Path) -> psutil.Process:
    """The process of the flow's run."""
    return next(p for p in processes_of(home) if "prefect.engine" in p.cmdline())


def belongs_to(process: psutil.Process, home: Path) -> bool:
    """True for a process that was started for this home."""
    try:
        return process.environ().get(HOME_VARIABLE) == str(home)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def count(shop: Shop, status: str = "processed") -> int:
    rows = shop.sql(f"SELECT COUNT(*) AS n FROM deliveries WHERE status = '{status}'")  # noqa: S608  a word of ours
    return int(str(rows[0]["n"]))


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Where alerts are sent."""
    with receiving() as opened:
        yield opened


@pytest.fixture(scope="module")
def deployed(prefect_servers: Path, receiver: Receiver) -> Iterator[Shop]:
    """A shop that is provisioned, so that the worker's runs find its block, and deployed, with its alerts."""
    with open_shop(prefect_servers) as shop:
        token = encrypt(receiver.address, keys=read_keys("dev", default_file=key_file("dev")))
        with (shop.overlay / "dev.toml").open("a", encoding="utf-8") as file:
            file.write(f'[operations]\nalert_webhook = "{token}"\n')
        assert run_module("flows.provision").returncode == 0
        assert run_module("deployments.deploy").returncode == 0
        yield shop


@pytest.fixture(scope="module")
def stream(deployed: Shop, home: Path) -> Iterator[str]:
    """A continuous run that has loaded its first file; gone at the end, whatever happened."""
    deployed.put_sales("first.csv", SALE)
    run_id = prefect.start(INGEST)
    try:
        eventually(lambda: count(deployed) == 1, what="the first file is loaded")
        yield run_id
    finally:
        for each in prefect.runs_of("ingest-dev"):
            if prefect.state(each) not in prefect.ENDED:
                prefect.cancel(each)
        eventually(lambda: not list(processes_of(home)), what="nothing is left running")


def test_a_run_for_another_environment_than_its_workers_refuses(deployed: Shop) -> None:
    assert deployed.settings.environment == "dev"
    run_id = prefect.start("clean_up/clean_up-dev", environment="prod")
    assert prefect.ended(run_id) == "FAILED"
    assert "the run is for prod, and its worker is the one of dev: nothing was done" in prefect.said(run_id)


def test_runs_that_came_late_collapse_into_one(deployed: Shop) -> None:
    assert deployed.settings.environment == "dev"
    runs = [prefect.start("clean_up/clean_up-dev") for _ in range(5)]
    ends = [prefect.ended(run) for run in runs]
    assert ends.count("COMPLETED") in {1, 2}, ends
    assert ends.count("CANCELLED") == len(runs) - ends.count("COMPLETED")
    assert any("does what it was to do" in prefect.said(run) for run in runs)


def test_a_stream_outlives_its_death_and_keeps_others_out(stream: str, deployed: Shop, run: Runner, home: Path) -> None:
    os.kill(door(home).pid, signal.SIGKILL)
    deployed.put_sales("second.csv", SALE + "\n" + SALE)
    eventually(lambda: count(deployed) == 2, what="the second file is loaded by the next life")
    busy = run("flows.ingest")
    assert busy.returncode == 75
    assert "dev is busy" in busy.stderr
    deployed.put_sales("third.csv", SALE, SALE, SALE)
    waited = run("flows.catch_up", "--key-pattern", "third.csv")
    assert waited.returncode == 0, waited.stderr
    assert count(deployed) == 3
    assert prefect.state(stream) == "RUNNING"


def test_others_hear_of_a_refused_file_and_see_how_the_stream_stands(
    stream: str, deployed: Shop, receiver: Receiver
) -> None:
    deployed.put("broken.csv", b"no,sales\n1,2\n")
    eventually(lambda: count(deployed, "quarantined") == 1, what="the file is quarantined")
    eventually(lambda: bool(receiver.heard("tillstream.delivery.quarantined")), what="the webhook is told")
    (alert,) = receiver.heard("tillstream.delivery.quarantined")
    assert alert["environment"] == "dev"
    assert "broken.csv cannot be read as sales: missing_columns:" in str(alert["text"])
    assert "lag 0 files, 0 s" in prefect.logs(stream)
    (progress,) = prefect.artifacts("ingest-dev")
    assert "rows/s" in str(progress["description"])


def test_no_secret_is_in_a_process_a_log_or_what_prefect_shows(stream: str, home: Path) -> None:
    secrets = canaries(home)
    assert prefect.state(stream) == "RUNNING"
    of_prefect = {name for name in secrets if name.startswith(SECRETS_OF_PREFECT)}
    ours = {name: secret for name, secret in secrets.items() if name not in of_prefect}
    everybody = [process for process in family(psutil.Process(1)) if belongs_to(process, home)]
    assert any("mariadbd" in process.name() for process in everybody)
    assert leaked_to_processes(everybody, ours) == []
    assert leaked_to_processes(family(door(home)), secrets) == []
    logs = [file for file in (home / "logs").rglob("*") if file.is_file()]
    assert logs
    assert leaked_to_files(logs, secrets) == []
    assert leaked(prefect.everything(), secrets, where="Prefect's API") == []


@pytest.mark.soak
def test_a_new_run_takes_over_from_one_that_was_killed(stream: str, deployed: Shop, home: Path) -> None:
    engine(home).kill()
    eventually(lambda: prefect.state(stream) == "CRASHED", what="the run is called crashed")
    deployed.put_sales("fourth.csv", *[SALE] * 4)
    eventually(lambda: count(deployed) == 4, what="the next run loads the fourth file")
    assert prefect.state(prefect.runs_of("ingest-dev")[0]) == "RUNNING"


def test_a_cancelled_stream_is_gone_and_has_told_what_it_did(stream: str, home: Path) -> None:
    newest = prefect.runs_of("ingest-dev")[0]  # the next one, where the one before was killed
    assert newest == stream or prefect.state(stream) == "CRASHED"
    prefect.cancel(newest)
    eventually(lambda: not list(processes_of(home)), what="nothing is left running")
    eventually(lambda: prefect.state(newest) == "CANCELLED", what="the run is cancelled")
    assert "1 deliveries" in prefect.logs(newest)
    assert prefect.runs_of("ingest-dev")[0] == newest, "a cancelled stream is not started again"
