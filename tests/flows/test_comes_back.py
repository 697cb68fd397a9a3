"""The stream is at work again by itself, and only once, whatever dies or goes away. Minutes each: for the soak."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deployments.embedded import processes, up
from tests.flows import prefect_api as prefect
from tests.flows.conftest import eventually, processes_of, run_module
from tests.shop import Shop, open_shop

pytestmark = [pytest.mark.servers, pytest.mark.soak, pytest.mark.timeout(1200)]

SALE = "1,1,Rye flour,2026-03-01,1,2.50,1,2.50"
BACK_SECONDS = 120
SPARK_BACK_SECONDS = 30
AWAY_SECONDS = int(os.environ.get("TILLSTREAM_AWAY_SECONDS", "300"))
STALL_SECONDS = 30
WORKER, SERVERS = "worker-dev", ("s3", "database", "prefect")

_files = iter(range(1, 1000))


@pytest.fixture(scope="module")
def shop(prefect_servers: Path) -> Iterator[Shop]:
    """A shop that is deployed, with a watchdog of little patience."""
    with open_shop(prefect_servers) as opened:
        with (opened.overlay / "dev.toml").open("a", encoding="utf-8") as file:
            file.write(f"[operations]\nstall_seconds = {STALL_SECONDS}\n")
        assert run_module("flows.provision").returncode == 0
        assert run_module("deployments.deploy").returncode == 0
        yield opened


@pytest.fixture(scope="module")
def stream(shop: Shop, home: Path) -> Iterator[Callable[[], float]]:
    """A continuous stream; called, it has a new file loaded and gives the seconds that took."""

    def load() -> float:
        name, began = f"{next(_files)}.csv", time.monotonic()
        shop.put_sales(name, *[SALE] * next(_files))
        eventually(lambda: ("processed", name) in settled(shop), what=f"{name} is loaded")
        return time.monotonic() - began

    prefect.start("ingest/ingest-dev")
    load()
    try:
        yield load
    finally:
        up((*SERVERS, WORKER))
        for each in prefect.runs_of("ingest-dev"):
            if prefect.state(each) not in prefect.ENDED:
                prefect.cancel(each)
        eventually(lambda: not list(processes_of(home)), what="nothing is left running")


def settled(shop: Shop) -> set[tuple[str, str]]:
    return {(str(row["status"]), str(row["object_key"])) for row in shop.deliveries()}


def must_be_one(shop: Shop, home: Path) -> None:
    """One run at work, one door, one JVM; and every sale counts once."""
    running = [run for run in prefect.runs_of("ingest-dev") if prefect.state(run) not in prefect.ENDED]
    assert len(running) == 1
    doors = [p for p in processes_of(home) if "streaming" in p.cmdline() and os.getsid(p.pid) == p.pid]
    assert len(doors) == 1
    facts = len(shop.facts())
    (counted,) = shop.sql("SELECT COALESCE(SUM(purchases), 0) AS n FROM customer_mart")
    (loaded,) = shop.sql("SELECT COALESCE(SUM(rows_loaded), 0) AS n FROM deliveries WHERE status = 'processed'")
    assert facts == int(str(counted["n"])) == int(str(loaded["n"]))


def one(home: Path, *words: str) -> psutil.Process:
    """The process of this home with these words in its command."""
    found = [
        p for p in psutil.process_iter() if all(word in " ".join(_command(p)) for word in words) and _is_of(p, home)
    ]
    return found[0]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _is_of(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get("TILLSTREAM_HOME") == str(home)
    except psutil.Error:
        return False


def kill_door(home: Path) -> None:
    one(home, "-m streaming ").kill()


def kill_jvm(home: Path) -> None:
    one(home, "org.apache.spark").kill()


def kill_engine(home: Path) -> None:
    one(home, "prefect.engine").kill()


def kill_prefects_worker(home: Path) -> None:
    one(home, "prefect worker start").kill()


def kill_workers_keeper(home: Path) -> None:
    one(home, "deployments.worker").kill()
    up((WORKER,))


def restart_worker(_home: Path) -> None:
    processes.end(WORKER, grace_seconds=45)
    up((WORKER,))


def restart_prefect(_home: Path) -> None:
    processes.end("prefect", grace_seconds=20)
    up(("prefect",))


def kill_all(home: Path) -> None:
    """As a machine does that loses its power: nobody is told, nobody says a word."""
    for process in psutil.process_iter():
        if process.pid != os.getpid() and _is_of(process, home) and "pytest" not in " ".join(_command(process)):
            process.kill()
    up((*SERVERS, WORKER))


@pytest.mark.parametrize(
    ("harm", "seconds"),
    [
        (kill_door, SPARK_BACK_SECONDS),
        (kill_jvm, SPARK_BACK_SECONDS),
        (kill_engine, BACK_SECONDS),
        (kill_prefects_worker, BACK_SECONDS),
        (kill_workers_keeper, BACK_SECONDS),
        (restart_worker, BACK_SECONDS),
        (restart_prefect, BACK_SECONDS),
        (kill_all, BACK_SECONDS),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_stream_is_back(
    harm: Callable[[Path], None], seconds: int, stream: Callable[[], float], shop: Shop, home: Path
) -> None:
    harm(home)
    took = stream()
    print(f"{harm.__name__}: a file that came at once was loaded after {took:.1f} s")  # noqa: T201  a figure for whoever runs it
    must_be_one(shop, home)
    assert took < seconds


@pytest.mark.parametrize("server", ["database", "s3"])
def test_the_stream_is_back_soon_after_a_server_is(
    server: str, stream: Callable[[], float], shop: Shop, home: Path
) -> None:
    processes.end(server, grace_seconds=20)
    time.sleep(AWAY_SECONDS)
    up((server,))
    took = stream()
    print(f"{server} away for {AWAY_SECONDS} s: a file was loaded {took:.1f} s after it was back")  # noqa: T201  as above
    must_be_one(shop, home)
    assert took < BACK_SECONDS


def test_the_stream_is_back_after_a_server_and_prefect_were_away(
    stream: Callable[[], float], shop: Shop, home: Path
) -> None:
    processes.end("prefect", grace_seconds=20)
    kill_engine(home)
    time.sleep(20)
    up(("prefect",))
    took = stream()
    print(f"killed while Prefect was away: loaded {took:.1f} s after it was back")  # noqa: T201  as above
    must_be_one(shop, home)
    assert took < BACK_SECONDS


def test_a_stream_that_hangs_is_opened_again(stream: Callable[[], float], shop: Shop, home: Path) -> None:
    one(home, "org.apache.spark").send_signal(signal.SIGSTOP)
    took = stream()
    print(f"hung: loaded after {took:.1f} s, {STALL_SECONDS} s of them patience")  # noqa: T201  as above
    must_be_one(shop, home)
    assert prefect.events("tillstream.stream.stalled")
