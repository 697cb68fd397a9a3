"""Rows of some deliveries taken out of files: what is left of each is laid anew, what is gone is summed up."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import SparkSession

from streaming.bucket import Bucket, GoneError
from streaming.contract import columns as c
from streaming.contract.arrow import arrow_schema
from streaming.contract.errors import ContractError
from streaming.contract.readings import LaidFile, StandingFile
from streaming.errands import done, scattered
from streaming.laying import Depot, Laying
from streaming.marts import (
    TeamChange,
    customers_summed,
    per_customer_month,
    per_sales_person_month,
    taken_away,
    team_summed,
)

ROWS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriting:
    """A file from which rows are to be taken.

    of_facts: whether it holds facts, or rejects.
    """

    file: StandingFile
    of_facts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What rows that are taken out change in the marts: nothing where they are rejects.

    `customers` as `contract.columns.CUSTOMER_CHANGES`, `team` as `contract.columns.TEAM_CHANGES`.
    """

    customers: pa.Table = field(default_factory=lambda: customers_summed(()))
    team: Sequence[TeamChange] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A file that held such rows, and what became of it.

    laid: what is left of it, and what goes on under other deliveries; nothing where files are only looked at.
    gone: what this changes in the marts.
    """

    was: Rewriting
    laid: Sequence[LaidFile]
    gone: Gone


def rewritten(
    spark: SparkSession,
    files: Sequence[Rewriting],
    *,
    without: Collection[int],
    heirs: Mapping[int, int],
    depot: Depot,
    lay: bool = True,
) -> list[Rewritten]:
    """Those of some files that hold rows of some deliveries, rewritten by Spark's tasks.

    Args:
        spark: whose tasks do it.
        files: where such rows may be.
        without: the deliveries whose rows are taken out.
        heirs: those of them whose rows go on under another delivery: old id to new.
        depot: where to lay what is left.
        lay: False where one only wants to know.
    """

    def work(each: Rewriting) -> Rewritten | None:
        return rewrite(each, without=without, heirs=heirs, depot=depot, lay=lay)

    return [each for each in done(scattered(spark, files), work) if each is not None] if files else []


def rewrite(
    this: Rewriting, *, without: Collection[int], heirs: Mapping[int, int], depot: Depot, lay: bool
) -> Rewritten | None:
    """In a task: the same for one file; None where it holds no such row.

    Raises:
        ContractError: the lake's log names the file, and it is not there.
        ServiceAwayError: S3 failed, also when tried again.
    """
    prefixes, bucket = depot.storage.prefixes, Bucket(depot.storage)
    prefix = prefixes.facts if this.of_facts else prefixes.rejects
    with depot.workbench() as folder:
        local = folder / "standing.parquet"
        key = prefix + unquote(this.file.log_path)
        try:
            bucket.fetch(key, local)
        except GoneError as error:
            raise ContractError(f"{key} is a file of the lake, and it is not there: run reconcile") from error
        partitions, ranged = (c.FACTS_PARTITIONS, c.FACTS_RANGED) if this.of_facts else ((), c.REJECTS_RANGED)
        laying = Laying(folder, partitions=partitions, ranged=ranged)
        gone = list(_taken_out(_rows(local, this), laying, without=without, heirs=heirs))
        if not gone:
            return None
        return Rewritten(
            was=this,
            laid=laying.lay(bucket.put_file, prefix) if lay else [],
            gone=Gone(
                customers=customers_summed(each.customers for each in gone),
                team=team_summed(row for each in gone for row in each.team),
            ),
        )


def _taken_out(
    tables: Iterable[pa.Table], laying: Laying, *, without: Collection[int], heirs: Mapping[int, int]
) -> Iterator["Gone"]:
    """What goes away with each of the tables that has such rows; all others are laid."""
    ids = pa.array(sorted(without), pa.int64())
    for rows in tables:
        is_gone = pc.is_in(rows.column("delivery_id"), value_set=ids)
        laying.add(rows.filter(pc.invert(is_gone)))
        gone = rows.filter(is_gone)
        if gone.num_rows:
            inherited = under_heirs(gone, heirs)
            laying.add(inherited)
            yield _sums(gone, inherited) if c.CUSTOMER_ID in rows.column_names else Gone()


def under_heirs(rows: pa.Table, heirs: Mapping[int, int]) -> pa.Table:
    """The facts or rejects that go on, as rows of the deliveries that inherit them: old delivery id to new."""
    old, new = (pa.array(ids, pa.int64()) for ids in (list(heirs), list(heirs.values())))
    heir = new.take(pc.index_in(rows.column("delivery_id").combine_chunks(), value_set=old))
    at = rows.schema.get_field_index("delivery_id")
    return rows.set_column(at, "delivery_id", heir).filter(heir.is_valid())


def _sums(gone: pa.Table, inherited: pa.Table) -> "Gone":
    """What facts that are gone, and those of them that go on, change in both marts."""
    customers = customers_summed([taken_away(per_customer_month(gone)), per_customer_month(inherited)])
    team = (taken_away(per_sales_person_month(gone)), per_sales_person_month(inherited))
    return Gone(customers=customers, team=team_summed(row for table in team for row in table.to_pylist()))


def _rows(local: Path, this: Rewriting) -> Iterator[pa.Table]:
    """The rows with all columns that the table has by now, also those of its partition."""
    columns = c.FACTS if this.of_facts else c.REJECTS
    schema = arrow_schema(columns)
    with pq.ParquetFile(local) as file:
        for batch in file.iter_batches(ROWS_AT_ONCE):
            told = {name: batch.column(name) for name in batch.schema.names}
            told |= {name: pa.repeat(value, batch.num_rows) for name, value in this.file.partition.items()}
            absent = pa.nulls(batch.num_rows)
            yield pa.table([told.get(field.name, absent).cast(field.type) for field in schema], schema=schema)
