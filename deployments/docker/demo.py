"""The demo on the servers of Compose: `python -m deployments.docker.demo`, in a container beside a worker of dev."""

import argparse
import os
import sys

from rich.console import Console

from streaming.contract.errors import TillstreamError

WIDTH = 160
"""Compose puts the service's name before each line."""


def main() -> int:
    """Run it; the exit code is 0 when all of it worked."""
    parser = argparse.ArgumentParser(prog="python -m deployments.docker.demo", description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000, help="how many sales (default: 500,000)")
    parser.add_argument("--files", type=int, default=40, help="in about how many files beside the broken ones")
    asked = parser.parse_args()
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    import flows  # noqa: F401, PLC0415  settles which server is meant, before anything imports Prefect
    from deployments.demo.story import tell_story  # noqa: PLC0415  see above
    from deployments.demo.tables import show  # noqa: PLC0415  see above

    console = Console(highlight=False, width=WIDTH)
    try:
        result = tell_story(console, rows=asked.rows, files=asked.files)
    except TillstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    show(result.report, console)
    console.print(f"\n{result.outcome} The report: {result.page}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
