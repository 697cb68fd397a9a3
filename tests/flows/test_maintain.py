"""Maintaining the lake while a stream runs: the stream does it, and the flow waits for it and tells."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from streaming.contract.places import CHECKOUT
from tests.flows.conftest import Runner, eventually
from tests.shop import Shop

pytestmark = [pytest.mark.servers, pytest.mark.soak]

SALES = tuple(f"1,1,Rye flour,2026-03-01,1,2.50,{number},{2.5 * number:.2f}" for number in range(1, 5))
PATIENCE_SECONDS = 60


@contextmanager
def a_running_stream() -> Iterator[None]:
    """The door, open until the end."""
    command = [sys.executable, "-m", "streaming", "--environment", "dev", "--trigger", "continuous"]
    door = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        door.send_signal(signal.SIGTERM)
        assert door.wait(timeout=PATIENCE_SECONDS) == 0


def test_a_running_stream_does_what_maintain_asks_for(run: Runner, shop: Shop) -> None:
    shop.limit("files_per_batch = 1", "[maintenance]", "small_files = 2")
    for number, sale in enumerate(SALES):
        shop.put_sales(f"{number}.csv", sale)
    with a_running_stream():
        eventually(
            lambda: len(shop.sql("SELECT 1 FROM batches WHERE committed_at")) == len(SALES), what="all is loaded"
        )
        told = run("flows.maintain", "--dry-run")
        assert "would compact facts of 2026-03, store 1: 4 files" in told.stderr
        done = run("flows.maintain")
        assert done.returncode == 0, done.stderr
        assert "waiting for it" in done.stderr
    outcomes = [str(row["outcome"]) for row in shop.sql("SELECT outcome FROM chores ORDER BY chore_id")]
    assert outcomes[0].startswith("1 places: 4 files,")
    assert [piece["files_after"] for piece in shop.sql("SELECT * FROM chore_pieces ORDER BY chore_id LIMIT 1")] == [1]
    assert len(shop.facts()) == len(SALES)
