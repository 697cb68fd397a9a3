"""The embedded servers as a user meets them: started, killed, robbed of a port, stopped; in a home of their own."""

import http.client
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pymysql
import pytest

from deployments.embedded import Report, State, down, status, up
from deployments.embedded.ports import ADDRESS
from deployments.embedded.prefect_server import PrefectServer
from deployments.embedded.processes import MARK, all_recorded, end, start
from streaming.bucket import Bucket
from streaming.contract.errors import ConfigurationError, ServiceAwayError
from streaming.contract.places import FOLDERS_VARIABLE, HOME_VARIABLE
from streaming.contract.sections import Storage
from streaming.contract.settings import read_settings
from streaming.warehouse.connection import connected
from tests.processes.doors import until

pytestmark = pytest.mark.servers

STORES = ("s3", "database")
PREFECT = ("prefect", "worker-dev")
SLEEP_FOR_EVER = ("sleep", "100000")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("house")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(folder))
        patch.delenv(FOLDERS_VARIABLE, raising=False)
        yield folder
        down()


@pytest.fixture
def stores(house: Path) -> Path:
    up(STORES)
    return house


@pytest.fixture
def orchestra(house: Path) -> Path:
    up(PREFECT)
    return house


def report(name: str) -> Report:
    return next(each for each in status() if each.name == name)


def pid_of(name: str) -> int:
    pid = report(name).pid
    assert pid is not None
    return pid


def kill(name: str) -> None:
    process = psutil.Process(pid_of(name))
    process.kill()
    process.wait(10)


def servers_of(house: Path) -> list[psutil.Process]:
    return [each for each in psutil.process_iter() if is_of(house, each)]


def is_of(house: Path, process: psutil.Process) -> bool:
    try:
        return process.environ().get(MARK, "").endswith(f" of {house}")
    except psutil.Error:
        return False


@pytest.mark.usefixtures("stores")
def test_each_environment_reaches_its_own_bucket_and_no_other() -> None:
    dev, qa = (Bucket(read_settings(name).storage) for name in ("dev", "qa"))
    dev.create()
    qa.create()
    dev.put("landing/a.csv", b"a")
    trespasser = Bucket(Storage(**{**dict(qa.storage), "bucket": dev.storage.bucket}))
    with pytest.raises(ConfigurationError):
        list(trespasser.listing("landing/"))
    assert [arrival.object_key for arrival in dev.listing("landing/")] == ["landing/a.csv"]
    assert list(qa.listing("landing/")) == []


@pytest.mark.usefixtures("stores")
def test_the_migration_user_owns_its_database_and_no_other() -> None:
    dev, qa = (read_settings(name).warehouse for name in ("dev", "qa"))
    with connected(dev, as_migrator=True) as database, database.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS probe (word VARCHAR(10))")
        with pytest.raises(pymysql.err.OperationalError, match="denied"):
            cursor.execute(f"CREATE TABLE {qa.database}.probe (word VARCHAR(10))")


@pytest.mark.usefixtures("stores")
def test_the_writer_may_do_nothing_before_it_is_granted_something() -> None:
    with pytest.raises(ConfigurationError, match="denied"), connected(read_settings("qa").warehouse):
        pass


@pytest.mark.usefixtures("stores")
def test_a_second_up_leaves_running_servers_alone() -> None:
    before = [pid_of(name) for name in STORES]
    assert [each.state for each in up(STORES)] == [State.UP, State.UP]
    assert [pid_of(name) for name in STORES] == before


@pytest.mark.usefixtures("stores")
@pytest.mark.parametrize("name", STORES)
def test_a_killed_server_is_noticed_and_mended_with_its_data(name: str) -> None:
    Bucket(read_settings("prod").storage).create()
    kill(name)
    assert report(name).state is State.CRASHED
    up(STORES)
    assert report(name).state is State.UP
    Bucket(read_settings("prod").storage).must_exist()
    with connected(read_settings("prod").warehouse, as_migrator=True):
        pass


@pytest.mark.usefixtures("stores")
def test_a_hanging_server_is_noticed_and_mended() -> None:
    hanging = pid_of("database")
    os.kill(hanging, signal.SIGSTOP)
    assert report("database").state is State.SILENT
    up(STORES)
    assert report("database").state is State.UP
    assert not psutil.pid_exists(hanging)


