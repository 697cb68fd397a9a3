"""The checkpoint is a convenience: whatever happens to it, the ledger knows what is loaded."""

import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from streaming.callback import BatchReport
from streaming.contract.deliveries import Selection
from streaming.contract.errors import TillstreamError
from streaming.contract.places import scratch
from streaming.lake import Lake
from streaming.stream import flow_through
from streaming.warehouse.writer import only_writer
from streaming.world import World
from tests.shop import Shop

A = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
B = "2,1,Rye flour,2026-03-15,2,2.50,2,5.00"
C = "1,2,Green tea,2026-04-01,3,3.00,1,3.00"
FILES = {"one.csv": A, "two.csv": B, "three.csv": C}


class Yesterday:
    """The checkpoint as it was after the first batch, put back after the second."""

    def __init__(self, place: Path) -> None:
        self._copy = place / "yesterday"

    def __call__(self, checkpoint: Path) -> None:
        """Keep a copy, then put it back."""
        if self._copy.exists():
            shutil.rmtree(checkpoint)
            shutil.copytree(self._copy, checkpoint)
        else:
            shutil.copytree(checkpoint, self._copy)


def delete(checkpoint: Path) -> None:
    shutil.rmtree(checkpoint)


def truncate(checkpoint: Path) -> None:
    for file in checkpoint.rglob("*"):
        if file.is_file():
            file.write_bytes(b"")


def scribble(checkpoint: Path) -> None:
    for file in checkpoint.rglob("*"):
        if file.is_file():
            file.write_bytes(b"v1\n{\n\x00rubbish")


@pytest.mark.parametrize(
    "name", ["delete", *(pytest.param(name, marks=pytest.mark.soak) for name in ("truncate", "scribble")), "yesterday"]
)
def test_nothing_is_lost_or_counted_twice_when_the_checkpoint_is_harmed(
    shop: Shop, spark: SparkSession, tmp_path: Path, name: str
) -> None:
    harms: dict[str, Callable[[Path], None]] = {
        "delete": delete,
        "truncate": truncate,
        "scribble": scribble,
        "yesterday": Yesterday(tmp_path),
    }
    shop.limit("files_per_batch = 1")
    for file, sale in FILES.items():
        shop.put_sales(file, sale)
    harmed = ingest_while(shop, spark, harms[name])
    assert harmed, "no checkpoint was harmed"
    shop.ingest(spark)
    must_be_loaded_once(shop)


def test_what_earlier_runs_left_in_the_scratch_folder_is_of_no_account(shop: Shop, spark: SparkSession) -> None:
    left = scratch("dev") / "checkpoint-of-yesterday" / "offsets"
    left.mkdir(parents=True)
    (left / "0").write_text('v1\n{"batchWatermarkMs":0}\n{"delivery_id": 99}')
    (scratch("dev") / "reading.json").write_text("[1, 2, 99")
    for file, sale in FILES.items():
        shop.put_sales(file, sale)
    shop.ingest(spark)
    must_be_loaded_once(shop)


def ingest_while(shop: Shop, spark: SparkSession, harm: Callable[[Path], None]) -> list[Path]:
    """Ingest, with the checkpoint harmed after each batch, before Spark notes it there; a failed run is allowed."""
    harmed: list[Path] = []

    def harm_all(_report: BatchReport) -> None:
        for checkpoint in scratch("dev").glob("checkpoint-*"):
            harm(checkpoint)
            harmed.append(checkpoint)

    with only_writer(shop.settings) as writer, suppress(TillstreamError, PySparkException):
        world = World(spark=spark, settings=shop.settings, writer=writer, lake=Lake(spark, shop.settings.storage))
        stop = threading.Event()
        flow_through(world, Selection(), trigger="available-now", stop=stop, announce=harm_all)
    return harmed


def must_be_loaded_once(shop: Shop) -> None:
    assert [row["status"] for row in shop.deliveries()] == ["processed"] * 3
    assert sorted(str(row["total_cost"]) for row in shop.facts()) == ["10.00", "3.00", "5.00"]
    assert sorted(int(str(row["delivery_id"])) for row in shop.facts()) == [1, 2, 3]
    assert sorted(str(row["total_purchases"]) for row in shop.customer_mart()) == ["10.00", "3.00", "5.00"]
