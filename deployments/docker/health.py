"""Whether this container does what it is for: `python -m deployments.docker.health`, the image's HEALTHCHECK.

A worker is well when Prefect's server hears it. A container without a worker is a job: it is well while it runs.
"""

import base64
import json
import os
import sys
import tomllib
import urllib.request
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError

import psutil

ANSWER_SECONDS = 5
KEEPER = ("-m", "deployments.worker")
STARTED = ("worker", "start")
"""Words of the command lines of the one that looks after a worker, and of the worker itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A worker as Prefect knows it."""

    pool: str
    name: str


def main() -> int:
    """0 when all is well, else 1 with the reason in a line."""
    lines = list(_command_lines())
    worker = worker_of(lines)
    if worker is None:
        is_to_be = any(_has(line, KEEPER) for line in lines)
        return _told("the worker is not at work") if is_to_be else 0
    try:
        is_heard = worker.name in online(worker.pool)
    except (URLError, HTTPException, OSError, ValueError) as error:
        return _told(f"Prefect's server does not answer: {error}")
    return 0 if is_heard else _told(f"Prefect hears nothing of worker {worker.name} in pool {worker.pool}")


def worker_of(command_lines: Iterable[Sequence[str]]) -> Worker | None:
    """The worker among the command lines of this container's processes."""
    for line in command_lines:
        if _has(line, STARTED) and "--pool" in line and "--name" in line:
            return Worker(pool=line[line.index("--pool") + 1], name=line[line.index("--name") + 1])
    return None


def online(pool: str) -> set[str]:
    """The names of the pool's workers that Prefect's server hears.

    Raises:
        URLError: it does not answer, or refuses.
    """
    settings = client_settings()
    request = urllib.request.Request(  # noqa: S310  the address is the installation's own
        f"{settings['PREFECT_API_URL']}/work_pools/{pool}/workers/filter",
        data=b"{}",
        headers={"Content-Type": "application/json", **_login(settings.get("PREFECT_API_AUTH_STRING"))},
    )
    with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310  as above
        return {worker["name"] for worker in json.load(answer) if worker["status"] == "ONLINE"}


def client_settings() -> dict[str, str]:
    """What a Prefect client is told: by the profile file first, by variables above all.

    Prefect itself would know, but takes seconds of a core to be imported, at each look.
    """
    file = Path(os.environ.get("PREFECT_PROFILES_PATH") or Path(os.environ.get("PREFECT_HOME", "")) / "profiles.toml")
    profile: dict[str, str] = {}
    if file.is_file():
        said = tomllib.loads(file.read_text(encoding="utf-8"))
        profile = said["profiles"][os.environ.get("PREFECT_PROFILE") or said["active"]]
    return {"PREFECT_API_URL": "", **profile, **os.environ}


def _login(given: str | None) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(given.encode()).decode()}"} if given else {}


def _command_lines() -> Iterable[list[str]]:
    """Those of the processes of this user; in a container there is no other."""
    for process in psutil.process_iter():
        try:
            if process.uids().real == os.getuid():
                yield process.cmdline()
        except psutil.Error:
            continue


def _has(line: Sequence[str], words: Sequence[str]) -> bool:
    return any(tuple(line[at : at + len(words)]) == tuple(words) for at in range(len(line)))


def _told(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
