"""The points at which a test may let the process die."""

import re
from itertools import chain
from pathlib import Path

import pytest

from streaming.contract.faults import FAULT_VARIABLE, POINTS, Killed, fault_point
from streaming.contract.places import CHECKOUT

PLACED = re.compile(r'fault_point\("([^"]+)"\)')


def test_every_named_point_stands_somewhere_and_no_other_does() -> None:
    files = chain.from_iterable((CHECKOUT / folder).rglob("*.py") for folder in ("streaming", "tasks"))
    assert {name for file in files for name in PLACED.findall(file.read_text(encoding="utf-8"))} == set(POINTS)


def test_a_point_passes_unless_a_test_asks_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(FAULT_VARIABLE, raising=False)
    fault_point("commit.done")
    monkeypatch.setenv(FAULT_VARIABLE, str(tmp_path / "fault"))
    fault_point("commit.done")
    (tmp_path / "fault").write_text("commit.team raise 1", encoding="utf-8")
    fault_point("commit.done")
    assert not (tmp_path / "fault.fired").exists()


def test_it_dies_at_the_passing_that_was_asked_for_and_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FAULT_VARIABLE, str(tmp_path / "fault"))
    (tmp_path / "fault").write_text("commit.done raise 2", encoding="utf-8")
    fault_point("commit.done")
    with pytest.raises(Killed):
        fault_point("commit.done")
    assert (tmp_path / "fault.fired").exists()
