"""Readers that die: killed by someone, by too little memory, or by the file that they read."""

import os
import signal
from collections import Counter
from pathlib import Path

import psutil
import pytest

from streaming.contract.places import CHECKOUT
from tests.faults.s3_proxy import s3_proxy
from tests.processes.doors import Door, open_door, overrule, run_door, until
from tests.shop import HEADER, Shop

SALE = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
CRASHING = Path(__file__).parent / "crashing"
GOOD_FILES = 100
ROW_BYTES = 60_000_000


@pytest.mark.soak
def test_a_run_goes_on_when_a_python_worker_is_killed_while_it_reads(shop: Shop, tmp_path: Path) -> None:
    shop.put_sales("one.csv", SALE)
    endpoint = shop.settings.storage.endpoint or ""
    with s3_proxy(endpoint) as (proxy, faults):
        overrule(shop, "[storage]", f'endpoint = "{proxy}"')
        with open_door(tmp_path / "door") as door:
            killed: list[int] = []
            faults.before(lambda r: r.key.endswith("one.csv"), lambda: killed.extend(_kill_workers(door)))
            assert (door.wait(), bool(killed)) == (0, True), door.log
    assert "reading one of 1 files ended the reader" in door.log
    assert [(row["status"], row["crashes"]) for row in shop.deliveries()] == [("processed", 1)]
    assert [row["delivery_id"] for row in shop.facts()] == [1]


@pytest.mark.soak
def test_a_file_that_kills_its_reader_is_quarantined_and_all_others_load(shop: Shop, tmp_path: Path) -> None:
    shop.limit("files_per_batch = 320")  # a first crash makes that 10
    for number in range(GOOD_FILES // 2):
        shop.put_sales(f"a-{number:02}.csv", SALE.replace("4,10.00", f"{1 + number},{2.5 * (1 + number):.2f}"))
    shop.put_sales("poison.csv", SALE.replace("1,1,Rye", "2,1,Rye"))
    for number in range(GOOD_FILES // 2):
        shop.put_sales(f"z-{number:02}.csv", SALE.replace("4,10.00", f"{51 + number},{2.5 * (51 + number):.2f}"))
    path = os.pathsep.join((str(CRASHING), str(CHECKOUT)))
    code, door = run_door(tmp_path / "door", variables={"PYTHONPATH": path})
    assert code == 0, door.log
    assert Counter(row["status"] for row in shop.deliveries()) == {"processed": GOOD_FILES, "quarantined": 1}
    (poison,) = (row for row in shop.deliveries() if row["status"] == "quarantined")
    assert (poison["object_key"], poison["reason"], poison["crashes"]) == ("poison.csv", "crashes_reader", 3)
    assert door.log.count("ended the reader; it is tried again") == 3
    assert len(shop.facts()) == len({row["delivery_id"] for row in shop.facts()}) == GOOD_FILES
    assert sum(int(str(row["purchases"])) for row in shop.customer_mart()) == GOOD_FILES


@pytest.mark.soak
@pytest.mark.parametrize(
    ("memory", "code", "told"),
    [("200m", 78, "stream.driver_memory"), ("560m", 69, "ended Spark's JVM (stream.driver_memory = 560m)")],
    ids=["too little for Spark", "too little for the batch"],
)
def test_too_little_memory_ends_the_run_with_a_word_on_it_and_more_completes_it(
    shop: Shop, tmp_path: Path, *, memory: str, code: int, told: str
) -> None:
    shop.put("long.csv", f"{HEADER},note\n{SALE},{'x' * ROW_BYTES}\n")
    overrule(shop, "[stream]", f'driver_memory = "{memory}"', "[limits]", f"bytes_per_row = {2 * ROW_BYTES}")
    ended, door = run_door(tmp_path / "door")
    assert (ended, told in door.last_line) == (code, True), door.log
    assert all(row["status"] == "waiting" for row in shop.deliveries())
    text = (shop.overlay / "dev.toml").read_text(encoding="utf-8")
    (shop.overlay / "dev.toml").write_text(text.replace(f'"{memory}"', '"2g"'), encoding="utf-8")
    ended, door = run_door(tmp_path / "again")
    assert ended == 0, door.log
    assert [row["status"] for row in shop.deliveries()] == ["processed"]
    assert len(shop.facts()) == 1


def _kill_workers(door: Door) -> list[int]:
    """Kill the workers that read, not the daemon that starts them or the planner of the source."""
    until(lambda: _daemons(door))
    workers = [worker for daemon in _daemons(door) for worker in daemon.children()]
    for worker in workers:
        worker.send_signal(signal.SIGKILL)
    return [worker.pid for worker in workers]


def _daemons(door: Door) -> list[psutil.Process]:
    return [worker for worker in door.workers() if "streaming.landing.daemon" in worker.cmdline() and worker.children()]
