"""`python -m deployments.demo`: the main job from nothing to its results, on the embedded servers."""

import argparse
import os
import sys
import time
from pathlib import Path

from rich.console import Console

from deployments.embedded import up
from deployments.embedded.prefect_server import LOGIN, PrefectServer
from deployments.embedded.telling import told
from deployments.embedded.vault import place
from streaming.contract.errors import TillstreamError
from streaming.contract.places import CHECKOUT

UNBOUND_WIDTH = 200
"""Of a table that goes to a file or a pipe: nothing is cut there."""


def main() -> int:
    """Run the demo; the exit code is 0 when all of it worked."""
    asked = _parser().parse_args()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else UNBOUND_WIDTH)
    try:
        _run(console, rows=asked.rows, files=asked.files)
    except TillstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


def _run(console: Console, *, rows: int, files: int) -> None:
    began = time.monotonic()
    with told(console) as tell:
        up(tell=tell)
    # Prefect reads its settings when it is imported, and those of the embedded server are written only now
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    import flows  # noqa: F401, PLC0415  settles which server is meant, before anything imports Prefect
    from deployments.demo.story import tell_story  # noqa: PLC0415  see above
    from deployments.demo.tables import show  # noqa: PLC0415  see above

    result = tell_story(console, rows=rows, files=files)
    show(result.report, console)
    console.print(f"\n{result.outcome} All of it took {time.monotonic() - began:.0f} s.\n")
    console.print(f"Look:  {PrefectServer().ui}  (Prefect's UI; it asks for the one line in {_shown(place(LOGIN))})")
    console.print(f"       {_shown(Path(result.page))}  (the report, for a browser)")
    console.print("       make status  (the servers, their addresses and logs)")
    console.print("Again: make demo    Stop: make down")


def _shown(path: Path) -> str:
    return str(path.relative_to(CHECKOUT)) if path.is_relative_to(CHECKOUT) else str(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.demo", description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000, help="how many sales (default: 500,000)")
    parser.add_argument("--files", type=int, default=40, help="in about how many files beside the broken ones")
    return parser


if __name__ == "__main__":
    sys.exit(main())
