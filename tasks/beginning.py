"""What every run does first: see that all it will touch is of its environment, and send all logs to Prefect too."""

import ctypes
import logging
import signal
import sys
from collections.abc import Collection

from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger

from streaming.contract.cores import leave_no_core
from streaming.contract.errors import TillstreamError
from streaming.contract.logs import FORMAT, WhereFilter
from streaming.contract.settings import EnvironmentName, read_settings
from streaming.stamps import refuse_other_stamps, require_stamps
from tasks.blocks import Role
from tasks.lateness import collapse_late_runs
from tasks.patience import patiently
from tasks.surroundings import is_run_of_worker, must_be_of_worker, name_worker, take_environment

RUN_FORMAT = FORMAT.partition("%(levelname)-7s ")[2]
"""The one format without time and level: Prefect shows these itself."""

LOGGED = ("streaming", "tasks")
RUN_LOGGERS = ("prefect.flow_runs", "prefect.task_runs")

PR_SET_PDEATHSIG = 1


class RunLogHandler(logging.Handler):
    """Hands each record to the Prefect run in which it was logged; outside a run it goes where all others go."""

    def __init__(self, environment: EnvironmentName) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(RUN_FORMAT))
        self.addFilter(WhereFilter(environment))

    def emit(self, record: logging.LogRecord) -> None:
        """Log the record once more, under the run."""
        try:
            get_run_logger().log(record.levelno, "%s", self.format(record))
        except MissingContextError:
            logging.getLogger().handle(record)


class BriefErrors(logging.Filter):
    """Leaves off the traceback of an error that is a line to its reader, unless debugging was asked for."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record stays."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, TillstreamError) and not is_debugging():
            record.exc_info = None
        return True


def begin(environment: EnvironmentName, *, secrets_of: Collection[Role] = (), stands_by: bool = False) -> None:
    """Refuse to go on unless parameter, worker, block, bucket and database all say the same environment.

    A worker's run takes its environment from the block, one from a terminal from the environment's files. From here on
    the project's logs are the run's logs.

    Args:
        environment: what the run was told.
        secrets_of: the roles whose secrets the run needs; to the migrator, bucket and database may be new.
        stands_by: whether a worker's run waits for as long as a service is away, and does not fail of it.

    Raises:
        TillstreamError: something is another environment's, or cannot be read; the message names it and the remedy.
    """
    leave_no_core()
    for name in RUN_LOGGERS:
        _replace_filter(logging.getLogger(name))
    for name in LOGGED:
        _replace_handler(logging.getLogger(name), RunLogHandler(environment))
    check = refuse_other_stamps if "migrator" in secrets_of else require_stamps
    if is_run_of_worker():
        must_be_of_worker(environment)
        patiently(name_worker, for_ever=stands_by)
        patiently(collapse_late_runs, for_ever=stands_by)
        patiently(lambda: take_environment(environment, secrets_of=secrets_of), for_ever=stands_by)
        patiently(lambda: check(read_settings(environment)), for_ever=stands_by)
    else:
        check(read_settings(environment))


def end_with_parent() -> None:
    """Let Linux send SIGTERM to this run when the worker that started it dies; without it a stream runs on.

    A run started from a terminal keeps to the terminal's own rules.
    """
    if is_run_of_worker() and sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def ask_for_debugging() -> None:
    """Show debug lines and tracebacks from now on."""
    for name in LOGGED:
        logging.getLogger(name).setLevel(logging.DEBUG)


def is_debugging() -> bool:
    """True when somebody asked for all there is to see."""
    return logging.getLogger("tasks").level == logging.DEBUG


def _replace_filter(logger: logging.Logger) -> None:
    for old in [each for each in logger.filters if isinstance(each, BriefErrors)]:
        logger.removeFilter(old)
    logger.addFilter(BriefErrors())


def _replace_handler(logger: logging.Logger, handler: RunLogHandler) -> None:
    for old in [each for each in logger.handlers if isinstance(each, RunLogHandler)]:
        logger.removeHandler(old)
    logger.addHandler(handler)
    logger.propagate = False
    if not is_debugging():
        logger.setLevel(logging.INFO)
