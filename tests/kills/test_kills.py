"""Whatever dies wherever, the end is as if nobody had died: nothing lost, nothing counted twice, no object twice."""

import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from streaming.contract.faults import POINTS, Killed
from tasks.archive import archive
from tests.kills.day import Days
from tests.kills.weapon import CLEAN_UP, DOOR, arm, disarm, run_to_death
from tests.shop import open_shop

TELLING = ("archive.copied",)
"""Died of in every run of the tests; the others in `make soak`."""


@pytest.fixture(scope="module")
def days(servers: Path) -> Iterator[Days]:
    """One shop for all the deaths: each begins where the last one ended."""
    with open_shop(servers) as shop:
        yield Days(shop)


@pytest.mark.parametrize(
    "point", [point if point in TELLING else pytest.param(point, marks=pytest.mark.soak) for point in POINTS]
)
def test_a_process_killed_there_loses_nothing_and_counts_nothing_twice(
    days: Days, spark: SparkSession, point: str
) -> None:
    days.next_day()
    _prepare(days, spark, point)
    arm(point, "kill")
    code, told = run_to_death(*_victim(point))
    assert (code, disarm()) == (-signal.SIGKILL, True), told
    days.shop.ingest(spark)
    archive(days.shop.settings)
    assert days.wrongs() == []


def _prepare(days: Days, spark: SparkSession, point: str) -> None:
    """What must have happened before anybody can pass the point."""
    room = point.split(".", maxsplit=1)[0]
    if room == "recovery":
        arm("commit.before", "raise")
        with pytest.raises(Killed):
            days.shop.ingest(spark)
        assert disarm()
    files = (
        1 if point == "spark.committed" else 1_000
    )  # Spark tells the source of a batch's end when it begins the next
    days.shop.limit(f"files_per_batch = {files}")
    if room in {"archive", "requests"}:
        days.shop.ingest(spark)


def _victim(point: str) -> Sequence[str]:
    """The process that dies there."""
    match point.split(".", maxsplit=1)[0]:
        case "archive":
            return CLEAN_UP
        case "requests":
            return "-c", ENTERING
        case _:
            return DOOR


ENTERING = """
from streaming.contract.settings import read_settings
from streaming.warehouse.attempts import enter_withdrawals
from streaming.warehouse.connection import connected
with connected(read_settings("dev").warehouse) as database:
    enter_withdrawals(database, [1, 2, 3])
"""
