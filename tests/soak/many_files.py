"""`python -m tests.soak.many_files --files 100000`: tiny files waiting in landing, and what loading them costs."""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import psutil

from streaming.contract.places import CHECKOUT
from tests.bench.stage import own_servers
from tests.shop import HEADER, Shop, open_shop

COUNTING = Path(__file__).parents[1] / "processes" / "counting"
SAMPLE_SECONDS = 0.5
MEGABYTE = 1024 * 1024
DAY = date(2026, 3, 1)


@dataclass(slots=True)
class Peaks:
    """The most memory, in MB resident, that each kind of process took."""

    megabytes: dict[str, int] = field(default_factory=dict)

    def sample(self, pid: int) -> None:
        """Look at a door and all below it once."""
        seen: Counter[str] = Counter()
        for process in _family(pid):
            with suppress(psutil.Error):  # it ended meanwhile
                seen[_kind(process, door=pid)] += process.memory_info().rss
        for kind, size in seen.items():
            self.megabytes[kind] = max(self.megabytes.get(kind, 0), size // MEGABYTE)


def put_files(shop: Shop, home: Path, count: int) -> None:
    """Write files of one sale each straight into the S3 server's folder, which is quicker than HTTP."""
    storage = shop.settings.storage
    landing = home / "s3" / "dev" / storage.bucket / storage.prefixes.landing
    for number in range(count):
        folder = landing / f"store-{number % 100:02}"
        if number < 100:
            folder.mkdir(parents=True, exist_ok=True)
        _put(folder / f"{number:07}.csv", f"{HEADER},till_note\n{_sale(number)}\n".encode())


def run(shop: Shop, counts: Path) -> dict[str, object]:
    """Open the door and wait for its end, sampling; what it did and what it took."""
    started, peaks, pace = time.monotonic(), Peaks(), []
    with counted_door(counts) as door:
        threading.Thread(target=_sample_until_it_ends, args=(door, peaks), daemon=True).start()
        for line in door.stdout or ():
            event = json.loads(line)
            pace.append((event["deliveries"], event["seconds"]))
        code = door.wait()
    statuses = shop.sql("SELECT status, COUNT(*) AS deliveries FROM deliveries GROUP BY status")
    return {
        "exit code": code,
        "seconds": round(time.monotonic() - started, 1),
        "batches": len(pace) - 1,
        "seconds of first and last batches": [seconds for _, seconds in (*pace[:3], *pace[-4:-1])],
        "statuses": {str(row["status"]): row["deliveries"] for row in statuses},
        "requests": dict(Counter(counts.read_text(encoding="utf-8").split())),
        "peak resident MB": peaks.megabytes,
    }


@contextmanager
def counted_door(counts: Path) -> Iterator["subprocess.Popen[str]"]:
    """A door whose requests are counted in a file."""
    paths = os.pathsep.join((str(COUNTING), str(CHECKOUT)))
    variables: Mapping[str, str] = {**os.environ, "PYTHONPATH": paths, "TEST_COUNTS": str(counts)}
    command = [sys.executable, "-m", "streaming", "--environment", "dev"]
    with subprocess.Popen(command, cwd=CHECKOUT, env=variables, stdout=subprocess.PIPE, text=True) as door:
        yield door


def main() -> None:
    """Run it, print what it took."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.many_files", description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    files = parser.parse_args().files
    with own_servers("tillstream-soak-") as home, open_shop(home) as shop:
        put_files(shop, home, files)
        sys.stdout.write(json.dumps({"files": files, **run(shop, home / "counts")}, indent=2) + "\n")


def _put(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    os.setxattr(file, "user.user.content-md5", hashlib.md5(content, usedforsecurity=False).digest())
    os.setxattr(file, "user.user.content-type", b"text/csv")
    os.setxattr(file, "user.user.storage-tier", b"STANDARD")


def _sale(number: int) -> str:
    day = DAY + timedelta(days=number % 30)
    quantity = 1 + number % 900
    return f"{1 + number % 2},1,Rye flour,{day},{1 + number % 2},2.50,{quantity},{2.5 * quantity:.2f},{number}"


def _sample_until_it_ends(door: "subprocess.Popen[str]", peaks: Peaks) -> None:
    while door.poll() is None:
        peaks.sample(door.pid)
        time.sleep(SAMPLE_SECONDS)


def _family(pid: int) -> list[psutil.Process]:
    try:
        door = psutil.Process(pid)
        return [door, *door.children(recursive=True)]
    except psutil.Error:  # it ended meanwhile
        return []


def _kind(process: psutil.Process, *, door: int) -> str:
    if process.pid == door:
        return "door"
    if process.name() == "java":
        return "jvm"
    return "source" if "python_streaming_source_runner" in " ".join(process.cmdline()) else "workers"


if __name__ == "__main__":
    main()
