"""`python -m deployments.embedded up|status|down`."""

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from deployments.embedded import DEFAULT, Report, State, down, status, up
from deployments.embedded.prefect_server import LOGIN, PrefectServer
from deployments.embedded.prefect_worker import worker_name
from deployments.embedded.telling import told
from deployments.embedded.vault import place
from streaming.contract.errors import ServiceAwayError, TillstreamError
from streaming.contract.settings import ENVIRONMENTS

UNBOUND_WIDTH = 240
"""Of a table that goes to a file or a pipe: nothing is cut there."""
STYLES = {State.UP: "green", State.DOWN: "dim", State.CRASHED: "bold red", State.SILENT: "yellow"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked; the exit code is 0 when all servers asked for are as they should be."""
    asked = _parser().parse_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else UNBOUND_WIDTH)
    try:
        return _up(asked, console) if asked.action == "up" else _others(asked.action, console)
    except TillstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code


def _up(asked: argparse.Namespace, console: Console) -> int:
    names = asked.only or [*DEFAULT, *(worker_name(environment) for environment in asked.workers)]
    with told(console) as tell:
        reports = up(names, tell=tell)
    console.print(_table(reports))
    if PrefectServer.name in names:
        console.print(f"Prefect UI: {PrefectServer().ui}  (it asks for the one line in {place(LOGIN)})")
    return 0


def _others(action: str, console: Console) -> int:
    if action == "status":
        reports = status()
        console.print(_table(reports))
        return 0 if all(report.state is State.UP for report in reports) else ServiceAwayError.exit_code
    with told(console) as tell:
        stopped = down(tell=tell)
    console.print(f"stopped {', '.join(stopped)}" if stopped else "no server runs")
    return 0


def _table(reports: Sequence[Report]) -> Table:
    table = Table("server", "state", "pid", "address", "log", box=None, pad_edge=False)
    for report in reports:
        state = f"[{STYLES[report.state]}]{report.state}[/]"
        table.add_row(report.name, state, str(report.pid or "-"), report.address, str(report.log))
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deployments.embedded", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    start = actions.add_parser("up", help="have the servers run and answer, mend those that crashed")
    start.add_argument("--workers", nargs="*", choices=ENVIRONMENTS, default=[], help="workers beside that of dev")
    start.add_argument("--only", nargs="+", metavar="SERVER", help="only these servers, such as s3 database")
    actions.add_parser("status", help="show each server's state, pid, address and log")
    actions.add_parser("down", help="stop all of them and everything they started")
    return parser


if __name__ == "__main__":
    sys.exit(main())
