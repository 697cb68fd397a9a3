"""Ivy, from the jar that pyspark ships: fetches what `ivy.xml` names into a folder."""

import importlib.util
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from deployments.jars.progress import MEGABYTE, Say
from streaming.contract.errors import ConfigurationError, ServiceAwayError
from streaming.contract.java import java_home

IVY_FILE = Path(__file__).with_name("ivy.xml")
SETTINGS_FILE = Path(__file__).with_name("ivysettings.xml")
PATTERN = "[conf]/[artifact]-[revision](-[classifier]).[ext]"
TRIES = 3
LOOK_SECONDS = 0.5


def fetch(folder: Path, uses: Sequence[str], *, cache: Path, say: Say, jars: int, megabytes: int) -> None:
    """Fetch the configurations of these uses, each into its subfolder; what the cache has is not fetched again.

    Raises:
        ServiceAwayError: something could not be fetched, even after more tries.
    """
    cache.mkdir(parents=True, exist_ok=True)
    log = cache / "ivy.log"
    for _ in range(TRIES):
        with log.open("w") as output:
            ivy = subprocess.Popen(_command(folder, uses, cache), stdout=output, stderr=subprocess.STDOUT)
            while ivy.poll() is None:
                say(*_so_far(cache, jars=jars, megabytes=megabytes))
                time.sleep(LOOK_SECONDS)
        if ivy.returncode == 0:
            return
    raise ServiceAwayError(
        f"Ivy could not fetch the jars: {_complaint(log)}; is Maven Central reachable? run `make jars` again; see {log}"
    )


def _so_far(cache: Path, *, jars: int, megabytes: int) -> tuple[str, float]:
    there = len(list(cache.glob("*/*/jars/*.jar")))
    if not there and (described := len(list(cache.glob("*/*/ivy-*.xml")))):
        return f"resolving: read the descriptions of {described} modules", 0.0
    size = sum(file.stat().st_size for file in cache.rglob("*.jar*") if file.is_file()) // MEGABYTE
    return f"fetching: {there} of {jars} jars, {size} of {megabytes} MB", size / megabytes


def _command(folder: Path, uses: Sequence[str], cache: Path) -> list[str]:
    return [
        str(java_home() / "bin" / "java"),
        f"-Divy.default.ivy.user.dir={cache}",
        *("-jar", str(_ivy_jar())),
        *("-settings", str(SETTINGS_FILE), "-ivy", str(IVY_FILE), "-cache", str(cache)),
        *("-confs", *uses),
        *("-retrieve", f"{folder}/{PATTERN}"),
    ]


def _ivy_jar() -> Path:
    spec = importlib.util.find_spec("pyspark")
    places = list(spec.submodule_search_locations or ()) if spec else []
    jar = next((jar for place in places for jar in (Path(place) / "jars").glob("ivy-*.jar")), None)
    if jar is None:
        raise ConfigurationError("pyspark with its Ivy jar is not installed: run `make venv`")
    return jar


def _complaint(log: Path) -> str:
    """The first line in which Ivy says what went wrong."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    signs = ("SERVER ERROR", "UNRESOLVED", "FAILED", "ERROR", "Exception")
    return next((line for sign in signs for line in lines if sign in line), "no reason given")
