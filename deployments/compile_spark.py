"""Put compiled modules beside the sources in pyspark's zip files.

Spark has its Python processes import pyspark from these files and not from the installed package. They hold sources
alone, and Python keeps nothing of what it compiles from a zip file: without this each process spends a second of CPU on
it, and a run starts six one after another. Needs the standard library only; does nothing where it was done before.
"""

import importlib.util
import py_compile
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile


def main() -> int:
    """Compile the zip files of the pyspark that this Python imports."""
    for file in sorted((_package("pyspark") / "python" / "lib").glob("*.zip")):
        with ZipFile(file) as archive:
            is_compiled = any(name.endswith(".pyc") for name in archive.namelist())
        if not is_compiled:
            _compile(file)
    return 0


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"error: {name} is not installed")
    return Path(spec.origin).parent


def _compile(file: Path) -> None:
    """The same file with a `.pyc` beside each `.py`, put in its place at once."""
    whole = file.with_suffix(".part")
    shutil.copy(file, whole)
    with ZipFile(whole, "a", ZIP_DEFLATED) as archive, TemporaryDirectory() as folder:
        for name in [name for name in archive.namelist() if name.endswith(".py")]:
            compiled = py_compile.compile(
                archive.extract(name, folder),
                cfile=str(Path(folder, "compiled.pyc")),
                dfile=f"{file}/{name}",
                doraise=True,
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )
            archive.write(str(compiled), f"{name}c")
    whole.replace(file)


if __name__ == "__main__":
    sys.exit(main())
