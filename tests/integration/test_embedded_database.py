"""How the embedded database is made, and what it refuses."""

import tempfile
from pathlib import Path

import pymysql
import pytest

from deployments.embedded.database import DatabaseServer
from streaming.contract.places import HOME_VARIABLE
from streaming.contract.settings import read_settings
from streaming.warehouse.connection import connected

pytestmark = pytest.mark.servers


def test_a_database_in_the_making_touches_no_temporary_table_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    other = shared / "#sql-temptable-1-2-3.MAI"
    other.touch()
    monkeypatch.setenv("TMPDIR", str(shared))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    DatabaseServer().prepare()
    assert (tmp_path / "home" / "database" / "data" / "mysql").is_dir()
    assert other.exists()


@pytest.mark.usefixtures("servers")
def test_the_database_refuses_values_that_do_not_fit() -> None:
    with connected(read_settings("dev").warehouse, as_migrator=True) as database, database.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS narrow (word VARCHAR(2))")
        with pytest.raises(pymysql.err.DataError):
            cursor.execute("INSERT INTO narrow VALUES ('too long')")
        cursor.execute("SELECT @@character_set_server AS letters, @@max_allowed_packet AS packet")
        assert cursor.fetchone() == {"letters": "utf8mb4", "packet": 64 * 1024 * 1024}
