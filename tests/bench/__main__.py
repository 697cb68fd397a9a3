"""`python -m tests.bench`: the stream beside what others would do, in one run; figures printed and written as JSON."""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from streaming.contract.places import CHECKOUT, home
from tests.bench.huge import with_huge_file
from tests.bench.lake import for_readers
from tests.bench.measure import Cost, cost_of
from tests.bench.reference import load
from tests.bench.scale import ROWS_EACH, with_customers, with_past, with_waiting
from tests.bench.stage import YEAR, Stage, open_stage, plan
from tests.bench.stream import RunningStream, running_stream
from tests.bench.tail import sustained
from tests.bench.tills import ROWS_PER_FILE, days_of_tills, till_files

WARM_UPS, FILES = 10, 30
DECILES = 20
PASTS = (1_000, 100_000)
CUSTOMERS = (5_000, 1_000_000)
WAITING = 100_000
HUGE_GIGABYTES, HUGE_KINDS = 5, 200
DEFAULT = ("cold", "warm", "latency")
Figures = dict[str, float]

STREAM = ("streaming", "--environment", "dev")
PROGRAMS = {"stream": STREAM, "by hand": ("tests.bench.reference",)}
PEERS = {
    **PROGRAMS,
    "plain PySpark": ("tests.bench.plain_spark",),
    "dlt": ("tests.bench.dlt_peer",),
    "floor": ("tests.bench.floor",),
}
PYTHONS = {"dlt": str(CHECKOUT / ".tillstream" / "tools" / "dlt" / "bin" / "python")}
"""Of programs whose packages are not the project's; `deployments/setup/peer` makes them."""


def cold(
    stage: Stage, programs: Mapping[str, Sequence[str]], *, runs: int, say: Callable[[str], None]
) -> dict[str, Figures]:
    """500,000 rows from process start to exit, each program on an empty environment, in turn.

    A first turn is not counted: it leaves the archive of Java's classes, and all files where the system keeps them.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in programs}
    for number in range(runs + 1):
        for name, (module, *arguments) in programs.items():
            say(f"cold, {name}, run {number} of {runs}")
            stage.empty()
            stage.drop_year(seed=1, rows=YEAR)
            cost = cost_of(module, *arguments, python=PYTHONS.get(name, sys.executable))
            costs[name] += [cost] if number else []
    return {name: _cold_figures(found) for name, found in costs.items()}


def _cold_figures(costs: Sequence[Cost]) -> Figures:
    return {
        "wall seconds, min": min(cost.wall_seconds for cost in costs),
        "wall seconds, median": statistics.median(cost.wall_seconds for cost in costs),
        "CPU seconds, median": statistics.median(cost.cpu_seconds for cost in costs),
        "peak memory MB, max": max(cost.peak_memory_mb for cost in costs),
    }


def warm(stage: Stage, stream: RunningStream, *, runs: int, say: Callable[[str], None]) -> dict[str, Figures]:
    """Rows per second of batches of 500,000 rows in a running stream, after one to warm up."""
    rates: dict[str, list[float]] = {"stream": [], "by hand": []}
    for number in range(runs + 1):
        say(f"warm, year {number} of {runs}")
        files = stage.drop_year(seed=2 + number, rows=YEAR)
        batches = stream.batches_of(files)
        arrivals = list(stage.bucket.listing(f"{stage.settings.storage.prefixes.landing}year-{2 + number}/"))
        began = time.monotonic()
        rows = load(stage.settings, arrivals)
        if number:
            rates["stream"].append(sum(b.rows_read for b in batches) / sum(b.seconds for b in batches))
            rates["by hand"].append(rows / (time.monotonic() - began))
    return {name: _rate_figures(found) for name, found in rates.items()}


def _rate_figures(rates: Sequence[float]) -> Figures:
    return {"rows per second, median": round(statistics.median(rates)), "rows per second, max": round(max(rates))}


def latency(stage: Stage, stream: RunningStream, *, say: Callable[[str], None]) -> dict[str, Figures]:
    """Seconds from the PUT of a 1,000-row file to its marts' commit, one file at a time."""
    say(f"latency, {FILES} files of {ROWS_PER_FILE:,} rows")
    seconds: dict[str, list[float]] = {"stream": [], "by hand": []}
    dimensions = plan(seed=1, rows=YEAR, settings=stage.settings).dimensions()
    for number, body in enumerate(till_files(dimensions, WARM_UPS + FILES)):
        key = f"single/{number}.csv"
        began = time.monotonic()
        stage.drop(key, body)
        streamed = stream.next_batch().told_at - began
        began = time.monotonic()
        stage.bucket.put(f"reference/in/{key}", body)
        load(stage.settings, list(stage.bucket.listing(f"reference/in/{key}")))
        if number >= WARM_UPS:
            seconds["stream"].append(streamed)
            seconds["by hand"].append(time.monotonic() - began)
    return {name: _latency_figures(found) for name, found in seconds.items()}


