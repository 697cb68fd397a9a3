"""The door: `python -m streaming` loads what stores have dropped into landing."""

import argparse
import logging
import os
import signal
import sys
import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, get_args

from streaming.contract.cores import leave_no_core
from streaming.contract.deliveries import Selection
from streaming.contract.errors import TillstreamError, UsageError
from streaming.contract.faults import DRIVER_VARIABLE, FAULT_VARIABLE
from streaming.contract.logs import set_up_logging
from streaming.contract.ranges import ids_of
from streaming.contract.repairs import RepairOrder
from streaming.contract.settings import ENVIRONMENTS, Settings, Trigger, read_settings
from streaming.events import Events
from streaming.looks import last_look

if TYPE_CHECKING:
    from streaming.contract.plans import Plan

log = logging.getLogger("streaming")

UNEXPECTED = 70
PARENT_LOOK_SECONDS = 0.5
LOOKS_TOLD_SECONDS = 5.0

EPILOG = """\
standard output carries one JSON object a line, for each committed batch and at the end; the log goes to standard error.

exit codes:
  0   done: everything that waited is settled, or the stream was told to stop
  64  usage: an argument or environment that does not exist
  65  contract: a table is missing, or data is not what was agreed; a person must look
  69  service away: S3 or MySQL does not answer; the same call may succeed later
  75  busy: another writer holds this environment
  78  configuration: a setting, key, credential or program is missing or wrong
"""


class Arguments(argparse.ArgumentParser):
    """Ends with the exit code for usage, which is not argparse's own."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, and how to see the right ones."""
        self.exit(UsageError.exit_code, f"error: {message}; see `{self.prog} --help`\n")


