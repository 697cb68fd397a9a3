"""A task's deliveries, one after the other, as they become a `Reading`: counted, summed up, laid into files."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from streaming.bucket import Bucket
from streaming.contract import columns as c
from streaming.contract.arrow import AS_CHECKED
from streaming.contract.readings import LaidFile, Parcel, Reading
from streaming.facts import fates_summed, only_facts, only_refused, only_rejects, per_fate
from streaming.laying import Depot, Laying
from streaming.marts import customers_summed, per_customer_month
from streaming.refusals import Refusals

BYTES_IN_MEMORY = 48 * 1024 * 1024
"""Of rows whose delivery may still turn out bad, and of rows that wait to be written together."""


def gather(
    checked: Iterable[pa.RecordBatch], *, apart: Collection[int] | None = None, depot: Depot | None = None
) -> Reading:
    """What the rows of some deliveries come to.

    A delivery that turns out bad half-way leaves nothing but its closing row. What is laid before a task fails
    belongs to no version of the lake, and is deleted as any such file.

    Args:
        checked: `contract.columns.CHECKED`, of one delivery after the other, each with its closing row last.
        apart: deliveries that get a parcel of their own, as they may not count in the end; all of them if None.
        depot: where their rows are laid; only counted if None.

    Raises:
        ServiceAwayError: S3 failed, also when tried again.
    """
    if depot is None:
        return _gathered(checked, apart, None).reading(None)
    with depot.workbench() as folder:
        return _gathered(checked, apart, folder).reading(depot)


def _gathered(checked: Iterable[pa.RecordBatch], apart: Collection[int] | None, folder: Path | None) -> "_Gathering":
    gathering = _Gathering(apart, folder)
    for batch in checked:
        for rows in by_delivery(batch):
            gathering.add(rows)
    return gathering


def by_delivery(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The rows of each delivery, where those of one follow each other."""
    ids = batch.column("delivery_id").to_numpy()
    ends = [*(np.flatnonzero(np.diff(ids)) + 1).tolist(), batch.num_rows] if batch.num_rows else []
    for start, end in zip([0, *ends], ends, strict=False):
        yield batch.slice(start, end - start)


class _Gathering:
    """The deliveries of a task: finished ones in parcels, and the one that is being read."""

    def __init__(self, apart: Collection[int] | None, folder: Path | None) -> None:
        self._apart = apart
        self._folder = folder
        self._closings: list[pa.RecordBatch] = []
        self._common = _Parcel(folder)
        self._finished: list[_Parcel] = []
        self._rows = _Waiting()
        self._alone: _Parcel | None = None

    def add(self, rows: pa.RecordBatch) -> None:
        """Some more rows of a delivery, or its last ones."""
        self._rows.add(rows)
        closing = rows.slice(rows.num_rows - 1)
        if not closing.column("line_number").null_count:
            if self._rows.are_many:  # too many to wait for its end
                self._alone = self._alone or _Parcel(self._folder)
                self._alone.add(self._rows.taken())
        elif closing.column("file_reason").null_count:
            self._finish(closing.column("delivery_id")[0].as_py())
        else:
            self._rows.taken()
            self._alone = None
            self._closings.append(closing)

    def _finish(self, delivery_id: int) -> None:
        is_apart = self._alone is not None or self._apart is None or delivery_id in self._apart
        parcel = self._alone or (_Parcel(self._folder) if is_apart else self._common)
        parcel.add(self._rows.taken())
        if is_apart:
            parcel.finish()
            self._finished.append(parcel)
            self._alone = None

    def reading(self, depot: Depot | None) -> Reading:
        """What all of it came to."""
        self._common.finish()
        parcels = [*self._finished, self._common]
        bad = per_fate(pa.Table.from_batches(self._closings, schema=AS_CHECKED))
        return Reading(
            tallies=pa.concat_tables([bad, *(parcel.tallies for parcel in parcels)]).to_pylist(),
            refusals=[refusal for parcel in parcels for refusal in parcel.refusals.tallies()],
            parcels=[parcel.laid(depot) for parcel in parcels if parcel.deliveries],
        )


class _Waiting:
    """Rows that wait for something, and how many bytes they are."""

    def __init__(self) -> None:
        self._rows: list[pa.RecordBatch] = []
        self._size = 0

    def add(self, rows: pa.RecordBatch) -> None:
        """Some more."""
        self._rows.append(rows)
        self._size += rows.nbytes

    @property
    def are_many(self) -> bool:
        """True when memory should hold no more of them."""
        return self._size > BYTES_IN_MEMORY

    def taken(self) -> list[pa.RecordBatch]:
        """All of them; none are left."""
        rows, self._rows, self._size = self._rows, [], 0
        return rows


class _Parcel:
    """A parcel in the making."""

    def __init__(self, folder: Path | None) -> None:
        self.deliveries: set[int] = set()
        self.tallies = fates_summed(())
        self.refusals = Refusals()
        self._customers = customers_summed(())
        self._rows = _Waiting()
        self._facts, self._rejects = (
            None if folder is None else Laying(folder, partitions=partitions, ranged=ranged)
            for partitions, ranged in ((c.FACTS_PARTITIONS, c.FACTS_RANGED), ((), c.REJECTS_RANGED))
        )

    def add(self, rows: Sequence[pa.RecordBatch]) -> None:
        """Rows of deliveries that are good, or of this parcel's only one."""
        for some in rows:
            self._rows.add(some)
        if self._rows.are_many:
            self.flush()

    def flush(self) -> None:
        """Count what has come, and write it down."""
        rows = self._rows.taken()
        if not rows:
            return
        checked = pa.Table.from_batches(rows)
        facts, refused = only_facts(checked), only_refused(checked)
        for kept in (facts, refused):
            self.deliveries.update(kept.column("delivery_id").unique().to_pylist())
        self.tallies = fates_summed([self.tallies, per_fate(checked)])
        self.refusals.add(refused)
        self._customers = customers_summed([self._customers, per_customer_month(facts)])
        if self._facts and self._rejects:
            self._facts.add(facts)
            self._rejects.add(only_rejects(refused))

    def finish(self) -> None:
        """The last has come: no file stays open."""
        self.flush()
        if self._facts and self._rejects:
            self._facts.close()
            self._rejects.close()

    def laid(self, depot: Depot | None) -> Parcel:
        """The parcel as it is when all has been added."""
        facts: Sequence[LaidFile] = ()
        rejects: Sequence[LaidFile] = ()
        if depot and self._facts and self._rejects:
            put, prefixes = Bucket(depot.storage).put_file, depot.storage.prefixes
            facts = self._facts.lay(put, prefixes.facts)
            rejects = self._rejects.lay(put, prefixes.rejects)
        return Parcel(
            deliveries=frozenset(self.deliveries),
            facts=facts,
            rejects=rejects,
            customers=self._customers,
        )
