"""Java classes loaded and verified once: the first whole run leaves an archive of them, and every later start maps it.

A start without it spends seconds on classes. The archive fits one Java and one set of jars, and is named by them; one
that does not fit, or is broken, is passed over by Java without a word.
"""

import hashlib
import logging
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pyspark

from streaming.contract.java import java_home
from streaming.contract.places import jars

log = logging.getLogger(__name__)

QUIET = "-Xlog:cds*=off"
WRITING_SECONDS = 90
CLAIM_SECONDS = 600
"""So long one run may take to leave the archive, before another one may try."""


class ClassArchive:
    """The archive of this installation: used where it is there, made where it is not."""

    def __init__(self) -> None:
        self.file = jars().parent / "classes" / f"{_fingerprint()}.jsa"
        self._draft = self.file.with_suffix(".draft")
        self._claim = self.file.with_suffix(".claim")
        self._is_ours = self._is_whole = False

    def options(self, *, may_be_made: bool) -> str:
        """What the JVM is told.

        Args:
            may_be_made: whether this run is one that ends by itself, and could leave an archive.
        """
        if self.file.is_file():
            return f"-XX:SharedArchiveFile={self.file} -Xshare:auto {QUIET}"
        self._is_ours = may_be_made and self._is_claimed()
        return f"-XX:ArchiveClassesAtExit={self._draft} {QUIET}" if self._is_ours else ""

    def note_batch(self) -> None:
        """The run has done what most runs do: its classes are those that others will need."""
        self._is_whole = True

    def keep(self, jvm: "subprocess.Popen[bytes]") -> None:
        """Wait for the JVM's end, at which it writes the archive, and keep it if the run was a whole one."""
        if not self._is_ours:
            return
        try:
            if self._is_whole:
                log.info("keeping the classes that were loaded, for quicker starts from now on")
                jvm.wait(timeout=WRITING_SECONDS)
                self._draft.replace(self.file)
        except (OSError, subprocess.TimeoutExpired) as error:
            log.debug("no class archive was made: %s", error)
        finally:
            self._draft.unlink(missing_ok=True)
            self._claim.unlink(missing_ok=True)

    def _is_claimed(self) -> bool:
        """Whether this run is the one to leave the archive: it costs some twenty seconds, and one is enough."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if time.time() - self._claim.stat().st_mtime > CLAIM_SECONDS:
                self._claim.unlink()
        except FileNotFoundError:
            pass
        except OSError:
            return False
        try:
            self._claim.touch(exist_ok=False)
        except OSError:
            return False
        return True


def _fingerprint() -> str:
    return hashlib.sha256("\n".join(_parts()).encode()).hexdigest()[:16]


def _parts() -> Iterator[str]:
    """Java's own description of itself, and each jar by name, size and time: what Java compares too."""
    release = java_home() / "release"
    yield release.read_text(encoding="utf-8") if release.is_file() else str(java_home())
    for folder in (jars() / "spark", Path(pyspark.__file__).parent / "jars"):
        for jar in sorted(folder.glob("*.jar")):
            stat = jar.stat()
            yield f"{jar} {stat.st_size} {stat.st_mtime_ns}"
