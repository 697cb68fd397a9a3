"""After a restore of the database: `python -m deployments.recollect --environment prod`.

The ledger is told again of what rests in archive and quarantine and arrived since the backup, and counts on where the
lake and they have come to. Lake and marts are not touched: docs/operators.md says what comes next.
"""

import argparse
import sys
from collections.abc import Sequence

from streaming.contract.errors import TillstreamError
from streaming.contract.logs import set_up_logging
from streaming.contract.settings import ENVIRONMENTS, read_settings
from tasks.reconcile.recollecting import recollect


def main(arguments: Sequence[str] | None = None) -> int:
    """Do it, or only say what would be done; errors are one line and an exit code."""
    asked = _parser().parse_args(arguments)
    set_up_logging(asked.environment)
    try:
        found = recollect(read_settings(asked.environment), dry_run=asked.dry_run)
    except TillstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    sys.stdout.write(f"{'would be entered' if asked.dry_run else 'entered'}: {found}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deployments.recollect",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--environment", choices=ENVIRONMENTS, required=True, help="whose database was restored")
    parser.add_argument("--dry-run", action="store_true", help="tell what would be entered, and change nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
