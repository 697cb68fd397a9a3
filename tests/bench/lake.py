"""What the lake gives its readers: its size beside the CSV files, and how long a whole read and a month take.

The same library reads both, pyarrow through delta-rs or as CSV, from the same S3 server: what differs is the files.
"""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from pyarrow.dataset import dataset
from pyarrow.fs import S3FileSystem

from streaming.contract.chores import ChoreKind
from streaming.warehouse.chores import open_chores, request_chore
from streaming.warehouse.connection import connected
from tests.bench.stage import Stage
from tests.bench.stream import RunningStream
from tests.lake_tables import lake_table

RUNS = 5
LOOK_SECONDS = 0.5
MEGABYTE = 1024 * 1024
MONTH = "2026-02"
NEEDED = ("customer_id", "sales_date", "total_cost")
Figures = dict[str, float]


def for_readers(
    stage: Stage, stream: RunningStream, days: Mapping[str, Mapping[str, bytes]], *, say: Callable[[str], None]
) -> dict[str, Figures]:
    """Size and seconds for the CSV files, the lake as a stream leaves it, and the lake after `maintain`.

    Args:
        stage: where.
        stream: runs there.
        days: the files that come on each day, by name; a day's are loaded before those of the next one come.
        say: where to tell how far it is.
    """
    say(f"{len(days)} days of {len(next(iter(days.values())))} files")
    for files in days.values():
        for name, body in files.items():
            stage.drop(name, body)
        stream.batches_of(len(files))
    csv = {
        "size, MB": sum(each.size_bytes for each in stage.bucket.listing(_landing(stage))) / MEGABYTE,
        "files": sum(map(len, days.values())),
        **_timed("whole read", lambda: _of_csv(stage), say),
        **_timed("one month", lambda: pc.sum(_month_of(_of_csv(stage))["total_cost"]), say),
    }
    fragmented = _of_lake(stage, say)
    _compact(stage, say)
    return {"CSV files": csv, "lake, as it comes": fragmented, "lake, maintained": _of_lake(stage, say)}


def _of_lake(stage: Stage, say: Callable[[str], None]) -> Figures:
    files = _table(stage).get_add_actions(flatten=True)
    rows = pa.table(files).to_pylist()
    places = Counter((row["partition.sales_month"], row["partition.store_id"]) for row in rows)
    month = [("sales_month", "=", MONTH)]
    return {
        "size, MB": sum(row["size_bytes"] for row in rows) / MEGABYTE,
        "files": len(rows),
        "files of one partition, most": max(places.values()),
        **_timed("whole read", lambda: _table(stage).to_pyarrow_table(columns=list(NEEDED)), say),
        **_timed("one month", lambda: _table(stage).to_pyarrow_table(month, columns=list(NEEDED)), say),
    }


def _timed(what: str, read: Callable[[], object], say: Callable[[str], None]) -> Figures:
    say(what)
    seconds = []
    for _ in range(RUNS):
        began = time.monotonic()
        read()
        seconds.append(time.monotonic() - began)
    return {f"{what}, seconds, min": min(seconds), f"{what}, seconds, median": statistics.median(seconds)}


def _of_csv(stage: Stage) -> pa.Table:
    storage = stage.settings.storage
    if storage.access_key is None or storage.secret_key is None:
        raise ValueError("the embedded S3 server asks for keys")
    server = S3FileSystem(
        access_key=storage.access_key.get_secret_value(),
        secret_key=storage.secret_key.get_secret_value(),
        endpoint_override=storage.endpoint,
        region=storage.region,
    )
    sales = dataset(f"{storage.bucket}/{_landing(stage)}", filesystem=server, format="csv")
    return sales.to_table(columns=list(NEEDED))


def _month_of(sales: pa.Table) -> pa.Table:
    return sales.filter(pc.equal(pc.strftime(sales["sales_date"], "%Y-%m"), MONTH))


def _table(stage: Stage) -> DeltaTable:
    return lake_table(stage.settings.storage, stage.settings.storage.prefixes.facts)


def _landing(stage: Stage) -> str:
    return stage.settings.storage.prefixes.landing


def _compact(stage: Stage, say: Callable[[str], None]) -> None:
    """As `maintain` asks for it: the running stream does it between two batches."""
    say("maintain")
    with connected(stage.settings.warehouse) as database:
        request_chore(database, ChoreKind.COMPACT)
        database.commit()
    while _has_chores(stage):
        time.sleep(LOOK_SECONDS)


def _has_chores(stage: Stage) -> bool:
    with connected(stage.settings.warehouse) as database:
        return bool(open_chores(database))