def parser() -> argparse.ArgumentParser:
    """The arguments of the door."""
    door = Arguments(
        prog="python -m streaming",
        description="Load till sales from the S3 landing prefix into the lake and the MySQL marts.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    door.add_argument("--environment", required=True, metavar="NAME", help=f"one of {', '.join(ENVIRONMENTS)}")
    door.add_argument(
        "--trigger",
        choices=get_args(Trigger),
        default="available-now",
        help="load what is there and end (available-now, the default), or go on as files arrive (continuous)",
    )
    door.add_argument(
        "--key-pattern",
        default="*",
        metavar="PATTERN",
        help="only deliveries whose key below the landing prefix fits this shell pattern, such as 'store-03/*'",
    )
    door.add_argument("--arrived-from", type=_day, metavar="DATE", help="only files put on or after this day (UTC)")
    door.add_argument("--arrived-until", type=_day, metavar="DATE", help="only files put on or before this day (UTC)")
    door.add_argument("--deliveries", type=_ids, metavar="IDS", help="only these deliveries, such as '3-5,7'")
    door.add_argument("--plan", action="store_true", help="tell what would change, and change nothing")
    for name, what in (("redrive", "loaded again"), ("withdraw", "taken out")):
        door.add_argument(
            f"--{name}", type=_ids, default=(), metavar="IDS", help=f"with --plan: as if these were {what}"
        )
    door.add_argument("--only-named", action="store_true", help="with --plan: leave out what waits anyway")
    door.add_argument("--repair", type=Path, metavar="FILE", help="mend what the file names, in place of loading")
    door.add_argument("--chores", action="store_true", help="tidy the lake as asked for, in place of loading")
    door.add_argument("--exit-with-parent", action="store_true", help="stop when the process that started this ends")
    door.add_argument("--debug", action="store_true", help="log more, and show tracebacks")
    door.add_argument(
        "--spark-properties",
        action="store_true",
        help="print the properties that spark-submit needs (`--properties-file`), and end",
    )
    return door


def main() -> int:
    """Run the door; the exit code says what should happen next."""
    arguments = parser().parse_args()
    leave_no_core()
    set_up_logging(arguments.environment, debug=arguments.debug)
    if FAULT_VARIABLE in os.environ:
        os.environ[DRIVER_VARIABLE] = str(os.getpid())
    try:
        _run(arguments)
    except TillstreamError as error:
        return _told(error, code=error.exit_code, debug=arguments.debug)
    except Exception as error:  # noqa: BLE001  the door: what is not ours is told in one line as well
        return _told(error, code=UNEXPECTED, debug=arguments.debug)
    return 0


def _run(arguments: argparse.Namespace) -> None:
    settings = read_settings(arguments.environment)
    if arguments.spark_properties:
        _print_spark_properties(settings, arguments.trigger)
        return
    stop = _stop_on_signals()
    if arguments.exit_with_parent:
        threading.Thread(target=_watch_parent, args=(os.getppid(), stop), daemon=True).start()
    selection = Selection(
        key_pattern=arguments.key_pattern,
        arrived_from=arguments.arrived_from,
        arrived_until=arguments.arrived_until and arguments.arrived_until + timedelta(days=1, microseconds=-1),
        delivery_ids=arguments.deliveries and frozenset(arguments.deliveries),
    )
    events = Events()
    if arguments.repair:
        _mend(settings, RepairOrder.of_file(arguments.repair), events, is_plan=arguments.plan)
        return
    if arguments.plan:
        events.plan(_planned(settings, selection, arguments))
        return
    if arguments.chores:
        from streaming.chores import run_chores  # noqa: PLC0415  as below

        run_chores(settings, stop=stop)
        return
    from streaming.stream import run_stream  # noqa: PLC0415  pyspark is slow to import, a wrong argument quick to tell

    if arguments.exit_with_parent:
        threading.Thread(target=_tell_looks, args=(settings.environment, events), daemon=True).start()
    run_stream(settings, selection, trigger=arguments.trigger, stop=stop, announce=events.batch)
    events.finished()


def _mend(settings: Settings, order: RepairOrder, events: Events, *, is_plan: bool) -> None:
    from streaming.repair import plan_repair, run_repair  # noqa: PLC0415  as above
    from streaming.stream import place_to_look  # noqa: PLC0415  as above

    if is_plan:
        with place_to_look(settings) as place:
            events.plan(plan_repair(place, order))
        return
    run_repair(settings, order, announce=events.batch)
    events.finished()


def _planned(settings: Settings, selection: Selection, arguments: argparse.Namespace) -> "Plan":
    from streaming.planning import Order, plan  # noqa: PLC0415  as above
    from streaming.stream import place_to_look  # noqa: PLC0415  as above

    order = Order(
        selection=None if arguments.only_named else selection,
        redrives=arguments.redrive,
        withdrawals=arguments.withdraw,
    )
    with place_to_look(settings) as place:
        return plan(place, order)


def _print_spark_properties(settings: Settings, trigger: Trigger) -> None:
    from streaming.session import spark_properties  # noqa: PLC0415  as above

    for name, value in spark_properties(settings, trigger=trigger).items():
        sys.stdout.write(f"{name} {value}\n")


def _stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set; nothing is interrupted in the middle."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _watch_parent(parent: int, stop: threading.Event) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_LOOK_SECONDS)
    log.warning("the process that started this is gone: stopping")
    stop.set()


def _tell_looks(environment: str, events: Events) -> None:
    """Say to who supervises this that landing is still looked at; a stream that hangs anywhere does not say so."""
    before = last_look(environment)
    while True:
        time.sleep(LOOKS_TOLD_SECONDS)
        now = last_look(environment)
        if now != before:
            events.look()
        before = now


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), tzinfo=UTC)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a day: {text!r} (such as 2026-01-31)") from None


def _ids(text: str) -> tuple[int, ...]:
    try:
        return ids_of(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _told(error: Exception, *, code: int, debug: bool) -> int:
    if debug:
        log.error("failed", exc_info=error)
    sys.stderr.write(f"error: {' '.join(str(error).split()) or type(error).__name__}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
