"""Generated files on disk: made once, found again, delivered once."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from streaming.contract.errors import ContractError
from streaming.contract.places import HOME_VARIABLE
from tasks.generation.dataset import MANIFEST, Dataset, DatasetFile, generated
from tasks.generation.delivering import to_deliver
from tasks.generation.plan import SalesPlan

PLAN = SalesPlan(
    today=date(2026, 11, 24), rows=1_500, files=3, customers=50, stores=3, products=20, people_per_store=2,
    bytes_per_file=1_000_000,
)  # fmt: skip


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    return generated(PLAN)


def test_the_manifest_tells_of_the_bytes_on_disk(dataset: Dataset) -> None:
    assert {file.wave for file in dataset.files} == {1, 2}
    for file in dataset.files:
        body = dataset.path(file).read_bytes()
        assert (hashlib.md5(body, usedforsecurity=False).hexdigest(), len(body)) == (file.md5, file.size)
    on_disk = {path for path in dataset.folder.rglob("*") if path.is_file() and path.name != MANIFEST}
    assert on_disk == {dataset.path(file) for file in dataset.files}


def test_a_second_run_finds_what_the_first_one_made(dataset: Dataset) -> None:
    made = dataset.path(dataset.files[0]).stat().st_mtime_ns
    assert generated(PLAN, progress=_fail) == dataset
    assert dataset.path(dataset.files[0]).stat().st_mtime_ns == made


def test_a_run_that_died_half_way_is_made_again(dataset: Dataset) -> None:
    (dataset.folder / MANIFEST).unlink()
    dataset.path(dataset.files[0]).unlink()
    assert generated(PLAN) == dataset
    assert dataset.path(dataset.files[0]).is_file()


def test_a_damaged_manifest_is_named(dataset: Dataset) -> None:
    (dataset.folder / MANIFEST).write_text("[{]", encoding="utf-8")
    with pytest.raises(ContractError, match=r"manifest\.json is damaged: delete"):
        generated(PLAN)


def test_progress_counts_rows_up_to_the_planned_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    seen: list[tuple[int, int]] = []
    generated(PLAN, progress=lambda done, rows: seen.append((done, rows)))
    assert seen == sorted(seen)
    assert seen[-1] == (PLAN.rows, PLAN.rows)


def test_the_correction_comes_later_under_the_key_it_corrects(dataset: Dataset) -> None:
    (correction,) = (file for file in dataset.wave(2) if file.kind == "correction")
    (corrected,) = (file for file in dataset.wave(1) if file.key == correction.key)
    assert corrected.md5 != correction.md5


def test_only_bytes_that_never_arrived_under_their_key_are_delivered() -> None:
    old, changed, fresh = (_file(key, md5) for key, md5 in (("a.csv", "1"), ("b.csv", "2"), ("c.csv", "1")))
    known = {("landing/a.csv", "1", 5), ("landing/b.csv", "1", 5), ("landing/b.csv", "2", 6)}
    assert to_deliver([old, changed, fresh], known, prefix="landing/") == [changed, fresh]


def _file(key: str, md5: str) -> DatasetFile:
    return DatasetFile(wave=1, key=key, kind="sales", md5=md5, size=5, rows=1)


def _fail(_done: int, _rows: int) -> None:
    pytest.fail("the data set was made twice")
