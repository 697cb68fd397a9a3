"""The Java that Spark and the embedded servers run on."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from streaming.contract.errors import ConfigurationError

VERSIONS = (17, 21)
SEARCHED = Path("/usr/lib/jvm")
REMEDY = "install Debian's openjdk-17-jre-headless (or -21-), or set JAVA_HOME to a Java 17 or 21"


@cache
def java_home() -> Path:
    """The home of a Java 17 or 21: $JAVA_HOME, the `java` on the path, or one below /usr/lib/jvm.

    Raises:
        ConfigurationError: there is none.
    """
    if given := os.environ.get("JAVA_HOME"):
        if _version(Path(given)) in VERSIONS:
            return Path(given)
        raise ConfigurationError(f"JAVA_HOME {given} is no Java 17 or 21: {REMEDY}")
    found = shutil.which("java")
    homes = [Path(found).resolve().parents[1]] if found else []
    homes += sorted(SEARCHED.glob("*")) if SEARCHED.is_dir() else []
    fitting = next((home for home in homes if _version(home) in VERSIONS), None)
    if fitting is None:
        raise ConfigurationError(f"no Java 17 or 21 found: {REMEDY}")
    return fitting


def _version(home: Path) -> int | None:
    """The major version of the Java at home, None where there is none."""
    java = home / "bin" / "java"
    if not java.is_file():
        return None
    shown = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    match = re.search(r'version "(\d+)', shown.stderr)
    return int(match[1]) if match else None
