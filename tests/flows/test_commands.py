"""Every command that README.md and the docs show is run, here or in the test that is named for it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from streaming.contract.places import CHECKOUT
from streaming.contract.settings import read_settings
from tests.shop import drop_tables, write_prefixes

RUN_ELSEWHERE = {
    "make demo": "tests/end_to_end/test_demo.py runs the module behind it, a clean checkout the set-up before it",
    "make test": "is how this test was started",
}
SLOW = "--repair"
"""Commands that say so are left to the soak."""
PATIENCE_SECONDS = 200
TYPED = "typed in by somebody\n"


def pages() -> list[Path]:
    """What people read, README.md first."""
    others = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])
    return list(dict.fromkeys([CHECKOUT / "README.md", *others]))


def commands() -> Iterator[str]:
    """What stands behind a `$` in the pages' console blocks, each once, in order."""
    blocks = [block for page in pages() for block in page.read_text(encoding="utf-8").split("```console\n")[1:]]
    lines = [line for block in blocks for line in block.partition("```")[0].splitlines()]
    yield from dict.fromkeys(line.removeprefix("$ ") for line in lines if line.startswith("$ "))


@pytest.fixture(scope="module")
def fresh(prefect_servers: Path) -> Iterator[Path]:
    """An environment without tables and with prefixes that nobody has used: an old lake would know newer batches."""
    overlay = prefect_servers / "shop"
    write_prefixes(overlay, 0)
    drop_tables(read_settings("dev"))
    yield prefect_servers
    shutil.rmtree(overlay)


HERE = [
    pytest.param(command, marks=[pytest.mark.soak] if SLOW in command else [])
    for command in commands()
    if command not in RUN_ELSEWHERE
]


@pytest.mark.parametrize("command", HERE)
def test_a_command_of_the_docs_works(command: str, fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert fresh.is_dir()
    folder = tmp_path_factory.getbasetemp()
    variables = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    if command == "make down":
        variables["TILLSTREAM_HOME"] = str(folder / "nothing-runs-here")
    written = command.replace("spark.properties", str(folder / "spark.properties"))
    done = subprocess.run(
        ["/bin/bash", "-c", written], cwd=CHECKOUT, env=variables, input=TYPED, capture_output=True, text=True,
        timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert TYPED.strip() not in done.stdout + done.stderr


def test_commands_run_elsewhere_are_still_in_the_docs() -> None:
    assert set(commands()) >= RUN_ELSEWHERE.keys()
