"""`python -m deployments.jars`: fetch the jars, once for all checkouts of this machine."""

import argparse
import sys

from rich.console import Console

from deployments.jars.folder import USES, have_jars
from deployments.jars.progress import shown
from streaming.contract.errors import TillstreamError


def main() -> int:
    """Have the jars; silent when there is nothing to do."""
    parser = argparse.ArgumentParser(prog="python -m deployments.jars", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=USES, default=USES, help="of which uses (default: all)")
    uses = parser.parse_args().only
    try:
        with shown(Console(highlight=False, soft_wrap=True), title="jars") as say:
            have_jars(say, uses)
    except TillstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
