"""No room on the disk that holds the checkpoint and Spark's scratch files."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.contract.places import scratch
from tests.processes.doors import run_door
from tests.shop import Shop

SALE = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"


@contextmanager
def tiny_disk(place: Path, size: str) -> Iterator[None]:
    """A file system of this size at this folder."""
    place.mkdir(parents=True, exist_ok=True)
    mounting = ["/bin/mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    mounted = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"mounting a small disk needs root: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(place)], check=True)


def test_a_lake_that_someone_died_making_is_made_after_all(shop: Shop, spark: SparkSession) -> None:
    for prefix in (shop.settings.storage.prefixes.facts, shop.settings.storage.prefixes.rejects):
        shop.bucket.put(f"{prefix}_delta_log/", b"")
    shop.put_sales("one.csv", SALE, SALE.replace("Rye", "Raw"))
    shop.ingest(spark)
    assert (len(shop.facts()), len(shop.rejects())) == (1, 1)
    assert shop.lake_table(shop.settings.storage.prefixes.facts).metadata().partition_columns == [
        "sales_month",
        "store_id",
    ]


@pytest.mark.soak
@pytest.mark.parametrize("size", ["16k", "128k"], ids=["no room for the checkpoint", "no room for the rows"])
def test_a_full_disk_ends_the_run_with_a_word_on_it_and_room_completes_it(
    shop: Shop, tmp_path: Path, size: str
) -> None:
    for number in range(30):
        shop.put_sales(f"{number}.csv", *[SALE] * (number + 1))
    with tiny_disk(scratch("dev").parent, size):
        code, door = run_door(tmp_path / "door")
    assert (code, "no space left on the disk that holds" in door.last_line) == (69, True), door.log
    assert {row["status"] for row in shop.deliveries()} <= {"waiting"}
    assert shop.customer_mart() == []
    code, door = run_door(tmp_path / "again")
    assert code == 0, door.log
    assert [row["status"] for row in shop.deliveries()] == ["processed"] * 30
    assert len(shop.facts()) == sum(range(31))
    assert sum(int(str(row["purchases"])) for row in shop.customer_mart()) == sum(range(31))