def tail(stage: Stage, stream: RunningStream, *, per_second: int, seconds: int, say: Callable[[str], None]) -> Figures:
    """How long files wait that keep coming."""
    dimensions = plan(seed=1, rows=YEAR, settings=stage.settings).dimensions()
    return sustained(
        stage, stream, till_files(dimensions, WARM_UPS + FILES), per_second=per_second, seconds=seconds, say=say
    )


def at_scale(stage: Stage, what: Sequence[str], *, say: Callable[[str], None]) -> Iterator[tuple[str, Figures]]:
    """What grows with the past, with the customers, with the files that wait; each measurement with its name."""
    dimensions = plan(seed=1, rows=YEAR, settings=stage.settings).dimensions()
    for deliveries in PASTS if "history" in what else ():
        figures = with_past(stage, till_files(dimensions, WARM_UPS + FILES), deliveries=deliveries, say=say)
        yield f"after {deliveries:,} deliveries of {ROWS_EACH} sales", figures
    for customers in CUSTOMERS if "customers" in what else ():
        figures = with_customers(stage, till_files(dimensions, WARM_UPS + FILES), customers=customers, say=say)
        yield f"with {customers:,} customers", figures
    if "huge" in what:
        bodies = till_files(dimensions, HUGE_KINDS)
        yield f"one file of {HUGE_GIGABYTES} GB", with_huge_file(stage, bodies, gigabytes=HUGE_GIGABYTES, say=say)
    if "waiting" in what:
        yield f"{WAITING:,} files wait", with_waiting(stage, files=WAITING, say=say)


def _latency_figures(seconds: Sequence[float]) -> Figures:
    return {
        "seconds, p50": round(statistics.median(seconds), 3),
        "seconds, p95": round(statistics.quantiles(seconds, n=DECILES)[-1], 3),
    }


def main() -> int:
    """Measure what was asked for."""
    asked = _parser().parse_args()
    console = Console(highlight=False)
    found: dict[str, dict[str, Figures]] = {}
    where = home() / "bench"  # before the stage has a home of its own
    with open_stage() as stage:
        if {"cold", "peers"} & set(asked.what):
            programs = PEERS if "peers" in asked.what else PROGRAMS
            found["cold: 500,000 rows, process start to exit"] = cold(
                stage, programs, runs=asked.runs, say=console.print
            )
        if {"warm", "latency", "tail"} & set(asked.what):
            stage.empty()
            with running_stream() as stream:
                if "warm" in asked.what:
                    found["warm: batches of 500,000 rows"] = warm(stage, stream, runs=asked.runs, say=console.print)
                if "latency" in asked.what:
                    found["latency: 1,000-row file, PUT to marts"] = latency(stage, stream, say=console.print)
                for per_second in asked.rates if "tail" in asked.what else ():
                    found[f"{per_second} files of 1,000 rows a second, {asked.seconds} s"] = {
                        "stream": tail(stage, stream, per_second=per_second, seconds=asked.seconds, say=console.print)
                    }
        if "lake" in asked.what:
            stage.empty()
            days = days_of_tills(plan(seed=1, rows=YEAR, settings=stage.settings).dimensions())
            with running_stream() as stream:
                found["what readers of the lake see"] = for_readers(stage, stream, days, say=console.print)
        found |= {what: {"stream": figures} for what, figures in at_scale(stage, asked.what, say=console.print)}
    where.mkdir(parents=True, exist_ok=True)
    file = where / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    file.write_text(json.dumps(found, indent=1), encoding="utf-8")
    console.print(_table(found), f"written to {file}")
    return 0


def _table(found: dict[str, dict[str, Figures]]) -> Table:
    names = list(dict.fromkeys(name for sides in found.values() for name in sides))
    table = Table("measurement", "figure", *names, box=None)
    for what, sides in found.items():
        for figure in dict.fromkeys(figure for figures in sides.values() for figure in figures):
            table.add_row(what, figure, *(_shown(sides.get(name, {}).get(figure)) for name in names))
    return table


def _shown(figure: float | None) -> str:
    return "" if figure is None else f"{round(figure, 3):,}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--what",
        nargs="+",
        choices=(*DEFAULT, "peers", "tail", "history", "customers", "waiting", "huge", "lake"),
        default=DEFAULT,
    )
    parser.add_argument("--runs", type=int, default=3, help="of each program (default: 3)")
    parser.add_argument("--rates", nargs="+", type=int, default=[20], help="of tail: files a second (default: 20)")
    parser.add_argument("--seconds", type=int, default=600, help="of tail: how long for each rate (default: 600)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
