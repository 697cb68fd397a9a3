"""`python -m deployments.jars`: fetch the jars, once for all checkouts of this machine."""

import sys

from rich.console import Console

from deployments.jars.folder import have_jars
from deployments.jars.progress import shown
from streaming.contract.errors import TillstreamError


def main() -> int:
    """Have the jars; silent when there is nothing to do."""
    try:
        with shown(Console(highlight=False, soft_wrap=True), title="jars") as say:
            have_jars(say)
    except TillstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
