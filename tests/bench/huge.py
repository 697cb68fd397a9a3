"""One CSV of several gigabytes: how long it takes, and how much memory."""

import json
from collections.abc import Callable, Iterator
from tempfile import NamedTemporaryFile
from typing import IO

from streaming.contract.settings import read_settings
from tests.bench.measure import cost_of
from tests.bench.scale import Figures
from tests.bench.stage import Stage

GIGABYTE = 1024**3
NOTE = b"a further column that the store sends with as much as its till can say about each sale; " * 2
"""So that a row has some 250 bytes: what grows with a file is its bytes as well as its rows."""


def with_huge_file(stage: Stage, bodies: Iterator[bytes], *, gigabytes: float, say: Callable[[str], None]) -> Figures:
    """A run over one file: seconds from process start to exit, and the most memory that all its processes held."""
    stage.empty()
    limits = f"\n[limits]\nbytes_per_file = {2 * int(gigabytes * GIGABYTE)}\n"
    with (stage.overlay / "dev.toml").open("a", encoding="utf-8") as overlay:
        overlay.write(limits)
    stage.settings = read_settings("dev")
    with NamedTemporaryFile(prefix="tillstream-huge-", suffix=".csv") as file:
        rows = _fill(file, list(bodies), size=int(gigabytes * GIGABYTE))
        say(f"putting one file of {rows:,} rows")
        key = f"{stage.settings.storage.prefixes.landing}huge.csv"
        stage.bucket.client.upload_file(file.name, stage.settings.storage.bucket, key)
    say("loading it")
    cost = cost_of("streaming", "--environment", "dev")
    finished = json.loads(cost.output.splitlines()[-1])
    return {
        "rows": rows,
        "of these loaded": finished["rows_loaded"],
        "wall seconds": cost.wall_seconds,
        "CPU seconds": cost.cpu_seconds,
        "peak memory MB": cost.peak_memory_mb,
    }


def _fill(file: IO[bytes], bodies: list[bytes], *, size: int) -> int:
    """Write the rows of these files under one header, again and again, until they have the size; how many."""
    header = bodies[0].splitlines()[0]
    lines = [line for body in bodies for line in body.splitlines()[1:]]
    block = b"".join(line + b"," + NOTE + b"\n" for line in lines)
    file.write(header + b",note\n")
    times = -(-size // len(block))
    file.writelines(block for _ in range(times))
    file.flush()
    return times * len(lines)
