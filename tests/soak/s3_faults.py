"""Load, correct and archive files over an S3 that stutters, at each rate and with each seed; then count everything.

    python -m tests.soak.s3_faults --seeds 3

It has servers and a home of its own. One line a run says what came, what went wrong of it, and how often it was given
up; the exit code is 1 where anything was counted by half, twice or not at all.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pyspark.sql import SparkSession

from streaming.contract.errors import ServiceAwayError
from streaming.contract.settings import read_settings
from streaming.session import spark_session
from tasks.archive import archive
from tests.bench.stage import own_servers
from tests.faults.load import Load
from tests.faults.s3_faults import PASSING, Fault, Kind, Where
from tests.faults.worlds import S3World, behind_s3_proxy, spark_behind_s3_proxy
from tests.shop import open_shop

RATES = (0.05, 0.2, 0.5)
KINDS = (*PASSING, Kind.LOST_REPLY)
FILES, CORRECTED = 20, 5
TRIES_UNDER_FAULTS = 3
LONGEST_SILENCE_SECONDS = 120
SILENCES: Mapping[str, Where] = {
    "every request": lambda _request: True,
    "a write to the lake": lambda request: request.method == "PUT" and "/processed/" in request.key,
    "a read of the lake": lambda request: request.method == "GET" and "/_delta_log/" in request.key,
    "a read of landing": lambda request: request.method == "GET" and "/landing/" in request.key,
}


@dataclass(slots=True)
class Run:
    """One load and its corrections, and what became of the attempts at it."""

    world: S3World
    spark: SparkSession
    ends: Counter[str] = field(default_factory=Counter)

    def go(self, load: Load) -> None:
        """Load, correct, archive, each as often as it takes, the last time without faults."""
        load.put(range(FILES), quantity=1)
        self._insist("load", lambda: self.world.shop.ingest(self.spark), load)
        load.put(range(CORRECTED), quantity=100)
        self._insist("correction", lambda: self.world.shop.ingest(self.spark), load)
        load.must_be_complete()
        self._insist("archive", self._archive, load)
        assert list(load.shop.bucket.listing(load.shop.settings.storage.prefixes.landing)) == []
        assert len(list(load.shop.bucket.listing(load.shop.settings.storage.prefixes.archive))) == FILES

    def _insist(self, name: str, work: Callable[[], object], load: Load) -> None:
        for _ in range(TRIES_UNDER_FAULTS):
            try:
                work()
            except ServiceAwayError:
                self.ends[f"{name} given up"] += 1
                in_mart, in_ledger = load.is_counted()
                assert in_mart == in_ledger
            else:
                self.ends[f"{name} done"] += 1
                return
        with self.world.faults.paused():
            work()
        self.ends[f"{name} done without faults"] += 1

    def _archive(self) -> None:
        if failures := archive(self.world.shop.settings).failures:
            raise ServiceAwayError(failures[0])


def main() -> int:
    """Run it; 0 when all was right."""
    door = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    door.add_argument("--seeds", type=int, default=3, help="runs at each rate")
    seeds = door.parse_args().seeds
    with own_servers("tillstream-s3-faults-") as home, spark_session(read_settings("dev")) as spark:
        wrong = [
            f"{rate:.0%}, seed {seed}"
            for rate in RATES
            for seed in range(seeds)
            if not is_right(rate, seed, spark=spark, home=home)
        ]
        wrong += [what for what in SILENCES if not is_given_up_soon(what, spark=spark, home=home)]
    tell(f"wrong: {', '.join(wrong)}" if wrong else f"{len(RATES) * seeds} runs, all complete and right")
    return int(bool(wrong))


def is_given_up_soon(what: str, *, spark: SparkSession, home: Path) -> bool:
    """One load in which S3 stops to answer such requests; True when it fails within two minutes and is made up for."""
    with open_shop(home) as shop, behind_s3_proxy(shop) as world, spark_behind_s3_proxy(world, spark):
        load, began = Load(shop), time.monotonic()
        load.put(range(FILES), quantity=1)
        world.faults.begin(Fault(kinds=[Kind.SILENCE], where=SILENCES[what]))
        try:
            world.shop.ingest(spark)
        except ServiceAwayError as error:
            told = str(error)
        else:
            told = "nothing was told"
        seconds = time.monotonic() - began
        world.faults.end()
        world.shop.ingest(spark)
        load.must_be_complete()
        tell(f"silence at {what}: {world.faults.injected.total()} requests unanswered; after {seconds:.0f} s: {told}")
        return seconds < LONGEST_SILENCE_SECONDS


def is_right(rate: float, seed: int, *, spark: SparkSession, home: Path) -> bool:
    """One run at one rate."""
    with open_shop(home) as shop, behind_s3_proxy(shop, seed=seed) as world, spark_behind_s3_proxy(world, spark):
        world.faults.begin(Fault(kinds=KINDS, rate=rate))
        run, began, found = Run(world, spark), time.monotonic(), "right"
        try:
            run.go(Load(shop))
        except AssertionError as error:
            found = f"WRONG: {error}"
        seconds = time.monotonic() - began
        injected = {kind.name: count for kind, count in sorted(world.faults.injected.items())}
        tell(
            f"{rate:.0%} seed {seed}: {found}; {world.faults.requests} requests, {sum(injected.values())} failed"
            f" {injected}; {dict(run.ends)}; {seconds:.0f} s"
        )
        return found == "right"


def tell(text: str) -> None:
    """Say it at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
