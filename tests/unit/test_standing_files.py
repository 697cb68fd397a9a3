"""Which files of a table the writer knows, and when it asks the log."""

import pytest

from streaming import standing_files
from streaming.contract.readings import Change, LaidFile, StandingFile
from streaming.lake_actions import as_standing
from streaming.standing_files import StandingFiles


def laid(name: str) -> LaidFile:
    return LaidFile(path=name, partition={}, rows=1, size_bytes=1, ranges={"delivery_id": (1, 1)})


def standing(deliveries: tuple[int, int] | None, month: str = "2026-03") -> StandingFile:
    return StandingFile(log_path="x", partition={"sales_month": month}, size_bytes=1, deliveries=deliveries)


class Log:
    """A log in memory that notes which versions were read."""

    def __init__(self, **files: list[str]) -> None:
        self.files = files
        self.read: list[int] = []

    def __call__(self, version: int) -> list[StandingFile]:
        """The files of a version."""
        self.read.append(version)
        return [as_standing(laid(name)) for name in self.files[f"v{version}"]]


def names(files: list[StandingFile]) -> set[str]:
    return {file.log_path for file in files}


def test_what_the_writer_commits_itself_is_known_without_the_log() -> None:
    log = Log(v4=["a", "b"])
    known = StandingFiles(log)
    assert names(known.at(4)) == {"a", "b"}
    known.changed(5, Change(added=[laid("c")], removed=[as_standing(laid("a"))]))
    known.changed(6, Change(added=[laid("d")]))
    assert names(known.at(6)) == {"b", "c", "d"}
    assert log.read == [4]


def test_a_version_that_came_about_in_another_way_is_read() -> None:
    log = Log(v4=["a"], v6=["b"], v7=["c"])
    known = StandingFiles(log)
    known.at(4)
    known.changed(6, Change(added=[laid("z")]))
    assert names(known.at(6)) == {"b"}
    assert names(known.at(7)) == {"c"}
    assert log.read == [4, 6, 7]


def test_nothing_is_remembered_before_anyone_asks() -> None:
    log = Log(v1=["a"])
    known = StandingFiles(log)
    known.changed(0, Change(added=[laid("z")]))
    assert names(known.at(1)) == {"a"}


def test_of_a_table_with_many_files_none_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing_files, "MOST_KEPT", 1)
    log = Log(v1=["a", "b"])
    known = StandingFiles(log)
    assert names(known.at(1)) == names(known.at(1)) == {"a", "b"}
    assert log.read == [1, 1]


@pytest.mark.parametrize(
    ("ids", "may"), [([1], False), ([5], True), ([7], True), ([9], True), ([10], False), ([1, 10], False)]
)
def test_a_file_may_hold_the_deliveries_in_its_range(ids: list[int], *, may: bool) -> None:
    assert standing((5, 9)).may_hold(ids, months=None) is may
    assert standing(None).may_hold(ids, months=None)


def test_a_file_holds_rows_of_its_own_month_alone() -> None:
    assert standing((5, 9)).may_hold([7], months={"2026-03"})
    assert not standing((5, 9)).may_hold([7], months={"2026-04"})
