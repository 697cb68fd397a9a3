"""The archive of Java classes: one run leaves it, if it was a whole one; later runs use it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streaming.classes import CLAIM_SECONDS, ClassArchive
from streaming.contract.places import JARS_VARIABLE


@pytest.fixture(autouse=True)
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "jars" / "spark").mkdir(parents=True)
    monkeypatch.setenv(JARS_VARIABLE, str(tmp_path / "jars"))


def leave(archive: ClassArchive, options: str) -> None:
    """What a JVM does at its end."""
    draft = options.partition("-XX:ArchiveClassesAtExit=")[2].partition(" ")[0]
    jvm = subprocess.Popen([sys.executable, "-c", f"open({draft!r}, 'w').write('classes')"])
    archive.keep(jvm)
    jvm.wait()


def test_the_first_whole_run_leaves_what_later_ones_use() -> None:
    first = ClassArchive()
    options = first.options(may_be_made=True)
    first.note_batch()
    leave(first, options)
    later = ClassArchive()
    assert later.file.read_text(encoding="utf-8") == "classes"
    assert later.options(may_be_made=True).startswith(f"-XX:SharedArchiveFile={later.file} ")
    assert [file.name for file in later.file.parent.iterdir()] == [later.file.name]


def test_a_run_without_a_batch_leaves_nothing_and_the_next_may_try() -> None:
    first = ClassArchive()
    leave(first, first.options(may_be_made=True))
    assert not first.file.exists()
    assert "ArchiveClassesAtExit" in ClassArchive().options(may_be_made=True)


def test_one_of_two_runs_at_once_leaves_it_and_one_that_died_is_not_waited_for_for_ever() -> None:
    first = ClassArchive()
    assert first.options(may_be_made=True)
    assert ClassArchive().options(may_be_made=True) == ""
    (claim,) = first.file.parent.glob("*.claim")
    os.utime(claim, (0, claim.stat().st_mtime - CLAIM_SECONDS - 1))
    assert ClassArchive().options(may_be_made=True)


def test_other_jars_have_another_archive(tmp_path: Path) -> None:
    before = ClassArchive().file
    (tmp_path / "jars" / "spark" / "new.jar").write_bytes(b"jar")
    assert ClassArchive().file != before


def test_a_run_that_goes_on_for_ever_and_an_installation_that_cannot_be_written_leave_none(tmp_path: Path) -> None:
    assert ClassArchive().options(may_be_made=False) == ""
    (tmp_path / "classes").write_text("a file where the folder would be", encoding="utf-8")
    assert ClassArchive().options(may_be_made=True) == ""
