"""How the embedded database is made, in a home of its own."""

import tempfile
from pathlib import Path

import pytest

from deployments.embedded.database import DatabaseServer
from streaming.contract.places import HOME_VARIABLE


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