def test_a_reused_pid_is_not_taken_for_the_server_nor_stopped(stores: Path) -> None:
    kill("s3")
    stranger = subprocess.Popen(SLEEP_FOR_EVER)
    record = stores / "servers" / "s3.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "pid": stranger.pid}))
    try:
        assert report("s3").state is State.CRASHED
        up(STORES)
        assert pid_of("s3") != stranger.pid
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_taken_port_is_left_to_its_owner_and_clients_are_told_the_new_one(stores: Path) -> None:
    kill("s3")
    port = int((stores / "ports" / "s3").read_text())
    with socket.create_server((ADDRESS, port)):
        up(STORES)
        endpoint = read_settings("dev").storage.endpoint
        assert endpoint is not None
        assert not endpoint.endswith(f":{port}")
        Bucket(read_settings("dev").storage).create()


def test_a_server_that_dies_at_its_start_says_why_in_one_line(house: Path) -> None:
    down()
    data = house / "database" / "data"
    aside = data.with_name("aside")
    data.rename(aside)
    data.mkdir()
    try:
        with pytest.raises(
            ServiceAwayError, match=r"database died at its start; it said: .*Aborting.*database\.log"
        ) as error:
            up(["database"])
        assert "\n" not in str(error.value)
    finally:
        shutil.rmtree(data)
        aside.rename(data)


def test_prefect_asks_for_its_password_and_hides_blocks_from_whoever_has_the_database(orchestra: Path) -> None:
    connection = http.client.HTTPConnection(ADDRESS, PrefectServer().port)
    connection.request("POST", "/api/block_documents/filter", body="{}")
    assert connection.getresponse().status == http.HTTPStatus.UNAUTHORIZED
    connection.close()
    key = (orchestra / "secrets" / "prefect-encryption").read_text().encode()
    assert all(key not in file.read_bytes() for file in (orchestra / "prefect").glob("prefect.db*"))


def test_prefect_home_is_all_that_a_client_needs(orchestra: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    listing = subprocess.run(
        [sys.executable, "-m", "prefect", "work-pool", "inspect", "dev", "--output", "json"],
        env={**clean, "PREFECT_HOME": str(orchestra / "prefect")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(listing.stdout)["type"] == "process"


@pytest.mark.usefixtures("orchestra")
@pytest.mark.parametrize("name", PREFECT)
def test_a_killed_part_of_prefect_is_noticed_and_mended(name: str) -> None:
    kill(name)
    assert report(name).state is State.CRASHED
    up(PREFECT)
    assert [report(each).state for each in PREFECT] == [State.UP, State.UP]


def test_no_secret_stands_in_a_command_line_or_in_a_file_others_may_read(stores: Path, orchestra: Path) -> None:
    secrets = [file.read_text() for file in (stores / "secrets").iterdir()]
    commands = [" ".join(process.cmdline()) for process in servers_of(stores)]
    assert len(commands) >= len(STORES) + len(PREFECT)
    assert not [command for command in commands if any(secret in command for secret in secrets)]
    texts = [file for suffix in ("toml", "properties", "key") for file in orchestra.glob(f"*/*.{suffix}")]
    private = [*texts, *(stores / "secrets").iterdir()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in private} == {0o600}
    logs = [file.read_text(errors="replace") for file in (stores / "logs").iterdir()]
    assert not [log for log in logs if any(secret in log for secret in secrets)]


def test_stopping_takes_along_what_an_earlier_life_of_the_server_left(house: Path) -> None:
    parent = start(
        "probe", ["sh", "-c", "sleep 100000 & sleep 100000 & wait"], variables=dict(os.environ), fingerprint=""
    )
    until(lambda: len(psutil.Process(parent.pid).children()) == 2)
    left = psutil.Process(parent.pid).children()
    psutil.Process(parent.pid).kill()
    end("probe", grace_seconds=5)
    assert not [process for process in left if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
    assert "probe" not in all_recorded()
    assert not (house / "servers" / "probe.json").exists()


def test_down_leaves_no_process(house: Path) -> None:
    up([*STORES, *PREFECT])
    down()
    assert servers_of(house) == []
    assert {each.state for each in status()} == {State.DOWN}
    assert down() == []
