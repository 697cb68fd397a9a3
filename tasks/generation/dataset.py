"""A plan's files on disk, in two waves beside a manifest; made once, then found again."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from streaming.contract.errors import ContractError
from streaming.contract.places import home
from tasks.generation.files import GeneratedFile, files_of
from tasks.generation.plan import SalesPlan

MANIFEST = "manifest.json"
Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is to do (rows or files)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFile:
    """One line of the manifest; `key` is below landing, `md5` is the ETag that S3 will show."""

    wave: int
    key: str
    kind: str
    md5: str
    size: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A plan's files on disk."""

    folder: Path
    files: tuple[DatasetFile, ...]

    def wave(self, number: int) -> list[DatasetFile]:
        """The files that arrive together."""
        return [file for file in self.files if file.wave == number]

    def path(self, file: DatasetFile) -> Path:
        """Where a file's bytes lie."""
        return _path(self.folder, file.wave, file.key)


def generated(plan: SalesPlan, *, progress: Progress | None = None) -> Dataset:
    """The plan's files below `home()/generated`, made now unless they are there; progress counts rows."""
    folder = home() / "generated" / plan.name
    if not (folder / MANIFEST).is_file():
        _make(plan, folder, progress or _in_silence)
    return Dataset(folder=folder, files=_manifest(folder))


def _make(plan: SalesPlan, folder: Path, progress: Progress) -> None:
    """Write beside the folder, then rename: a folder that died half-way is never taken for a whole one."""
    unfinished = folder.with_name(f".{folder.name}-{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    lines = list(_written(plan, unfinished, progress))
    manifest = json.dumps([asdict(line) for line in lines], indent=1)
    (unfinished / MANIFEST).write_text(manifest, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)


def _written(plan: SalesPlan, folder: Path, progress: Progress) -> Iterator[DatasetFile]:
    done = 0
    for file in files_of(plan):
        path = _path(folder, file.wave, file.key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.body)
        done += file.rows
        progress(min(done, plan.rows), plan.rows)
        yield _line(file)


def _line(file: GeneratedFile) -> DatasetFile:
    md5 = hashlib.md5(file.body, usedforsecurity=False).hexdigest()
    return DatasetFile(wave=file.wave, key=file.key, kind=file.kind, md5=md5, size=len(file.body), rows=file.rows)


def _manifest(folder: Path) -> tuple[DatasetFile, ...]:
    file = folder / MANIFEST
    try:
        return tuple(DatasetFile(**line) for line in json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise ContractError(f"{file} is damaged: delete {folder}, it will be generated again") from None


def _path(folder: Path, wave: int, key: str) -> Path:
    return folder / f"wave-{wave}" / key


def _in_silence(_done: int, _all: int) -> None:
    """Nobody watches."""
