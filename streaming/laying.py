"""Facts or rejects of a task as Parquet files: written on the local disk as they come, then put into the lake's folder.

So memory holds a few megabytes of them, however many there are, and nothing is put of a delivery that turns out bad.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from streaming.contract.places import scratch
from streaming.contract.readings import LaidFile
from streaming.contract.sections import Storage
from streaming.contract.settings import Settings

PUTS_AT_ONCE = 4
MOST_OPEN = 200
"""Files in the making at once: a process may not have many more."""
LARGEST_FILE_BYTES = 128 * 1024 * 1024
"""A file that has grown as large is closed, and the next one begun."""

Value = int | date


@dataclass(frozen=True, slots=True, kw_only=True)
class Depot:
    """By which way a task's files get into the lake's folders: the environment's scratch folder, and its bucket."""

    environment: str
    storage: Storage

    @classmethod
    def of(cls, settings: Settings) -> "Depot":
        """With what tasks may know of the settings: nothing of the database."""
        return cls(environment=settings.environment, storage=settings.storage)

    @contextmanager
    def workbench(self) -> Iterator[Path]:
        """A folder of the local disk for one task; what a killed one leaves there, the next writer wipes."""
        folder = scratch(self.environment)
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="files-", dir=folder) as bench:
            yield Path(bench)


@dataclass(slots=True, kw_only=True)
class _Open:
    """A file in the making."""

    path: str
    partition: Mapping[str, str]
    local: Path
    writer: pq.ParquetWriter
    rows: int = 0
    ranges: dict[str, tuple[Value, Value]] = field(default_factory=dict)

    def add(self, rows: pa.Table, *, ranged: Sequence[str]) -> None:
        self.writer.write_table(rows)
        self.rows += rows.num_rows
        for name in ranged:
            ends = pc.min_max(rows.column(name)).as_py()
            low, high = self.ranges.get(name, (ends["min"], ends["max"]))
            self.ranges[name] = min(low, ends["min"]), max(high, ends["max"])

    def laid(self) -> LaidFile:
        return LaidFile(
            path=self.path,
            partition=self.partition,
            rows=self.rows,
            size_bytes=self.local.stat().st_size,
            ranges=self.ranges,
        )


class Laying:
    """Files of one of the lake's tables, in the making."""

    def __init__(self, folder: Path, *, partitions: Sequence[str], ranged: Sequence[str]) -> None:
        """Make them in this folder of the local disk.

        Args:
            folder: where to; it is emptied by whoever made it.
            partitions: the table's partition columns: a folder for each of their values, and not in the files.
            ranged: the columns whose least and greatest value is noted.
        """
        self._folder = folder
        self._partitions = partitions
        self._ranged = ranged
        self._open: dict[str, _Open] = {}
        self._full: list[_Open] = []

    def add(self, rows: pa.Table) -> None:
        """Some more rows, none of them null in a partition or ranged column."""
        for partition, mine in by_partition(rows, self._partitions):
            place = "".join(f"{name}={value}/" for name, value in partition.items())
            file = self._open.get(place) or self._opened(place, partition, mine.schema)
            file.add(mine, ranged=self._ranged)
            if file.local.stat().st_size > LARGEST_FILE_BYTES:
                self._close(place)

    def close(self) -> None:
        """Nothing more is added for now: what would be, begins new files."""
        for place in list(self._open):
            self._close(place)

    def lay(self, put: Callable[[str, Path], None], prefix: str) -> list[LaidFile]:
        """Put all files below the table's prefix, several at once; `put` is given a key and a file."""
        self.close()
        with ThreadPoolExecutor(PUTS_AT_ONCE, thread_name_prefix="put") as beside:
            list(beside.map(lambda file: put(f"{prefix}{file.path}", file.local), self._full))
        return [file.laid() for file in self._full]

    def _opened(self, place: str, partition: Mapping[str, str], schema: pa.Schema) -> _Open:
        if len(self._open) >= MOST_OPEN:
            self._close(next(iter(self._open)))
        name = f"part-{uuid4()}.snappy.parquet"
        local = self._folder / name
        writer = pq.ParquetWriter(local, schema, store_decimal_as_integer=True)
        self._open[place] = _Open(path=f"{place}{name}", partition=partition, local=local, writer=writer)
        return self._open[place]

    def _close(self, place: str) -> None:
        file = self._open.pop(place)
        file.writer.close()
        self._full.append(file)


def by_partition(rows: pa.Table, partitions: Sequence[str]) -> Iterator[tuple[Mapping[str, str], pa.Table]]:
    """The rows of each partition, without its columns, in the order in which they came."""
    if not rows.num_rows:
        return
    if not partitions:
        yield {}, rows
        return
    order = pc.sort_indices(rows, sort_keys=[(name, "ascending") for name in partitions])
    ordered = rows.take(order).combine_chunks()
    kept = ordered.drop_columns(list(partitions))
    keys = [ordered.column(name).combine_chunks().dictionary_encode().indices.to_numpy() for name in partitions]
    is_new = np.logical_or.reduce([np.diff(key) != 0 for key in keys])
    ends = [*(np.flatnonzero(is_new) + 1).tolist(), ordered.num_rows]
    for start, end in zip([0, *ends], ends, strict=False):
        yield {name: str(ordered.column(name)[start]) for name in partitions}, kept.slice(start, end - start)
