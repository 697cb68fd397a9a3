"""What `make` promises before anything is installed, and what the embedded servers are given to start with."""

import re
import shutil
import socket
import stat
import subprocess
import tomllib
from pathlib import Path

import pytest

from deployments.embedded.environments import Environment, environments, write_overlay
from deployments.embedded.ports import ADDRESS, choose_port, remembered_port
from deployments.embedded.server import Launch
from deployments.embedded.vault import password, place, write_private
from streaming.contract.errors import ConfigurationError
from streaming.contract.places import CHECKOUT, FOLDERS_VARIABLE, HOME_VARIABLE
from streaming.contract.settings import read_settings

JARS = CHECKOUT / "deployments" / "jars"
STORAGE = {"endpoint": "http://127.0.0.1:1", "access_key": "id", "secret_key": "hidden"}  # pragma: allowlist secret
WAREHOUSE: dict[str, str | int] = {
    "host": "127.0.0.1",
    "port": 2,
    "user": "writer",
    "password": "hidden too",  # pragma: allowlist secret
    "migration_user": "migrator",
    "migration_password": "hidden as well",  # pragma: allowlist secret
}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    for name in (FOLDERS_VARIABLE, "TILLSTREAM_KEY", "TILLSTREAM_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_make_alone_lists_each_target_in_a_line() -> None:
    make = shutil.which("make")
    assert make is not None
    listed = subprocess.run([make], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    targets = [line.split()[1] for line in listed.stdout.splitlines()]
    assert {"demo", "test", "up", "down", "status", "lint", "fmt", "bench", "clean"} <= set(targets)


def test_the_virtual_environment_is_made_from_a_known_lock_only() -> None:
    script = CHECKOUT / "deployments" / "setup" / "venv"
    told = subprocess.run([script, "whatever"], capture_output=True, text=True, check=False)
    assert told.returncode == 78
    assert len(told.stderr.splitlines()) == 1


def test_every_jar_asked_for_has_a_checksum() -> None:
    jars = [line.split()[1] for line in (JARS / "jars.sha256").read_text().splitlines()]
    asked = re.findall(r'<dependency org="\S+" name="(\S+)"', (JARS / "ivy.xml").read_text())
    assert asked
    assert [name for name in asked if not any(f"/{name}-" in jar for jar in jars)] == []


def test_a_taken_port_gives_way_to_the_next_and_the_choice_is_remembered(house: Path) -> None:
    assert house.is_dir()
    with socket.create_server((ADDRESS, 0)) as stranger:
        taken = int(stranger.getsockname()[1])
        chosen = choose_port("probe", default=taken)
    assert chosen > taken
    assert remembered_port("probe") == chosen
    assert choose_port("probe", default=taken) == chosen


def test_a_password_is_made_once_and_kept_private(house: Path) -> None:
    assert password("probe") == password("probe") != password("other")
    assert stat.S_IMODE(place("probe").stat().st_mode) == 0o600
    assert place("probe").is_relative_to(house)


def test_a_launch_shows_no_secret_and_changes_its_fingerprint_with_it(house: Path) -> None:
    first, second = (
        Launch(command=["run"], variables={"A": word}, files={house / "f": word}) for word in ("hidden", "other")
    )
    assert "hidden" not in repr(first)
    assert first.fingerprint != second.fingerprint


def test_an_overlay_holds_tokens_only_and_gives_the_secrets_back(house: Path) -> None:
    for environment in environments():
        write_overlay(environment, {"storage": STORAGE, "warehouse": WAREHOUSE})
    text = (house / "environments" / "qa.toml").read_text()
    settings = read_settings("qa")
    assert "hidden" not in text
    assert settings.warehouse.password.get_secret_value() == "hidden too"
    assert settings.storage.secret_key is not None
    assert settings.storage.secret_key.get_secret_value() == "hidden"


def test_an_overlay_leaves_out_what_the_environment_has_of_its_own(house: Path) -> None:
    own = Environment(
        name="prod",
        bucket="b",
        database="d",
        work_pool="prod",
        is_storage_embedded=True,
        is_warehouse_embedded=False,
    )
    write_overlay(own, {"storage": STORAGE, "warehouse": WAREHOUSE})
    assert tomllib.loads((house / "environments" / "prod.toml").read_text()).keys() == {"storage"}


def test_a_key_that_others_may_read_is_refused(house: Path) -> None:
    write_private(house / "keys" / "dev.key", "x")
    (house / "keys" / "dev.key").chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        write_overlay(environments()[0], {"storage": STORAGE})
