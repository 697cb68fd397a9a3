"""The door as its user meets it: a child process, its exit code, its last line, and deliveries still waiting."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from streaming.contract.credentials import encrypt
from streaming.contract.places import CHECKOUT
from streaming.warehouse.writer import only_writer
from tests.shop import Shop

SALE = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
PATIENCE_SECONDS = 120
NOBODY = "127.0.0.1:9"


def knock(*arguments: str, variables: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the door to its end."""
    return subprocess.run(
        [sys.executable, "-m", "streaming", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **(variables or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def last_line(door: subprocess.CompletedProcess[str]) -> str:
    assert "Traceback" not in door.stderr
    return door.stderr.strip().splitlines()[-1]


def overrule(shop: Shop, *lines: str) -> None:
    """Put other settings on top of the environment file, in the layer that only this test sees."""
    with (shop.overlay / "dev.toml").open("a", encoding="utf-8") as file:
        file.write("\n".join((*lines, "")))


def keys() -> list[str]:
    return (Path(os.environ["TILLSTREAM_HOME"]) / "keys" / "dev.key").read_text().split()


def test_help_reads_well_and_needs_no_spark() -> None:
    door = knock("--help")
    assert door.returncode == 0
    assert "exit codes:" in door.stdout
    assert "--key-pattern" in door.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--environment", "test"), "error: unknown environment 'test': choose one of dev, qa, prod"),
        (("--environment", "dev", "--trigger", "once"), "invalid choice: 'once'"),
        (("--environment", "dev", "--arrived-from", "yesterday"), "--arrived-from: not a day: 'yesterday'"),
        ((), "the following arguments are required: --environment"),
    ],
)
def test_a_wrong_argument_is_a_usage_error(arguments: Sequence[str], told: str) -> None:
    door = knock(*arguments)
    assert (door.returncode, told in last_line(door)) == (64, True), door.stderr


def test_a_stream_loads_what_waits_and_a_second_run_says_that_nothing_changed(shop: Shop) -> None:
    shop.put_sales("one.csv", SALE)
    first, second = knock("--environment", "dev"), knock("--environment", "dev")
    events = [json.loads(line) for line in first.stdout.splitlines()]
    assert (first.returncode, [event["event"] for event in events]) == (0, ["batch", "finished"]), first.stderr
    assert [event["rows_loaded"] for event in events] == [1, 1]
    assert second.returncode == 0
    assert "nothing new in landing: nothing changed" in second.stderr
    assert json.loads(second.stdout)["batches"] == 0


def test_a_wrong_password_names_the_database_and_the_remedy(shop: Shop) -> None:
    overrule(shop, "[warehouse]", f'password = "{encrypt("wrong", keys=keys())}"')
    door = knock("--environment", "dev")
    assert door.returncode == 78
    assert "check user, password, database and grants in the environment file" in last_line(door)
    assert "wrong" not in door.stderr


def test_an_unreachable_database_may_come_back(shop: Shop) -> None:
    overrule(shop, "[warehouse]", "port = 9")
    door = knock("--environment", "dev")
    assert door.returncode == 69
    assert last_line(door).startswith("error: MySQL at 127.0.0.1:9, database")


def test_an_unreachable_s3_may_come_back_and_deliveries_go_on_waiting(shop: Shop) -> None:
    shop.do(
        "INSERT INTO deliveries (object_key, etag, size_bytes, last_modified, status, discovered_at)"
        " VALUES ('k', 'e', 1, UTC_TIMESTAMP(6), 'waiting', UTC_TIMESTAMP(6))"
    )
    overrule(shop, "[storage]", f'endpoint = "http://{NOBODY}"')
    door = knock("--environment", "dev")
    assert door.returncode == 69
    assert last_line(door).startswith(f"error: S3 at http://{NOBODY}: ")
    assert [row["status"] for row in shop.deliveries()] == ["waiting"]


def test_a_missing_bucket_is_named(shop: Shop) -> None:
    overrule(shop, "[storage]", 'bucket = "tillstream-nowhere"')
    door = knock("--environment", "dev")
    assert door.returncode == 78
    assert "tillstream-nowhere" in last_line(door)


def test_a_table_that_was_not_migrated_is_named(shop: Shop) -> None:
    shop.do("DELETE FROM schema_migrations WHERE version = 3")
    door = knock("--environment", "dev")
    assert door.returncode == 65
    assert "lacks 0003_marts: run `python -m flows.provision --environment dev`" in last_line(door)


def test_a_missing_key_to_the_credentials_says_how_to_give_one(shop: Shop, tmp_path: Path) -> None:
    assert shop.overlay.is_dir()
    door = knock("--environment", "dev", variables={"TILLSTREAM_KEY_FILE": str(tmp_path / "none.key")})
    assert door.returncode == 78
    assert "no key to the credentials of dev: set TILLSTREAM_KEY" in last_line(door)


def test_a_machine_without_java_is_told_what_to_install(shop: Shop, tmp_path: Path) -> None:
    assert shop.overlay.is_dir()
    door = knock("--environment", "dev", variables={"JAVA_HOME": str(tmp_path)})
    assert door.returncode == 78
    assert "openjdk-17-jre-headless" in last_line(door)


def test_missing_jars_name_the_command_that_fetches_them(shop: Shop, tmp_path: Path) -> None:
    assert shop.overlay.is_dir()
    door = knock("--environment", "dev", variables={"TILLSTREAM_JARS": str(tmp_path)})
    assert door.returncode == 78
    assert "run `make jars`" in last_line(door)


def test_a_second_door_is_busy_at_once(shop: Shop) -> None:
    with only_writer(shop.settings):
        door = knock("--environment", "dev")
    assert door.returncode == 75
    assert last_line(door).startswith("error: dev is busy: ")


@pytest.mark.soak
def test_a_continuous_stream_loads_what_arrives_and_stops_when_told(shop: Shop) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "streaming", "--environment", "dev", "--trigger", "continuous"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as door:
        assert door.stdout is not None
        for number in range(2):
            shop.put_sales(f"{number}.csv", SALE.replace("2.50,4", "2.50,4").replace("03-14", f"03-1{number}"))
            assert json.loads(door.stdout.readline())["rows_loaded"] == 1
        told = time.monotonic()
        door.send_signal(signal.SIGTERM)
        assert json.loads(door.stdout.readline())["event"] == "finished"
        assert door.wait(PATIENCE_SECONDS) == 0
        assert time.monotonic() - told < PATIENCE_SECONDS
    assert [row["status"] for row in shop.deliveries()] == ["processed", "processed"]
