"""More than one at once: of the writers one works, and what two discover at once is discovered once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from streaming.contract.deliveries import Arrival
from streaming.contract.places import scratch
from streaming.warehouse.connection import connected
from streaming.warehouse.ledger import record_arrivals
from streaming.warehouse.writer import only_writer
from tasks.temporary import delete_scratch
from tests.processes.doors import open_door
from tests.shop import Shop

SALE = "1,1,Rye flour,2026-03-14,1,2.50,4,10.00"
DOORS = 5
ARRIVALS = 300


@pytest.mark.soak
def test_of_five_doors_opened_at_once_one_loads_everything_once_and_four_are_busy(shop: Shop, tmp_path: Path) -> None:
    for number in range(3):
        shop.put_sales(f"{number}.csv", SALE.replace("03-14", f"03-1{number}"))
    with ExitStack() as stack:
        doors = [stack.enter_context(open_door(tmp_path / str(number))) for number in range(DOORS)]
        codes = [door.wait() for door in doors]
    assert sorted(codes) == [0, 75, 75, 75, 75]
    busy = [door for door, code in zip(doors, codes, strict=True) if code]
    assert all("error: dev is busy: " in door.last_line and "Spark" not in door.log for door in busy)
    assert [row["status"] for row in shop.deliveries()] == ["processed"] * 3
    assert [row["delivery_id"] for row in shop.facts()] == [1, 2, 3]
    assert sum(int(str(row["purchases"])) for row in shop.customer_mart()) == 3


def test_two_who_look_at_landing_at_once_enter_each_arrival_once(shop: Shop) -> None:
    arrivals = [
        Arrival(object_key=f"landing/{number}.csv", etag="e", size_bytes=1, last_modified=datetime.now(UTC))
        for number in range(ARRIVALS)
    ]
    ready = Barrier(2)

    def enter() -> int:
        with connected(shop.settings.warehouse) as database:
            ready.wait()
            return record_arrivals(database, arrivals)

    with ThreadPoolExecutor(2) as pool:
        entered = [look.result() for look in [pool.submit(enter), pool.submit(enter)]]
    assert sorted(entered) == [0, ARRIVALS]
    assert len({row["object_key"] for row in shop.deliveries()}) == len(shop.deliveries()) == ARRIVALS


def test_scratch_files_go_when_nobody_writes_and_stay_while_somebody_does(shop: Shop) -> None:
    place = scratch("dev")
    left = place / "checkpoint-1" / "offsets"
    left.mkdir(parents=True, exist_ok=True)
    with only_writer(shop.settings):
        assert delete_scratch.fn("dev") == 0
        assert left.is_dir()
    assert delete_scratch.fn("dev") >= 1
    assert not left.exists()
    assert [each.name for each in place.parent.iterdir() if each.name.startswith("dev")] == []
